import json
from pathlib import Path

import numpy as np
import pytest

from graphcore.config import WRITTEN_FORMATS
from graphcore.errors import ConfigError, InputError
from graphcore.inference.annotating import check_target, choose_format, rehearse, to_annotated, write_segments
from graphcore.inference.outputs import Predicted
from graphcore.inference.video import VideoPrediction
from graphcore.sources.annotations.model import ReadOptions
from graphcore.sources.annotations.registry import read_annotations, recognise_format
from graphcore.sources.item import Segment
from graphcore.timelines.scored_segments import ScoredSegment

LABELS = ("background", "cut", "suture")
# Where each format that is a file, or a folder of files, is written to.
PLACES = {"elan": "folder", "ms_tcn": "folder", "via": "via.json"}


def make_video(path, *segments, duration_secs=10.0, fps=30000 / 1001):
    scored = tuple(ScoredSegment(Segment(Path(path).stem, *one), 0.5) for one in segments)
    return VideoPrediction(Path(path), (0.0,), np.zeros((1, 3)), scored, 10.0, duration_secs, fps)


@pytest.fixture
def predicted():
    videos = (
        make_video("a/one.mp4", (0.0, 2.002, "cut"), (2.002, 7.040367, "suture"), (9.009, 10.0, "cut")),
        make_video("b/7.mp4", (3.003, 4.004, "cut")),
        make_video("b/calm.mp4"),
    )
    return Predicted(LABELS, videos=videos)


@pytest.mark.parametrize("format", WRITTEN_FORMATS)
def test_every_format_is_recognised_and_says_of_each_frame_what_was_found(format, predicted, tmp_path):
    path = tmp_path / PLACES.get(format, f"{format}.json")
    rehearse(path, format, [video.path for video in predicted.videos], LABELS, several=False)
    written = write_segments(path, format, predicted)

    assert all(file.is_file() for file in written)
    assert recognise_format(path) == format
    read = read_annotations(path, "auto", ReadOptions(rate_of=lambda _: 30000 / 1001))
    assert read.faults == ()
    found = {Path(video.video).stem: video.segments for video in read.videos}
    assert set(found) == {"one", "7", "calm"}
    frames = np.arange(299) * 1001 / 30000
    for video in predicted.videos:
        expected = [name(round(time, 6), [one.segment for one in video.segments]) for time in frames]
        assert [name(round(time, 6), found[video.path.stem]) for time in frames] == expected


def name(time_secs, segments):
    return next((one.label for one in segments if one.start_secs <= time_secs < one.end_secs), "background")


def test_videos_that_a_csv_of_via_does_not_name_are_told(predicted, tmp_path, capsys):
    write_segments(tmp_path / "via.csv", "via", predicted)

    assert {video.video for video in read_annotations(tmp_path / "via.csv", "via", ReadOptions()).videos} == {
        "one.mp4",
        "7.mp4",
    }
    assert "1 videos without any are not in it, such as calm; a project holds them" in capsys.readouterr().err


def test_our_own_json_holds_the_duration(predicted, tmp_path):
    write_segments(tmp_path / "out.json", "graphcore", predicted)

    read = read_annotations(tmp_path / "out.json", "graphcore", ReadOptions())
    assert [video.duration_secs for video in read.videos] == [10.0, 10.0, 10.0]


def test_times_are_cut_to_milliseconds_so_that_first_frames_stay_inside():
    video = make_video("v.mp4", (0.0667333, 2.0, "cut"), (2.0, 2.0004, "suture"))

    assert to_annotated(video).segments == (Segment("v", 0.066, 2.0, "cut"),)


def test_a_time_of_whole_milliseconds_stays_what_it_is():
    # 4.35 * 1000 is 4350.0 less a bit.
    assert to_annotated(make_video("v.mp4", (0.0, 4.35, "cut"))).segments[0].end_secs == 4.35


def test_what_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "mine.json").write_text("corrected")

    with pytest.raises(InputError, match=r"mine\.json exists, and may hold .*not overwritten\.\nGive another path"):
        check_target(tmp_path / "mine.json", "graphcore", [Path("v.mp4")])


def test_an_empty_folder_is_no_obstacle_to_a_format_of_several_files(tmp_path):
    check_target(tmp_path, "ms_tcn", [Path("v.mp4")])
    with pytest.raises(InputError, match="exists"):
        check_target(tmp_path, "graphcore", [Path("v.mp4")])
    (tmp_path / "old.eaf").write_text("")
    with pytest.raises(InputError, match="exists"):
        check_target(tmp_path, "elan", [Path("v.mp4")])


