"""The median head: a linear head on each frame, whose scores are then replaced by the median around the frame.

It takes out what lasts less than half of the window, and leaves longer changes where they are, which a mean would blur.
How wide the window is stands in a variable, in frames, so that one graph serves any width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphcore import console
from graphcore.config import MedianHeadConfig
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.choosing import choose
from graphcore.heads.linear import make_linear_head
from graphcore.heads.temporal import Fitting, SmoothingHead
from graphcore.layers import slim
from graphcore.layers.running_median import running_median
from graphcore.timelines.timeline import find_runs

# Part of every checkpoint's contract, with "weights" and "biases" of the linear head.
SCOPE = "head/median"
WIDTH = f"{SCOPE}/width"

# Share of a frame's own scores that is mixed in: it decides between equal medians, and where the median of every class
# is 0, three labels taking turns, say, there is nothing else to go by.
_OWN = 1e-6
_SMALLEST = 1e-30
# Each width that is tried is about this much wider than the one before it.
_GROWTH = 1.4


def make_head(config: MedianHeadConfig, num_classes: int, seed: int) -> SmoothingHead:
    """Makes the head; see `factory.get_head`."""
    frame = make_linear_head(num_classes, seed, SCOPE)

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        _, end_points = frame.build(features, is_training, step)
        scores = smooth(end_points["probabilities"], _build_width(), config.causal)
        logits = tf.math.log(tf.maximum(scores, _SMALLEST))
        return logits, {"logits": logits, "probabilities": scores}

    return SmoothingHead(
        name="median",
        num_classes=num_classes,
        scope=SCOPE,
        decayed=frame.decayed,
        build=build,
        temporal=True,
        causal=config.causal,
        frame=frame,
        fit=lambda fitting: fit(config, fitting),
    )


def smooth(scores: Any, width: Any, causal: bool) -> Any:
    """Replaces scores by their medians, brought to a sum of 1.

    Args:
        scores: float32 [frames, classes] in [0, 1], rows sum to 1.
        width: int32 scalar, frames of the window; see `running_median`.
        causal: whether the window ends at its frame.

    Returns:
        float32 [frames, classes] in [0, 1], rows sum to 1.
    """
    medians = running_median(scores, width, causal) + _OWN * scores
    return medians / tf.reduce_sum(medians, axis=1, keepdims=True)


def fit(config: MedianHeadConfig, fitting: Fitting) -> Mapping[str, np.ndarray]:
    """Gives the width: as it was asked for, or the one that makes most validation frames right.

    Without frames to choose on it is the tenth of the training segments that is the shortest which decides: a window
    as long as they are loses none of the others.
    """
    if config.width_secs is not None:
        width = _convert_width(config.width_secs, fitting.step_secs, config.causal)
    elif not fitting.validation:
        width = _find_usual_length(fitting)
        console.warn(
            f"head=median found no validation videos to choose its width on. It takes {_tell(width, fitting)}, a "
            "length that nine in ten segments of the training videos have; head.width_secs sets another."
        )
    else:
        width = _choose_width(config, fitting)
    return {WIDTH: np.array(width, np.int32)}


def plan_widths(longest: int) -> list[int]:
    """Widths worth trying on videos of up to `longest` frames: odd numbers from 1, ever further apart."""
    widths = [1]
    while widths[-1] < longest:
        widths.append(_to_odd(max(widths[-1] * _GROWTH, widths[-1] + 2)))
    return widths


def _build_width() -> Any:
    with tf1.variable_scope(SCOPE, reuse=tf1.AUTO_REUSE):
        return slim.model_variable(
            "width", shape=[], dtype=tf.int32, initializer=tf1.ones_initializer(), trainable=False
        )


def _convert_width(width_secs: float, step_secs: float, causal: bool) -> int:
    if not step_secs:
        console.warn(f"head.width_secs={width_secs:g} smooths nothing: no training video has two frames.")
        return 1
    frames = width_secs / step_secs
    width = max(1, round(frames) if causal else _to_odd(frames))
    if width == 1 and width_secs:
        console.warn(f"head.width_secs={width_secs:g} smooths nothing: frames lie {step_secs:g} s apart.")
    return width


def _to_odd(frames: float) -> int:
    return 2 * round((frames - 1) / 2) + 1


def _find_usual_length(fitting: Fitting) -> int:
    lengths = [run.stop - run.first for video in fitting.train for run in find_runs(video.labels)]
    shortest_tenth = float(np.quantile(lengths, 0.1)) if lengths else 1.0
    return max(1, 2 * int((shortest_tenth - 1) / 2) + 1)


def _choose_width(config: MedianHeadConfig, fitting: Fitting) -> int:
    widths = plan_widths(max(len(video.labels) for video in fitting.validation))
    with tf.Graph().as_default() as graph:
        scores = tf1.placeholder(tf.float32, [None, None], "scores")
        width = tf1.placeholder(tf.int32, [], "width")
        smoothed = smooth(scores, width, config.causal)
    program = Program(graph, {"scores": scores.name, "width": width.name}, {"smoothed": smoothed.name})
    try:
        run = program.make_callable(["scores", "width"], ["smoothed"])
        best, shares = choose(widths, lambda scores, width: run(scores, width)[0], fitting.validation)
    finally:
        program.close()
    if best == 1:
        console.say(
            f"No median: no smoothing helped on validation, where {shares[1]:.1%} of the frames are right without it"
        )
        return best
    console.say(
        f"Median over {_tell(best, fitting)}: {shares[best]:.1%} of the validation frames are right, {shares[1]:.1%} "
        "without it"
    )
    return best


def _tell(width: int, fitting: Fitting) -> str:
    frames = console.count_of(width, "frame")
    return f"{frames} ({width * fitting.step_secs:g} s)" if fitting.step_secs else frames
