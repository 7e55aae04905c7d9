import numpy as np
import pytest

from graphcore.training.summary_curves import MOST_CLASSES, THRESHOLDS, PrecisionRecall, compute_curve


def count_by_hand(true, scores, threshold):
    called = scores >= threshold
    found, alarms = int((true & called).sum()), int((~true & called).sum())
    missed, quiet = int((true & ~called).sum()), int((~true & ~called).sum())
    precision = found / (found + alarms) if found + alarms else 0.0
    return [found, alarms, quiet, missed, precision, found / (found + missed)]


@pytest.mark.parametrize("number", [0, 1, 37, 50, 99, 100])
def test_a_curve_counts_what_each_threshold_would_find(number):
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 101, 200) / 100 + 1e-6
    true = generator.random(200) < scores
    curve = compute_curve(true, np.minimum(scores, 1.0))
    assert curve.shape == (6, THRESHOLDS)
    assert curve.dtype == np.float32
    assert curve[:, number].tolist() == pytest.approx(count_by_hand(true, scores, number / 100))


def test_a_class_without_samples_has_no_recall():
    curve = compute_curve(np.zeros(3, bool), np.array([0.1, 0.5, 1.0]))
    assert curve[5].max() == 0
    assert np.isfinite(curve).all()


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.array([[1, 1], [0, 1]], np.uint8)])
def test_every_class_and_all_together_are_written(make_moment, labels):
    moment = make_moment(5, labels, [[0.9, 0.1], [0.8, 0.2]])
    PrecisionRecall(("a", "帽\t子"), np.array([1, 1])).evaluated(moment)
    assert {tag for _, _, tag in moment.writers.tensors} == {"all_classes", "class/a", "class/帽 子"}


def test_of_many_classes_the_commonest_are_written(make_moment):
    counts = np.ones(MOST_CLASSES + 1, np.int64)
    counts[0] = 0
    scores = np.eye(MOST_CLASSES + 1)[:2]
    moment = make_moment(5, [0, 1], scores)
    PrecisionRecall([f"c{number}" for number in range(MOST_CLASSES + 1)], counts).evaluated(moment)
    tags = {tag for _, _, tag in moment.writers.tensors}
    assert "class/c0" not in tags
    assert len(tags) == MOST_CLASSES + 1


def test_an_empty_split_has_no_curves(make_moment):
    moment = make_moment(5, np.zeros(0, np.int32), np.zeros((0, 2)))
    PrecisionRecall(("a", "b"), np.zeros(2, np.int64)).evaluated(moment)
    assert moment.writers.tensors == {}


def test_the_message_is_one_that_tensorboard_reads(make_moment):
    metadata = pytest.importorskip("tensorboard.plugins.pr_curve.metadata")
    moment = make_moment(5, [0], [[0.9, 0.1]])
    PrecisionRecall(("a", "b"), np.array([1, 0])).evaluated(moment)
    values, plugin, content = moment.writers.tensors["validation", 5, "class/a"]
    assert plugin == metadata.PLUGIN_NAME
    assert metadata.parse_plugin_metadata(content).num_thresholds == values.shape[1] == THRESHOLDS
