"""The best path of labels through a video, and how much worse each frame's other labels would be.

A path has one label a frame. Its log score is that of its first label as a start, plus those of its changes from frame
to frame, plus what each frame says for its label. Viterbi's recursion finds the best of all classes^frames paths, frame
by frame; run in both directions it also gives, for each frame and label, the best path among those that pass there.

Source: Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm", IEEE
Transactions on Information Theory 13 (1967); Rabiner, "A tutorial on hidden Markov models and selected applications in
speech recognition", Proceedings of the IEEE 77 (1989), section III.B.
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1

# How much less than the label of the best path any other counts at least, in log score: where several paths are best,
# or rounding makes them so, the highest scores of all frames must still be those of one path.
MARGIN = 1e-3


def build_best_path(
    emissions: Any, start: Any, transitions: Any, causal: bool = False, scope: str = "best_path"
) -> tuple[Any, Any]:
    """Adds the recursions.

    Where paths are equally good, a label of a lower number is preferred, at the last frame first.

    Args:
        emissions: float32 [frames, classes], what each frame says for each label, in log scores.
        start: float32 [classes], log scores of a video's first label.
        transitions: float32 [classes, classes], log scores of going from the label of the row to that of the column.
        causal: whether a frame knows only of those before it. Its label is then the last one of the best path that
            ends at it, and labels of different frames need not be of one path.
        scope: name scope.

    Returns:
        path: int32 [frames], the labels.
        log_scores: float32 [frames, classes], the softmax of the best paths through each label; `path` is their
            argmax. Constants that a whole frame has in common are taken out along the way, so that hours of video
            cost no precision.
    """
    with tf1.name_scope(scope):
        reached = _build_forward(emissions, start, transitions)
        if causal:
            through, path = reached, tf.argmax(reached, axis=1, output_type=tf.int32)
        else:
            through, path = _build_backward(reached, emissions, transitions)
        return path, tf.nn.log_softmax(_raise_path(through, path))


def _build_forward(emissions: Any, start: Any, transitions: Any) -> Any:
    """float32 [frames, classes]: the best path up to each frame and label, the best of a frame at 0."""

    def advance(before: Any, emission: Any) -> Any:
        arriving, _ = before
        reached = arriving + emission
        reached -= tf.reduce_max(reached)
        return tf.reduce_max(reached[:, tf.newaxis] + transitions, axis=0), reached

    return tf.scan(advance, emissions, initializer=(start, tf.zeros_like(start)))[1]


def _build_backward(reached: Any, emissions: Any, transitions: Any) -> tuple[Any, Any]:
    """float32 [frames, classes], the best path through each frame and label; int32 [frames], the best of all."""

    def retreat(behind: Any, frame: Any) -> Any:
        leaving, into_next, _, _ = behind
        reached, emission = frame
        label = tf.argmax(reached + into_next, output_type=tf.int32)
        onward = tf.reduce_max(transitions + (emission + leaving), axis=1)
        return onward - tf.reduce_max(onward), transitions[:, label], reached + leaving, label

    nothing = tf.zeros_like(transitions[0])
    last = (nothing, nothing, nothing, tf.constant(0))
    _, _, through, path = tf.scan(retreat, (reached, emissions), initializer=last, reverse=True)
    return through, path


def _raise_path(through: Any, path: Any) -> Any:
    best = tf.reduce_max(through, axis=1, keepdims=True)
    on_path = tf.cast(tf.one_hot(path, tf.shape(through)[1]), tf.bool)
    return tf.where(on_path, best, tf.minimum(through, best - MARGIN))
