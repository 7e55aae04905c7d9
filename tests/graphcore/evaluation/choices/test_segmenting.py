import dataclasses

import numpy as np
import pytest

from graphcore.config import SegmentsConfig
from graphcore.evaluation.choices import segmenting
from graphcore.evaluation.choices.segmenting import TriedVideo, describe, fit_segmenting, pool_f1
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.videos.overlap_f1 import SegmentCounts
from graphcore.timelines.marks import Marks
from graphcore.timelines.segmenting import Segmenting
from graphcore.timelines.timeline import Timeline
from graphcore.training.run import Run

NAMES = ("knot", "background")
NOTHING = Segmenting().to_json()


@pytest.fixture
def run(tmp_path):
    options = {"dataset.every_secs": 1.0}
    return Run(tmp_path, NAMES, "mobilenet_v1", 0.25, 128, tmp_path, "digest", tmp_path, dataset_options=options)


def make_predictions(*videos):
    """Each video is (truth, scores of "knot"), a frame a second; truth as text, "k" and "-"."""
    truth = [letter for text, _ in videos for letter in text]
    knot = np.array([score for _, scores in videos for score in scores])
    counts = [len(text) for text, _ in videos]
    videos_of = [f"v{n}" for n, count in enumerate(counts) for _ in range(count)]
    marks = Marks(
        keys=tuple(map(str, range(len(truth)))),
        filenames=tuple(videos_of),
        videos=tuple(videos_of),
        times_secs=np.concatenate([np.arange(count, dtype=np.float64) for count in counts]),
        groups=("",) * len(truth),
        subjects=("",) * len(truth),
    )
    labels = np.array([0 if letter == "k" else 1 for letter in truth])
    return Predictions(marks.keys, labels, np.stack([knot, 1 - knot], axis=1), NAMES, marks=marks)


def noisy(count=6):
    """Videos whose scores flicker for one frame within their segments and outside them."""
    truth = "-----kkkkkkkk" + "-" * 12
    scores = [0.1] * 5 + [0.9] * 3 + [0.2] + [0.9] * 4 + [0.1] * 9 + [0.9] + [0.1] * 2
    return make_predictions(*[(truth, scores)] * count)


def test_what_makes_the_validation_segments_right_is_chosen_and_kept(run, capsys):
    fitted = fit_segmenting(run, noisy(12), SegmentsConfig())

    found = Segmenting.from_json(fitted.segmenting)
    assert found.bounds == (0.5, 0.2)  # what falls to 0.2 goes on
    assert (found.min_secs, found.merge_secs) == (1.5, 0)  # single frames, between one step and two
    told = capsys.readouterr().err
    assert "on validation is 100.0, 50.0 without that" in told  # of 3 that are found 1 is right: 2 / (2 + 2)
    assert "warning" not in told
    assert not (run.folder / "run.json").exists()


def test_a_run_that_needs_nothing_chooses_nothing(run, capsys):
    perfect = make_predictions(*[("--kkkk--", [0.1] * 2 + [0.9] * 4 + [0.1] * 2)] * 12)

    assert fit_segmenting(run, perfect, SegmentsConfig()).segmenting == NOTHING
    assert "the label that scores highest. The mean of F1@10, 25 and 50 on validation is 100.0." in (
        capsys.readouterr().err
    )


def test_of_very_many_frames_some_videos_are_looked_at(run, monkeypatch):
    # The flicker is in every other video, which alone are looked at, or not.
    clean = ("--kkkkkk" + "-" * 17, [0.1] * 2 + [0.9] * 6 + [0.1] * 17)
    (flicker,) = [("-" * 25, [0.1] * 20 + [0.9] + [0.1] * 4)]
    mixed = make_predictions(clean, flicker, clean, flicker)
    monkeypatch.setattr(segmenting, "MOST_FRAMES", 60)

    assert fit_segmenting(run, mixed, SegmentsConfig()).segmenting == NOTHING

    monkeypatch.undo()
    assert fit_segmenting(run, mixed, SegmentsConfig()).segmenting["min_secs"] == 1.5


def test_what_is_asked_for_stands(run):
    fitted = fit_segmenting(run, noisy(), SegmentsConfig(enter=0.6, leave=0.3, min_secs=0, merge_secs=0))

    assert fitted.segmenting == {"enter": 0.6, "leave": 0.3, "min_secs": 0, "merge_secs": 0}


