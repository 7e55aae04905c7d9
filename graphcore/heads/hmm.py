"""The HMM head: a linear head on each frame, then the best path of labels through a hidden Markov model.

Two numbers stand beside what is counted, both chosen on the validation videos: how much the frames' scores weigh beside
the transitions, and the temperature that makes scores of frames of the scores of paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphcore import console
from graphcore.config import HmmHeadConfig
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.choosing import choose, measure_accuracy
from graphcore.heads.hmm_model import (
    EMISSION_WEIGHT,
    SCOPE,
    START,
    TEMPERATURE,
    build_decoder,
    build_variables,
    count_model,
)
from graphcore.heads.linear import make_linear_head
from graphcore.heads.temporal import Fitting, ScoredVideo, SmoothingHead

# 1 is a plain hidden Markov model, and of two that do equally well the one nearer to it is taken. Below it the frames
# are mistrusted, as those that err alike with their neighbours should be; above 20 hardly anything is smoothed.
_WEIGHTS = (1.0, 0.7, 1.5, 0.5, 2.0, 0.3, 3.0, 0.2, 5.0, 0.1, 10.0, 0.05, 20.0, 0.02, 50.0, 0.01)
# A path through the wrong label of one frame is worse by all that its neighbours say as well: without a temperature the
# best path's scores are 1 nearly everywhere, right or wrong.
_TEMPERATURES = tuple(2.0**power for power in range(10))


def make_head(config: HmmHeadConfig, num_classes: int, seed: int) -> SmoothingHead:
    """Makes the head; see `factory.get_head`."""
    frame = make_linear_head(num_classes, seed, SCOPE)

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        _, end_points = frame.build(features, is_training, step)
        logits = build_decoder(end_points["probabilities"], build_variables(num_classes), config.causal)
        return logits, {"logits": logits, "probabilities": tf.nn.softmax(logits)}

    return SmoothingHead(
        name="hmm",
        num_classes=num_classes,
        scope=SCOPE,
        decayed=frame.decayed,
        build=build,
        temporal=True,
        causal=config.causal,
        frame=frame,
        fit=lambda fitting: fit(config, num_classes, fitting),
    )


def fit(config: HmmHeadConfig, num_classes: int, fitting: Fitting) -> Mapping[str, np.ndarray]:
    """Counts the model on the training videos, and chooses on validation what cannot be counted.

    That is how much the frames' scores weigh beside the transitions, by the share of right frames, unless it was asked
    for; and the temperature, by the mean cross-entropy. Without validation videos both are 1, as in a plain hidden
    Markov model.
    """
    model = count_model(fitting.train, num_classes, config.pseudo_count)
    weight, temperature = config.emission_weight, 1.0
    if fitting.validation:
        weight, temperature = _choose(
            model, config.causal, _WEIGHTS if weight is None else (weight,), fitting.validation
        )
    elif weight is None:
        weight = 1.0
        console.warn(
            "head=hmm found no validation videos to choose head.emission_weight on; it takes 1, as a plain hidden "
            "Markov model does."
        )
    chosen = {EMISSION_WEIGHT: weight, TEMPERATURE: temperature}
    return model | {name: np.array(value, np.float32) for name, value in chosen.items()}


def _choose(
    model: Mapping[str, np.ndarray], causal: bool, weights: Sequence[float], videos: Sequence[ScoredVideo]
) -> tuple[float, float]:
    """(emission weight, temperature)."""
    with tf.Graph().as_default() as graph:
        scores = tf1.placeholder(tf.float32, [None, len(model[START])], "scores")
        weight = tf1.placeholder(tf.float32, [], "weight")
        known = {name: tf.constant(value) for name, value in model.items()}
        decoded = build_decoder(scores, known | {EMISSION_WEIGHT: weight, TEMPERATURE: 1.0}, causal)
    program = Program(graph, {"scores": scores.name, "weight": weight.name}, {"decoded": decoded.name})
    try:
        run = program.make_callable(["scores", "weight"], ["decoded"])
        best, shares = choose(weights, lambda scores, weight: run(scores, weight)[0], videos)
        temperature = choose_temperature([run(video.scores, best)[0] for video in videos], videos)
    finally:
        program.close()
    before = measure_accuracy(lambda scores: scores, videos)
    console.say(
        f"Best path at head.emission_weight={best:g}: {shares[best]:.1%} of the validation frames are right, "
        f"{before:.1%} without it"
    )
    return best, temperature


def choose_temperature(log_scores: Sequence[np.ndarray], videos: Sequence[ScoredVideo]) -> float:
    """The temperature, a power of two, at which the labels of videos have the least mean cross-entropy.

    Args:
        log_scores: float32 [frames, classes], of each video.
        videos: for their labels.
    """
    logits = np.concatenate(log_scores).astype(np.float64)
    labels = np.concatenate([video.labels for video in videos])
    of_label = logits[np.arange(len(labels)), labels]
    losses = {each: _sum_exponentials(logits / each).mean() - of_label.mean() / each for each in _TEMPERATURES}
    return min(losses, key=losses.__getitem__)


def _sum_exponentials(logits: np.ndarray) -> np.ndarray:
    """The logarithm of the sum over the last axis."""
    highest = logits.max(axis=-1)
    return highest + np.log(np.exp(logits - highest[..., np.newaxis]).sum(axis=-1))
