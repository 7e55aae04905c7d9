import dataclasses

import numpy as np
import pytest

from graphcore.config import SegmentsConfig
from graphcore.evaluation.choices import fitting
from graphcore.evaluation.choices.fitting import fit_choices
from graphcore.evaluation.choices.temperature import fit_temperature
from graphcore.evaluation.predictions import Predictions
from graphcore.timelines.marks import Marks
from graphcore.timelines.segmenting import Segmenting
from graphcore.training.run import Run, read_run

NAMES = ("knot", "background")


def make_frames(videos=12):
    """Frames a second apart; a knot's score flickers for one frame within the segment and outside."""
    truth = [1] * 5 + [0] * 8 + [1] * 12
    knot = [0.1] * 5 + [0.9] * 3 + [0.2] + [0.9] * 4 + [0.1] * 9 + [0.9] + [0.1] * 2
    names = tuple(f"v{number}" for number in range(videos) for _ in truth)
    keys, nothing = tuple(map(str, range(len(names)))), ("",) * len(names)
    marks = Marks(keys, names, names, np.tile(np.arange(len(truth), dtype=np.float64), videos), nothing, nothing)
    column = np.array(knot * videos)
    return Predictions(keys, np.array(truth * videos), np.stack([column, 1 - column], axis=1), NAMES, marks=marks)


@pytest.fixture
def asked(monkeypatch):
    """Stands in for scoring; lists the splits that were scored, and knows `make_frames` of validation alone."""
    splits = []

    def score_split(run, split):
        splits.append(split)
        return {"validation": make_frames()}[split]

    monkeypatch.setattr(fitting, "score_split", score_split)
    return splits


@pytest.fixture
def run(tmp_path):
    options = {"dataset.every_secs": 1.0}
    return Run(
        tmp_path, NAMES, "mobilenet_v1", 0.25, 128, tmp_path, "digest", tmp_path, dataset_options=options,
        head_options={"name": "linear"},
    )  # fmt: skip


def test_nothing_but_validation_is_looked_at(run, asked):
    _, validation = fit_choices(run, SegmentsConfig())

    assert asked == ["validation"]
    assert validation.keys == make_frames().keys


def test_what_was_chosen_is_kept_in_the_run(run, asked):
    fitted, validation = fit_choices(run, SegmentsConfig())

    # Frames count as their videos: 12 observations, not 300.
    assert fitted.temperature == fit_temperature(validation.labels, validation.scores, observations=12)
    assert fitted.segmenting == Segmenting(0.5, 0.2, 1.5, 0.0).to_json()
    assert fitted.thresholds is None
    kept = read_run(run.folder / "run.json", run.folder)
    assert (kept.temperature, kept.segmenting) == (fitted.temperature, fitted.segmenting)


@pytest.mark.parametrize(("videos", "said"), [(1, "1 video"), (2, "2 videos"), (3, "")])
def test_choices_on_very_few_videos_are_doubted_once(videos, said, run, monkeypatch, capsys):
    monkeypatch.setattr(fitting, "score_split", lambda run, split: make_frames(videos))
    fit_choices(run, SegmentsConfig())

    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    if said:
        (warning,) = warnings
        assert warning.startswith(f"warning: Validation is {said}: the weights, temperature, smoothing and segments")
        assert "A larger split.validation, or split.folds, would choose better." in warning
    else:
        assert not any("Validation is" in warning for warning in warnings)


def test_who_has_heard_of_it_is_not_told_again(run, monkeypatch, capsys):
    monkeypatch.setattr(fitting, "score_split", lambda run, split: make_frames(1))
    fit_choices(run, SegmentsConfig(), is_told=True)

    assert "warning" not in capsys.readouterr().err


def test_photos_are_not_doubted_as_videos(run, monkeypatch, capsys):
    frames = make_frames(1)
    photos = dataclasses.replace(frames, marks=None)
    monkeypatch.setattr(fitting, "score_split", lambda run, split: photos)
    fit_choices(run, SegmentsConfig())

    assert "Validation is" not in capsys.readouterr().err


def test_what_is_asked_for_is_not_chosen(run, asked):
    fitted, _ = fit_choices(run, SegmentsConfig(enter=0.6, leave=0.6, min_secs=0.0, merge_secs=3.0))

    assert fitted.segmenting == Segmenting(0.6, 0.6, 0.0, 3.0).to_json()


def test_labels_have_their_thresholds_before_predictions_are_handed_on(run, monkeypatch, tmp_path):
    labels, scores = np.array([[1, 0], [0, 1]] * 20, np.uint8), np.array([[0.3, 0.1], [0.2, 0.9]] * 20)
    several = Predictions(tuple(map(str, range(40))), labels, scores, NAMES)
    monkeypatch.setattr(fitting, "score_split", lambda run, split: several)
    run = Run(
        tmp_path, NAMES, "mobilenet_v1", 0.25, 128, tmp_path, "digest", tmp_path, multi_label=True,
        head_options={"name": "multi_label"},
    )  # fmt: skip

    fitted, validation = fit_choices(run, SegmentsConfig())

    assert fitted.thresholds is not None
    assert 0.2 < fitted.thresholds[0] <= 0.3
    np.testing.assert_array_equal(validation.find_given(), labels > 0)
