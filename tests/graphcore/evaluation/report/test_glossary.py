import pytest

from graphcore.evaluation.report.glossary import HUNDRED, NUMBER, SHARE, find_entry, is_about_videos, is_key


@pytest.mark.parametrize(
    ("name", "title", "unit"),
    [
        ("accuracy", "accuracy", SHARE),
        ("top_5_accuracy", "top-5 accuracy", SHARE),
        ("f1@50", "F1@50", HUNDRED),
        ("segmented_f1@50", "F1@50", HUNDRED),
        ("phase_jaccard_relaxed", "phase Jaccard, relaxed", SHARE),
        ("loss_calibrated", "log-loss, calibrated", NUMBER),
    ],
)
def test_figures_are_known_by_their_names_in_metrics_json(name, title, unit):
    entry = find_entry(name)

    assert (entry.title, entry.unit) == (title, unit)
    assert entry.says


@pytest.mark.parametrize("name", ["video_accuracy_std", "causal", "videos", "something_calibrated", "map@0.65"])
def test_what_is_shown_elsewhere_or_nowhere_is_not_known(name):
    assert find_entry(name) is None


def test_a_relaxed_figure_says_by_how_much():
    assert find_entry("phase_jaccard_relaxed", 2.5).title == "phase Jaccard, relaxed by 2.5 s"
    assert is_key("phase_jaccard_relaxed")
    assert not is_key("phase_precision_relaxed")


def test_frames_and_videos_are_told_apart():
    assert is_about_videos("segmented_edit")
    assert is_about_videos("video_accuracy_relaxed")
    assert not is_about_videos("accuracy")


def test_key_figures_are_few():
    assert is_key("top_3_accuracy")
    assert is_key("f1@50")
    assert not is_key("brier")
