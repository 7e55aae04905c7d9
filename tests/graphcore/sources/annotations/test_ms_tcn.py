from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations import ms_tcn
from graphcore.sources.annotations.model import Head, ReadOptions

CUP = ["background"] * 3 + ["take_cup"] * 4 + ["pour"] * 2 + ["background"]


@pytest.fixture
def store(tmp_path):
    """Writes a folder like the released one: files by name, lists of lines."""

    def write(files):
        for name, lines in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines))
        return tmp_path

    return write


MAPPING = {"mapping.txt": ["0 background", "1 take_cup", "2 pour"]}


def test_runs_of_frames_are_segments_and_background_is_none(store, spans):
    folder = store({"groundTruth/rgb-01-1.txt": CUP, **MAPPING})
    annotations = ms_tcn.read(folder, ReadOptions(fps=10.0))
    assert annotations.faults == ()
    (video,) = annotations.videos
    assert (video.video, video.duration_secs, video.fps, video.split) == ("rgb-01-1", 1.0, 10.0, "")
    assert spans(video) == [(0.3, 0.7, "take_cup"), (0.7, 0.9, "pour")]


def test_frames_are_counted_at_the_videos_own_rate_unless_told(store, at_25_fps):
    folder = store({"groundTruth/v.txt": CUP})
    assert ms_tcn.read(folder, at_25_fps).videos[0].segments[0].start_secs == 0.12
    told = ReadOptions(fps=15.0, rate_of=at_25_fps.rate_of)
    assert ms_tcn.read(folder, told).videos[0].segments[0].start_secs == 0.2


def test_videos_without_a_rate_are_one_fault(store, options, texts):
    folder = store({"groundTruth/v.txt": CUP, "groundTruth/w.txt": CUP})
    (fault,) = texts(ms_tcn.read(folder, options))
    assert fault.startswith("video v and 1 more: times are frame numbers")


def test_the_lists_of_one_split_give_the_split(store, at_25_fps, texts):
    folder = store(
        {
            **{f"groundTruth/{name}.txt": CUP for name in ("a.b", "c", "d", "e")},
            "splits/train.split1.bundle": ["a.b.txt"],
            "splits/test.split1.bundle": ["./groundTruth/c.txt", ""],
            "splits/val.split1.bundle": ["d.txt"],
            "splits/notes.txt": ["e.txt"],
        }
    )
    annotations = ms_tcn.read(folder, at_25_fps)
    assert texts(annotations) == []
    assert {video.video: video.split for video in annotations.videos} == {
        "a.b": "train",
        "c": "test",
        "d": "validation",
        "e": "",
    }


def test_the_lists_of_several_splits_give_none(store, at_25_fps):
    folder = store(
        {"groundTruth/a.txt": CUP, "splits/train.split1.bundle": ["a.txt"], "splits/test.split2.bundle": ["a.txt"]}
    )
    annotations = ms_tcn.read(folder, at_25_fps)
    assert annotations.faults == ()
    assert annotations.videos[0].split == ""


def test_lists_that_contradict_the_folder_or_each_other_are_faults(store, at_25_fps, texts):
    folder = store(
        {
            "groundTruth/a.txt": CUP,
            "splits/train.split1.bundle": ["a.txt", "b.txt"],
            "splits/test.split1.bundle": ["a.txt"],
        }
    )
    assert sorted(texts(ms_tcn.read(folder, at_25_fps))) == [
        "video a: listed for test and for train in splits",
        "video b: splits/train.split1.bundle lists it, and groundTruth has no b.txt",
    ]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (
            ["pour", "stir", "pour", "stir"],
            "video v, 'stir': not in mapping.txt, which has \"background, pour, take_cup\" "
            "(2 times, the first: line 2)",
        ),
        (["pour", "", "pour"], "video v: a frame without a label (line 2)"),
        ([], "video v: no frame is labelled (1 lines)"),
    ],
)
def test_each_fault_is_named(store, at_25_fps, texts, lines, fault):
    assert texts(ms_tcn.read(store({"groundTruth/v.txt": lines, **MAPPING}), at_25_fps)) == [fault]


def test_lines_of_the_mapping_that_are_none_are_told(store, at_25_fps, texts):
    folder = store({"groundTruth/v.txt": ["a b"], "mapping.txt": ["0 a b", "1", "x y", ""]})
    assert texts(ms_tcn.read(folder, at_25_fps)) == [
        'mapping.txt: not a number and a label (2 times, the first: line 2: "1")'
    ]


def test_not_x_is_outside_where_x_is_the_only_other_label(store, at_25_fps, spans):
    folder = store({"groundTruth/v.txt": ["x", "not-x"]})
    assert spans(ms_tcn.read(folder, at_25_fps).videos[0]) == [(0.0, 0.04, "x")]
    folder = store({"groundTruth/v.txt": ["x", "not-x", "y"]})
    assert [label for _, _, label in spans(ms_tcn.read(folder, at_25_fps).videos[0])] == ["x", "not-x", "y"]


def test_text_that_is_none_is_a_fault_of_its_video(store, at_25_fps, texts):
    folder = store({"groundTruth/v.txt": ["x"]})
    (folder / "groundTruth" / "w.txt").write_bytes(b"\xe9" * 1_000_000)
    assert texts(ms_tcn.read(folder, at_25_fps)) == ["groundTruth/w.txt is not text: byte 0 is no UTF-8"]


def test_windows_line_ends_and_blanks_are_no_labels(tmp_path, at_25_fps, spans):
    (tmp_path / "groundTruth").mkdir()
    (tmp_path / "groundTruth" / "v.txt").write_bytes(b"x \r\nx\r\ny\r\n\r\n")
    assert spans(ms_tcn.read(tmp_path, at_25_fps).videos[0]) == [(0.0, 0.08, "x"), (0.08, 0.12, "y")]


def test_a_folder_without_labels_is_an_error(tmp_path, options):
    with pytest.raises(DatasetError, match=r"is not of MS-TCN: no groundTruth/<video>\.txt"):
        ms_tcn.read(tmp_path, options)


def test_it_is_recognised_by_its_folder(tmp_path):
    assert ms_tcn.recognise(Head(tmp_path, names=("features", "groundTruth", "mapping.txt")))
    assert not ms_tcn.recognise(Head(tmp_path, "groundTruth"))
