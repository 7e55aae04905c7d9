import numpy as np
import pytest

from graphcore.comparison.tallies import make_heap, tally_classes, tally_labels, tally_mean, tally_ranks, tally_videos
from graphcore.evaluation.intervals.draws import plan_draws
from graphcore.evaluation.intervals.groups import plan_groups

VIDEOS = ["a", "a", "b", "b", "b"]
LABELS = [0, 1, 1, 1, 0]


@pytest.fixture
def pair(make_run):
    return make_run(LABELS, [0, 1, 0, 0, 0], VIDEOS), make_run(LABELS, [1, 1, 1, 1, 1], VIDEOS)


@pytest.fixture
def heap(pair):
    return make_heap(pair, plan_draws(plan_groups(pair[0].marks, pair[0].keys), 10))


def test_every_run_has_blocks_of_its_own(heap):
    assert heap.draws.num_blocks == 4
    assert heap.draws.blocks.tolist() == [0, 0, 1, 1, 1, 2, 2, 3, 3, 3]
    assert heap.labels.tolist() == LABELS * 2


def test_a_row_of_weights_says_how_often_each_block_counts(heap):
    right = heap.scores.argmax(axis=1) == heap.labels  # 2 of 2, 1 of 3; 1 of 2, 2 of 3
    weights = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0], [2, 0, 0, 1], [0, 0, 0, 0]], float)
    found = tally_mean(right, heap)(weights)
    assert found[:4].tolist() == pytest.approx([3 / 5, 3 / 5, 2 / 5, 6 / 7])
    assert np.isnan(found[4])


def test_counts_of_classes_add_up_over_blocks(heap):
    # The first run's video a: both right. Its video b: class 1 twice, called 0; class 0 right.
    found = tally_classes("balanced_accuracy", heap)(np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]]))
    assert found.tolist() == [1.0, 0.5]


def test_counts_of_labels_add_up_over_blocks(make_label_run):
    run = make_label_run([[1, 0], [1, 1], [0, 1]], [[0.9, 0.8], [0.7, 0.1], [0.2, 0.6]], ["a", "a", "b"], ("x", "y"))
    heap = make_heap([run], plan_draws(plan_groups(run.marks, run.keys), 10))
    # Video a: 3 labels, 3 given, 2 rightly. Video b: 1, 1 and 1.
    assert tally_labels("f1_micro", heap)(np.eye(2)).tolist() == pytest.approx([4 / 6, 1.0])
    assert heap.labels.dtype == bool


def test_ranks_are_over_the_samples_that_count(make_label_run):
    run = make_label_run([[1], [0], [1]], [[0.9], [0.8], [0.7]], ["a", "b", "c"], ("x",))
    heap = make_heap([run], plan_draws(plan_groups(run.marks, run.keys), 10))
    found = tally_ranks("mean_average_precision", heap)
    assert found is not None
    assert found(np.array([[1.0, 1, 1], [1, 0, 1]])).tolist() == pytest.approx([(1 + 2 / 3) / 2, 1.0])


def test_videos_are_judged_as_wholes(heap):
    found = tally_videos(lambda video: (video.accuracy, 1.0), heap)
    assert found(np.eye(4)).tolist() == pytest.approx([1, 1 / 3, 1 / 2, 2 / 3])
    assert found(np.array([[1.0, 1, 0, 0]])).tolist() == pytest.approx([2 / 3])