def test_annotations_of_no_videos_are_refused(tmp_path):
    with pytest.raises(InputError, match="inputs has no video"):
        check_target(tmp_path / "new.json", "graphcore", [])


def test_two_videos_of_one_name_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a/clip\.mp4 and b/clip\.mkv have the same name(.|\n)*one after the other"):
        check_target(tmp_path / "new.json", "graphcore", [Path("a/clip.mp4"), Path("b/clip.mkv")])


@pytest.mark.parametrize(
    ("path", "format", "labels", "several", "problem"),
    [
        ("one.eaf", "elan", LABELS, False, "there are 2 videos: a document has one"),
        ("out", "ms_tcn", LABELS, True, "one label a frame"),
        ("out.json", "label_studio", ("background", " cut"), False, "outer blanks"),
    ],
)
def test_what_a_format_cannot_hold_is_found_before_any_work(path, format, labels, several, problem, tmp_path):
    with pytest.raises(InputError, match=rf"annotation_format={format} cannot hold(.|\n)*{problem}"):
        rehearse(tmp_path / path, format, [Path("a.mp4"), Path("b.mp4")], labels, several)
    assert not any(tmp_path.iterdir())


def test_what_a_format_cannot_hold_is_told_of_the_path_that_was_given(tmp_path):
    with pytest.raises(InputError) as caught:
        rehearse(tmp_path / "new.eaf", "elan", [Path("a.mp4"), Path("b.mp4")], LABELS, several=False)
    assert f"annotations. {tmp_path}/new.eaf is one document of ELAN" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "given", "format"),
    [
        ("out/new.EAF", None, "elan"),
        ("new.json", None, "graphcore"),
        ("new.csv", None, "via"),
        ("marks", None, "graphcore"),
        ("new.json", "label_studio", "label_studio"),
        ("marks", "elan", "elan"),
        ("marks.2026", "ms_tcn", "ms_tcn"),
    ],
)
def test_a_path_says_its_format_by_its_ending(path, given, format):
    assert choose_format(Path(path), given) == format


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        ("new.eaf", "graphcore", r"new\.eaf is to be graphcore .* its ending is that of elan\.\n.* ends in \.json, or"),
        ("new.json", "elan", r"that of graphcore and label_studio and via and activitynet\.\n.* ends in \.eaf"),
        ("new.csv", "ms_tcn", r"that of via\.\nGive the path of a folder"),
        ("new.xlsx", None, r"nothing that is written ends in \.xlsx\.\nChoices: graphcore"),
        ("new.xlsx", "via", r"of none that is written\.\nGive a path that ends in \.json or \.csv\."),
    ],
)
def test_an_ending_that_contradicts_the_format_is_a_mistake(path, given, told):
    with pytest.raises(ConfigError, match=told):
        choose_format(Path(path), given)


def test_label_studio_is_given_guesses_with_the_models_name_and_scores(predicted, tmp_path):
    write_segments(tmp_path / "a.json", "label_studio", predicted, "runs/7")
    (prediction,) = json.loads((tmp_path / "a.json").read_text())[0]["predictions"]
    assert prediction["model_version"] == "runs/7"
    assert [region["score"] for region in prediction["result"]] == [0.5, 0.5, 0.5]


def test_elan_is_told_where_the_video_lies(predicted, tmp_path):
    write_segments(tmp_path / "eaf", "elan", predicted)
    assert f'MEDIA_URL="{Path("a/one.mp4").absolute().as_uri()}"' in (tmp_path / "eaf" / "one.eaf").read_text()


def test_a_name_that_could_not_be_read_again_is_found_before_any_work(tmp_path):
    with pytest.raises(InputError, match=r"could not be read again as graphcore:\n  .*videoId must be"):
        rehearse(tmp_path / "out.json", "graphcore", [Path(".hidden.mp4")], LABELS, several=False)


@pytest.mark.parametrize("format", sorted(set(WRITTEN_FORMATS) - {"ms_tcn"}))
def test_overlapping_segments_are_written_by_formats_that_hold_them(format, tmp_path):
    rehearse(tmp_path / PLACES.get(format, "out.json"), format, [Path("v.mp4")], ("hand", "needle"), several=True)