def test_a_choice_that_rests_on_few_segments_is_doubted(run, capsys):
    fit_segmenting(run, noisy(2), SegmentsConfig())

    assert "warning: Validation has 2 segments, fewer than 10" in capsys.readouterr().err


def test_one_segment_is_one(run, capsys):
    flicker = [("-" * 6 + "k" * 8 + "-" * 6, [0.1] * 6 + [0.9] * 4 + [0.2] + [0.9] * 3 + [0.1] * 3 + [0.9] + [0.1] * 2)]
    fit_segmenting(run, make_predictions(*flicker), SegmentsConfig())

    assert "Validation has 1 segment, fewer than 10" in capsys.readouterr().err


def test_what_was_doubted_already_is_not_doubted_again(run, capsys):
    fit_segmenting(run, noisy(2), SegmentsConfig(), is_doubted=True)

    assert "warning" not in capsys.readouterr().err


def test_where_nothing_is_chosen_nothing_is_doubted(run, capsys):
    fit_segmenting(run, noisy(2), SegmentsConfig(enter=0.6, leave=0.3, min_secs=0, merge_secs=0))

    assert "warning" not in capsys.readouterr().err


def test_pictures_have_no_segments(run):
    photos = dataclasses.replace(noisy(), marks=None)
    run = dataclasses.replace(run, dataset_options={})

    assert fit_segmenting(run, photos, SegmentsConfig()).segmenting == {}


def test_frames_of_several_labels_keep_what_is_asked_for(run):
    frames = noisy(2)
    several = dataclasses.replace(frames, labels=np.zeros((len(frames.keys), 2), np.uint8))

    assert fit_segmenting(run, several, SegmentsConfig()).segmenting == {}
    assert fit_segmenting(run, several, SegmentsConfig(min_secs=3)).segmenting == {**NOTHING, "min_secs": 3}


def test_without_validation_frames_nothing_is_chosen_and_that_is_said(run, capsys):
    empty = Predictions((), np.zeros(0, np.int64), np.zeros((0, 2)), NAMES)

    assert fit_segmenting(run, empty, SegmentsConfig(merge_secs=2)).segmenting == {**NOTHING, "merge_secs": 2}
    assert "warning: The validation split has no frames" in capsys.readouterr().err


def test_a_video_is_judged_by_its_segments():
    scores = np.array([0.1, 0.9, 0.1, 0.9, 0.9, 0.9])
    labels = np.array([1, 0, 0, 0, 0, 1])
    timeline = Timeline("v", np.arange(6.0), labels, np.stack([scores, 1 - scores], axis=1), labels, 1.0)
    video = TriedVideo(timeline, outside=1)

    assert video.true_secs.tolist() == [4]
    # 1-2 and 3-6 against 1-5: overlaps of 1/4 and 2/5; the second is right at 0.25 and the first is one too many.
    assert video.judge(Segmenting()).counts == (SegmentCounts(1, 1, 0), SegmentCounts(1, 1, 0), SegmentCounts(0, 2, 1))
    # Joined they are 1-6: 4/5.
    assert video.judge(Segmenting(merge_secs=1.5)).counts == (SegmentCounts(1, 0, 0),) * 3
    assert video.judge(Segmenting(enter=0.95)).counts == (SegmentCounts(0, 0, 1),) * 3
    # Right are the first frame, the second and the two before the last; a gap closed is one more.
    assert video.judge(Segmenting()).right_frames == 4
    assert video.judge(Segmenting(merge_secs=1.5)).right_frames == 5


def test_f1_is_pooled_over_videos_and_then_averaged_over_overlaps():
    one = (SegmentCounts(1, 0, 0), SegmentCounts(1, 0, 0), SegmentCounts(0, 1, 1))
    two = (SegmentCounts(0, 1, 1), SegmentCounts(0, 1, 1), SegmentCounts(0, 1, 1))

    assert pool_f1([one, two]) == pytest.approx((50 + 50 + 0) / 3)
    assert pool_f1([(SegmentCounts(),) * 3]) == 100


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Segmenting(), "the label that scores highest"),
        (Segmenting(enter=0.7), "from a score of 0.7 on"),
        (Segmenting(0.8, 0.3, 1.5, 3), "from a score of 0.8 to one below 0.3, none under 1.5 s, gaps under 3 s closed"),
    ],
)
def test_settings_are_told_in_words(settings, expected):
    assert describe(settings) == expected
