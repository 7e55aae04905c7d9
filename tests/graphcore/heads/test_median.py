import re

import numpy as np
import pytest

from graphcore.config import MedianHeadConfig
from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.heads.median import WIDTH, plan_widths, smooth
from graphcore.heads.temporal import Fitting, ScoredVideo
from graphcore.heads.trained import TrainedHead


def make(causal=False, width_secs=None, classes=2):
    return get_head(MedianHeadConfig("median", causal=causal, width_secs=width_secs), classes)


def label_video(labels, flips=()):
    """A video of two classes whose frames are judged rightly but for `flips`."""
    labels = np.array(labels)
    called = labels.copy()
    called[list(flips)] = 1 - called[list(flips)]
    return ScoredVideo(np.eye(2, dtype=np.float32)[called] * 0.8 + 0.1, labels)


def trained(width, causal=False):
    """Features are the log scores themselves."""
    values = {
        "head/median/weights": np.eye(2, dtype=np.float32),
        "head/median/biases": np.zeros(2, np.float32),
        WIDTH: np.array(width, np.int32),
    }
    return TrainedHead(make(causal), values)


def test_scores_of_a_video_are_medians_of_the_frames_scores():
    first = np.array([0.9, 0.8, 0.1, 0.7, 0.6])
    features = np.log(np.stack([first, 1 - first], axis=1)).astype(np.float32)
    np.testing.assert_allclose(trained(3).scores(features)[:, 0], [0.85, 0.8, 0.7, 0.6, 0.65], atol=1e-5)
    np.testing.assert_allclose(trained(3, causal=True).scores(features)[:, 0], [0.9, 0.85, 0.8, 0.7, 0.6], atol=1e-5)
    np.testing.assert_allclose(trained(1).scores(features)[:, 0], first, atol=1e-5)


def test_a_frozen_head_is_plain_computation():
    graph_def = trained(3).freeze(2).graph.as_graph_def()
    require_allowed_ops(graph_def, "graph.pb")
    assert not {node.op for node in graph_def.node} & {"VarHandleOp", "VariableV2"}


def test_where_labels_take_turns_a_frames_own_scores_are_left():
    with tf.Graph().as_default(), tf1.Session() as session:
        scores = session.run(smooth(tf.eye(3), 3, False))
    # Over all three frames the median of every class is 0; at both ends it is one half of two classes.
    np.testing.assert_allclose(scores, [[0.5, 0.5, 0], [0, 1, 0], [0, 0.5, 0.5]], atol=1e-5)
    assert scores.argmax(1).tolist() == [0, 1, 2]


def test_a_score_of_nothing_has_a_finite_logit():
    features = np.array([[1000, 0]], np.float32)
    with tf.Graph().as_default(), tf1.Session() as session:
        logits, _ = make().build(tf.constant(features))
        session.run([variable.initializer for variable in tf1.global_variables()])
        assert np.isfinite(session.run(logits)).all()


@pytest.mark.parametrize(
    ("width_secs", "causal", "width"),
    [(1.5, False, 3), (1.4, False, 3), (2.6, False, 5), (2.0, True, 4), (0.6, True, 1), (0, False, 1)],
)
def test_a_width_in_seconds_becomes_frames_an_odd_number_where_they_lie_around(width_secs, causal, width):
    fitted = make(causal, width_secs).fit(Fitting([], [], step_secs=0.5))
    assert {name: (value.dtype.name, value.tolist()) for name, value in fitted.items()} == {WIDTH: ("int32", width)}


@pytest.mark.parametrize(
    ("width_secs", "step_secs", "message"),
    [(2.0, 0.0, r"width_secs=2 smooths nothing: no training video has two"), (0.3, 0.5, r"=0\.3 .* lie 0\.5 s apart")],
)
def test_a_width_that_smooths_nothing_is_told(capsys, width_secs, step_secs, message):
    assert make(width_secs=width_secs).fit(Fitting([], [], step_secs))[WIDTH] == 1
    assert re.search(message, capsys.readouterr().err)


def test_the_width_is_chosen_on_validation(capsys):
    # Blips of two frames want a window of five; seven would do as well and is wider.
    video = label_video([0] * 12 + [1] * 12, flips=[5, 6, 18, 19])
    assert make().fit(Fitting([], [video], 0.5))[WIDTH] == 5
    assert "Median over 5 frames (2.5 s): 100.0% of the validation frames are right, 83.3%" in capsys.readouterr().err


def test_where_smoothing_does_harm_there_is_none_and_it_is_told(capsys):
    assert make().fit(Fitting([], [label_video([0, 1] * 10)], 0.5))[WIDTH] == 1
    assert (
        "No median: no smoothing helped on validation, where 100.0% of the frames are right without it"
        in capsys.readouterr().err
    )


def test_a_causal_head_is_chosen_for_as_it_works():
    # Around a frame, a window of three mends the blip. From behind it sees each change a frame late as well.
    video = label_video(([0] * 6 + [1] * 6) * 2, flips=[2])
    assert make(causal=True).fit(Fitting([], [video], 0.5))[WIDTH] == 1
    assert make().fit(Fitting([], [video], 0.5))[WIDTH] == 3


def test_without_validation_training_segments_decide_and_it_is_told(capsys):
    train = [label_video([0] * 3 + [1] * 6 + [0] * 7 + [1] * 8), label_video([1] * 9)]
    # Lengths 3, 6, 7, 8, 9: a tenth of the way from the shortest, at 0.4 of the way from 3 to 6, is 4.2.
    assert make().fit(Fitting(train, [], 0.5))[WIDTH] == 3
    assert "no validation videos to choose its width on. It takes 3 frames (1.5 s)" in capsys.readouterr().err


def test_widths_to_try_are_odd_and_reach_the_longest_video():
    assert plan_widths(1) == [1]
    assert plan_widths(10) == [1, 3, 5, 7, 9, 13]
    widths = plan_widths(30_000)
    assert len(widths) < 30
    assert all(width % 2 for width in widths)
    assert widths == sorted(set(widths))
