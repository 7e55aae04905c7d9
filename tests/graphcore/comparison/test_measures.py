import numpy as np
import pytest

from graphcore.comparison.measures import choose_measure, find_right, list_measures
from graphcore.comparison.tallies import make_heap
from graphcore.errors import ConfigError
from graphcore.evaluation.intervals.draws import plan_draws
from graphcore.evaluation.intervals.groups import plan_groups
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.timelines import make_timelines
from graphcore.evaluation.videos.figures import compute_video_metrics

LABELS = [0, 0, 1, 1, 2, 2, 0, 1, 1, 2, 0, 0]
CALLED = [0, 1, 1, 1, 2, 0, 0, 1, 2, 2, 0, 1]
VIDEOS = ["a"] * 6 + ["b"] * 6


def tally_all(name, runs, measures):
    draws = plan_draws(plan_groups(runs[0].marks, runs[0].keys), 10)
    tally = measures[name].prepare(make_heap(runs, draws))
    return tally(np.ones((1, draws.num_blocks)))[0]


@pytest.mark.parametrize("name", list_measures(multi_label=False, of_videos=True))
def test_a_tally_of_everything_is_the_figure_that_evaluation_gives(make_run, name):
    run = make_run(LABELS, CALLED, VIDEOS)
    videos = compute_video_metrics(make_timelines(run), run.class_names, causal=True)
    expected = compute_metrics("test", run.labels, run.scores, run.class_names, videos=videos).values[name]
    found = tally_all(name, [run], list_measures(multi_label=False, of_videos=True))
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", list_measures(multi_label=True, of_videos=False))
def test_the_same_of_several_labels(make_label_run, name):
    random = np.random.default_rng(0)
    run = make_label_run(random.integers(0, 2, (12, 3)), random.random((12, 3)), VIDEOS)
    expected = compute_metrics("test", run.labels, run.scores, run.class_names).values[name]
    found = tally_all(name, [run], list_measures(multi_label=True, of_videos=False))
    assert found == pytest.approx(expected, abs=1e-9)


def test_what_there_is_hangs_on_the_samples():
    photos, frames = (list_measures(multi_label=False, of_videos=of_videos) for of_videos in (False, True))
    assert "f1@50" in frames
    assert "f1@50" not in photos
    assert next(iter(photos)) == "accuracy"
    assert next(iter(list_measures(multi_label=True, of_videos=True))) == "mean_average_precision"


def test_only_costs_are_better_when_they_are_lower():
    measures = list_measures(multi_label=False, of_videos=True)
    assert {name for name, measure in measures.items() if measure.lower_is_better} == {"loss", "brier"}


def test_a_metric_that_is_not_known_lists_those_that_are():
    with pytest.raises(ConfigError, match=r"metric=f1 is no figure .*\nChoices: accuracy, balanced_accuracy, macro_f1"):
        choose_measure("f1", list_measures(multi_label=False, of_videos=False))


def test_without_a_metric_the_headline_is_taken():
    measures = list_measures(multi_label=False, of_videos=False)
    assert choose_measure(None, measures).name == "accuracy"
    assert choose_measure("loss", measures).name == "loss"


def test_of_several_labels_a_sample_is_right_when_all_are():
    labels, given = np.array([[1, 0], [1, 1], [0, 0]]), np.array([[True, False], [True, False], [False, False]])
    assert find_right(labels, given * 1.0, given).tolist() == [True, False, True]
