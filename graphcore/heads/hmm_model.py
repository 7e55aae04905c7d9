"""A hidden Markov model of the labels of a video: what is counted, and the graph that decodes by it.

A label is a state. How likely a video begins with it, and how likely it is followed by another, is counted on the
training videos; how well a frame suits it is a network's score, divided by how common the label is anyway.

Source: Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings of
the IEEE 77 (1989); Bourlard and Morgan, "Connectionist Speech Recognition" (1994), chapter 7 (scores of a network,
divided by priors, as emissions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.temporal import ScoredVideo
from graphcore.layers import slim
from graphcore.layers.best_path import build_best_path

# Part of every checkpoint's contract, with "weights" and "biases" of the linear head.
SCOPE = "head/hmm"
# log probabilities: [classes] of a video's first label, [classes, classes] from label (row) to label (column), and
# [classes] of a label at any time.
START = f"{SCOPE}/log_start"
TRANSITIONS = f"{SCOPE}/log_transitions"
PRIOR = f"{SCOPE}/log_prior"
EMISSION_WEIGHT = f"{SCOPE}/emission_weight"
# What log scores of paths are divided by to make scores of frames.
TEMPERATURE = f"{SCOPE}/temperature"

_SMALLEST = 1e-30


def count_model(videos: Sequence[ScoredVideo], num_classes: int, pseudo_count: float) -> dict[str, np.ndarray]:
    """Counts first labels and changes of label from frame to frame.

    The prior of a label is the mean of its score over all training frames, not its share of them: classes may have
    been weighed, or drawn evenly, when the scores were learnt. It is at least that of a single frame.

    Args:
        videos: of the training split.
        num_classes: how many labels there are.
        pseudo_count: what each count begins with.

    Returns:
        `START`, `TRANSITIONS` and `PRIOR`, float32 logs of probabilities that sum to 1 (the transitions in each row).
    """
    start = np.full(num_classes, pseudo_count)
    transitions = np.full((num_classes, num_classes), pseudo_count)
    total = np.zeros(num_classes)
    for video in videos:
        np.add.at(start, video.labels[:1], 1)
        np.add.at(transitions, (video.labels[:-1], video.labels[1:]), 1)
        total += video.scores.sum(axis=0, dtype=np.float64)
    return {START: _to_logs(start), TRANSITIONS: _to_logs(transitions), PRIOR: _to_logs(np.maximum(total, 1))}


def _to_logs(counts: np.ndarray) -> np.ndarray:
    return np.log(counts / counts.sum(axis=-1, keepdims=True)).astype(np.float32)


def build_variables(num_classes: int) -> dict[str, Any]:
    """Adds the model's variables, or finds them: float32 tensors by name."""
    shapes = {START: [num_classes], TRANSITIONS: [num_classes] * 2, PRIOR: [num_classes]}
    shapes |= {EMISSION_WEIGHT: [], TEMPERATURE: []}
    with tf1.variable_scope(SCOPE, reuse=tf1.AUTO_REUSE):
        return {
            name: slim.model_variable(
                name.removeprefix(f"{SCOPE}/"), shape=shape, initializer=tf1.ones_initializer(), trainable=False
            )
            for name, shape in shapes.items()
        }


def build_decoder(scores: Any, model: Mapping[str, Any], causal: bool) -> Any:
    """Adds the decoder.

    Args:
        scores: float32 [frames, classes] in [0, 1], of the frames.
        model: `START`, `TRANSITIONS`, `PRIOR`, `EMISSION_WEIGHT` and `TEMPERATURE`, float32.
        causal: see `build_best_path`.

    Returns:
        float32 [frames, classes], log scores; their argmax is the path.
    """
    emissions = model[EMISSION_WEIGHT] * (tf.math.log(tf.maximum(scores, _SMALLEST)) - model[PRIOR])
    _, log_scores = build_best_path(emissions, model[START], model[TRANSITIONS], causal)
    return tf.nn.log_softmax(log_scores / model[TEMPERATURE])
