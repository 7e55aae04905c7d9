from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from graphcore.config import ANNOTATION_FORMATS
from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, ReadOptions, WriteOptions
from graphcore.sources.annotations.overlaps import resolve_overlaps
from graphcore.sources.annotations.registry import (
    HEAD_BYTES,
    WRITERS,
    check_options,
    read_annotations,
    read_head,
    recognise_format,
    write_annotations,
)
from graphcore.sources.annotations.timeline import label_at
from graphcore.sources.item import Segment

SHARED = Path(__file__).parents[5] / "shared" / "data" / "actions"
FPS = 25.0

OURS = '[{"annotations": [{"endSeconds": 2.0, "label": "x", "startSeconds": 1.0}], "videoId": 5}]'
EXAMPLES = {
    "graphcore": {"a.json": OURS},
    "spreadsheet": {"a.csv": "video,start,end,label\nv.mp4,1,2,x\n"},
    "elan": {"a.eaf": '<?xml version="1.0"?>\n<ANNOTATION_DOCUMENT/>'},
    "boris": {
        "a.csv": "Observation id,Observation date,Media file,Total length,FPS,Subject,Behavior,Behavior type,"
        "Start (s),Stop (s)\n"
        "o,2024,v.mp4,10,25,s,x,STATE,1,2\n"
    },
    "cvat": {"a.xml": "<annotations>\n<version>1.1</version>\n<meta><task/></meta>\n</annotations>"},
    "label_studio": {
        "a.json": '[{"id": 1, "data": {"video": "v.mp4", "videoId": 5}, "annotations": [{"result": [{"type": '
        '"timelinelabels", "value": {"ranges": [{"start": 1, "end": 2}], "timelinelabels": ["x"]}}]}]}]'
    },
    "via": {
        "a.csv": '# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata\n'
        '"1_x","[""v.mp4""]",0,"[1.1,5.3]","[]","{""1"":""label""}"\n'
    },
    "cholec80": {"video01-phase.txt": "Frame\tPhase\n0\tA\n"},
    "activitynet": {"a.json": '{"database": {"v": {"annotations": [{"segment": [1, 2], "label": "x"}]}}}'},
    "ms_tcn": {"groundTruth/v.txt": "x\n"},
}  # fmt: skip


def store(folder, files):
    """Writes files by name; returns the one file, or the folder of those that lie deeper."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder if any("/" in name for name in files) else folder / next(iter(files))


@pytest.mark.parametrize("name", ANNOTATION_FORMATS)
def test_every_format_is_recognised(tmp_path, name):
    assert recognise_format(store(tmp_path, EXAMPLES[name])) == name


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["graphcore", "activitynet", "cholec80", "elan"])
def test_a_byte_order_mark_hides_no_format(tmp_path, name, encoding):
    path = store(tmp_path, EXAMPLES[name])
    path.write_bytes(path.read_text().encode(encoding))
    assert recognise_format(path) == name


@pytest.mark.parametrize("name", ["elan", "cholec80"])
def test_folders_of_files_are_recognised(tmp_path, name):
    assert recognise_format(store(tmp_path, EXAMPLES[name]).parent) == name


@pytest.mark.parametrize("text", [b"", b"hello", b"{}", b"\xe9" * 1_000_000, b"\0" * 1_000_000, b"[" * 1_000_000])
def test_what_no_format_knows_is_an_error_that_lists_them(tmp_path, text):
    (tmp_path / "a.dat").write_bytes(text)
    with pytest.raises(DatasetError) as caught:
        recognise_format(tmp_path / "a.dat")
    assert f"a.dat is of no format that is known.\nChoices: {', '.join(ANNOTATION_FORMATS)}." in str(caught.value)
    assert "dataset.annotation_format=NAME" in str(caught.value)


def test_a_missing_file_is_an_error_with_the_next_step(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.json cannot be read: No such file(.|\n)*Give the file"):
        recognise_format(tmp_path / "none.json")


def test_a_head_is_the_first_bytes_or_the_names(tmp_path):
    (tmp_path / "a.txt").write_text("x" * (HEAD_BYTES + 1))
    assert len(read_head(tmp_path / "a.txt").text) == HEAD_BYTES
    assert read_head(tmp_path).names == ("a.txt",)


def test_a_name_goes_before_what_would_be_recognised(tmp_path):
    path = store(tmp_path, EXAMPLES["graphcore"])
    with pytest.raises(DatasetError, match="is not of ActivityNet"):
        read_annotations(path, "activitynet", ReadOptions())
    with pytest.raises(DatasetError, match=r"annotation_format=exel is not known\.\nChoices: auto, graphcore"):
        read_annotations(path, "exel", ReadOptions())


def test_a_video_annotated_twice_is_a_fault_also_when_spelt_differently(tmp_path):
    (tmp_path / "a.json").write_text(f"{OURS[:-1]}, {OURS[1:].replace('5}', chr(34) + '5' + chr(34) + '}')}")
    annotations = read_annotations(tmp_path / "a.json", "auto", ReadOptions())
    assert [fault.text for fault in annotations.faults] == ["video 5: annotated more than once"]


def test_not_one_segment_in_all_is_a_fault(tmp_path):
    (tmp_path / "a.json").write_text('[{"videoId": 1, "annotations": []}]')
    annotations = read_annotations(tmp_path / "a.json", "auto", ReadOptions())
    assert [fault.text for fault in annotations.faults] == ["not one segment in all of it: there is nothing to learn"]


def test_formats_are_loaded_when_they_are_used():
    program = (
        "import sys; import graphcore.sources.annotations.registry; "
        "print([n for n in sys.modules if n.startswith('graphcore.sources.annotations.')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not any(f"annotations.{name}'" in shown for name in ANNOTATION_FORMATS)


@pytest.mark.parametrize(
    "text", [b"\xe9" * 1_000_000, b"\0" * 1_000_000, b"[" * 100_000, b'{"a":' * 100_000, b"<a>" * 100_000, b""]
)
@pytest.mark.parametrize("name", ANNOTATION_FORMATS)
def test_hostile_files_end_in_an_error_or_faults(tmp_path, name, text):
    path = tmp_path / "a.csv"
    path.write_bytes(text)
    try:
        annotations = read_annotations(path, name, ReadOptions(fps=FPS))
    except DatasetError:
        return
    assert annotations.faults


@pytest.mark.parametrize("name", ["graphcore", "elan", "activitynet", "cholec80", "ms_tcn"])
def test_annotations_may_lie_in_an_object_store(tmp_path, name):
    root = UPath(f"memory://annotations-{name}")
    path = store(root, EXAMPLES[name])
    annotations = read_annotations(path, "auto", ReadOptions(fps=FPS))
    assert annotations.format == name
    assert len(annotations.videos) == 1


def make_options(fps=FPS):
    return WriteOptions(fps_of=lambda video: fps, media_of=lambda video: f"{video}.mp4")


def find_path(folder, name):
    return folder / "out" if name in ("ms_tcn", "elan") else folder / "out.json"


@pytest.mark.parametrize("name", ["auto", "cvat", "spreadsheet", "x"])
def test_only_some_formats_are_written(tmp_path, name):
    with pytest.raises(DatasetError, match=rf"cannot be written as {name}\.\nChoices: {', '.join(WRITERS)}\."):
        write_annotations(tmp_path, name, [], make_options())


@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_that_does_not_take_them_is_a_clear_error(tmp_path, name):
    (tmp_path / "file").write_text("in the way")
    video = AnnotatedVideo("v", (Segment("v", 1, 2, "x"),), 10.0)
    with pytest.raises(DatasetError, match=r"annotations cannot be written to .*file.*: (Not a directory|File exists)"):
        write_annotations(find_path(tmp_path / "file", name), name, [video], make_options())


# Whole frames at 25 frames a second, so that formats of frames, of milliseconds and of seconds all hold them.
_CUTS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 50), st.sampled_from(["a", "flipping pancake", 'Nähen & <x> "q"'])),
    min_size=1,
    max_size=6,
).map(lambda rows: [(start / FPS, (start + length) / FPS, label) for start, length, label in rows])


@st.composite
def _videos(draw, overlap):
    names = draw(
        st.lists(st.sampled_from(["5", "clip one", "a.b", "é#1", "v_x%20"]), min_size=1, max_size=3, unique=True)
    )
    videos = []
    for name in names:
        segments = tuple(Segment(name, start, end, label) for start, end, label in draw(_CUTS))
        resolved = segments if overlap else resolve_overlaps(segments, "first")[0]
        split = draw(st.sampled_from(["", "train", "validation", "test"]))
        videos.append(AnnotatedVideo(name, resolved, 10.0, split=split))
    return videos


def _merge_touching(video):
    """What a format that labels frames cannot tell apart: touching segments of one label."""
    spans = []
    for start, end, label in sorted((one.start_secs, one.end_secs, one.label) for one in video.segments):
        if spans and spans[-1][1:] == (start, label):
            start = spans.pop()[0]
        spans.append((start, end, label))
    return spans


def _list_spans(video):
    return sorted((one.start_secs, one.end_secs, one.label) for one in video.segments)


@pytest.mark.parametrize("name", WRITERS)
@given(data=st.data())
def test_what_is_written_is_recognised_and_read_as_it_was(tmp_path_factory, name, data):
    videos = data.draw(_videos(overlap=name != "ms_tcn"))
    path = find_path(tmp_path_factory.mktemp(name), name)
    files = write_annotations(path, name, videos, make_options())
    assert files
    assert all(file.is_file() for file in files)
    annotations = read_annotations(path, "auto", ReadOptions(fps=None, rate_of=lambda video: FPS))
    assert annotations.faults == ()
    assert annotations.format == name
    read = {video.video.removesuffix(".mp4"): video for video in annotations.videos}
    assert set(read) == {video.video for video in videos}
    span_lists = _merge_touching if name == "ms_tcn" else _list_spans
    for video in videos:
        assert _list_spans(read[video.video]) == span_lists(video)
        if name in ("graphcore", "activitynet"):
            assert (read[video.video].duration_secs, read[video.video].split) == (video.duration_secs, video.split)
        if name == "ms_tcn":
            assert (read[video.video].duration_secs, read[video.video].split) == (10.0, video.split)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="real data lies in ../shared")
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("file", ["annotations.json", "annotations_multiclass.json"])
def test_real_annotations_give_every_frame_its_label_in_every_format(tmp_path, name, file):
    videos = read_annotations(SHARED / file, "auto", ReadOptions()).videos
    path = find_path(tmp_path, name)
    write_annotations(path, name, videos, make_options())
    read = read_annotations(path, "auto", ReadOptions(rate_of=lambda video: FPS))
    assert read.faults == ()
    again = {video.video.removesuffix(".mp4"): resolve_overlaps(video.segments, "error")[0] for video in read.videos}
    for video in videos:
        for frame in range(15 * 25):
            assert label_at(again[video.video], frame / FPS, "") == label_at(
                resolve_overlaps(video.segments, "error")[0], frame / FPS, ""
            )


@pytest.mark.parametrize(
    ("format", "options", "told"),
    [
        ("spreadsheet", {"tiers": ("a",)}, r"dataset\.tiers=\['a'\] does nothing .* spreadsheet\.\n.* elan, boris"),
        ("spreadsheet", {"frame_base": 0}, r"dataset\.frame_base=0 does nothing"),
        ("elan", {"fps": 25.0}, r"dataset\.annotation_fps=25\.0 does nothing"),
        ("elan", {"columns": {"start": "from"}}, r"dataset\.columns=.* does nothing .* elan"),
    ],
)
def test_an_option_without_effect_is_refused(format, options, told):
    with pytest.raises(ConfigError, match=told):
        check_options([format], ReadOptions(**options))


def test_a_folder_of_files_that_are_each_whole_is_read_file_by_file(tmp_path):
    """CVAT writes one file a task, and people keep one table a day."""
    folder = tmp_path / "marks"
    folder.mkdir()
    (folder / "a.csv").write_text("video,start,end,label\n1.mp4,0,1,cut\n")
    (folder / "b.csv").write_text("video,start,end,label\n2.mp4,0,1,sew\n3.mp4,2,1,sew\n")
    annotations = read_annotations(folder, "auto", ReadOptions())
    assert [video.video for video in annotations.videos if video.segments] == ["1.mp4", "2.mp4"]
    (fault,) = annotations.faults
    assert fault.text.startswith("b.csv: ")


DOCUMENT = """<ANNOTATION_DOCUMENT><HEADER><MEDIA_DESCRIPTOR MEDIA_URL="file:///home/me/{video}"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="3000"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="4000"/></TIME_ORDER>
<TIER TIER_ID="default"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="1" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b">
<ANNOTATION_VALUE>x</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"""


@pytest.fixture
def corrected(tmp_path):
    """Old marks in our JSON, a corrected document of ELAN beside them, and what else lies in such a folder."""
    (tmp_path / "annotations.json").write_text(OURS)
    (tmp_path / "new.eaf").write_text(DOCUMENT.format(video="6.mp4"))
    for name in ("README.txt", "new.pfsx", "5.mp4", "6.MP4"):
        (tmp_path / name).write_bytes(b"neither marks nor a picture")
    return tmp_path


def test_a_folder_of_several_formats_is_read_file_by_file(corrected):
    annotations = read_annotations(corrected, "auto", ReadOptions())
    assert recognise_format(corrected) == annotations.format == "several"
    assert annotations.formats == ("elan", "graphcore")
    assert annotations.faults == ()
    assert [(video.video, _list_spans(video)) for video in annotations.videos] == [
        ("5", [(1.0, 2.0, "x")]),
        ("6.mp4", [(3.0, 4.0, "x")]),
    ]


def test_an_option_must_be_of_use_to_one_of_several_formats(corrected):
    formats = read_annotations(corrected, "auto", ReadOptions()).formats
    check_options(formats, ReadOptions(tiers=("default",)))
    with pytest.raises(ConfigError, match=r"annotation_fps=25\.0 does nothing .* formats elan, graphcore\."):
        check_options(formats, ReadOptions(fps=25.0))


def test_a_video_annotated_in_two_files_is_a_fault_that_names_both(corrected):
    (corrected / "more.eaf").write_text(DOCUMENT.format(video="5.mp4"))
    annotations = read_annotations(corrected, "auto", ReadOptions())
    assert [one.text for one in annotations.faults] == [
        "video 5: annotated more than once, in annotations.json and more.eaf"
    ]


def test_what_looks_like_annotations_and_is_none_is_named(corrected):
    (corrected / "scores.json").write_text('{"labels": []}')
    with pytest.raises(DatasetError, match=r"holds scores\.json, of no format that is known\.(.|\n)*Move it elsewhere"):
        read_annotations(corrected, "auto", ReadOptions())


def test_a_file_that_cannot_be_read_is_a_fault_beside_the_others(corrected):
    (corrected / "cut.eaf").write_text(DOCUMENT[:90])
    (fault,) = read_annotations(corrected, "auto", ReadOptions()).faults
    assert fault.text.startswith("cut.eaf: is not XML")


def test_a_tier_that_one_file_has_is_known(corrected):
    (corrected / "other.eaf").write_text(DOCUMENT.format(video="7.mp4").replace("default", "phases"))
    assert read_annotations(corrected, "auto", ReadOptions(tiers=("phases", "default"))).faults == ()
    (fault,) = read_annotations(corrected, "auto", ReadOptions(tiers=("phase",))).faults
    assert fault.text == "dataset.tiers names 'phase', which is not there. Choices: default, phases."


def test_columns_make_spreadsheets_of_the_tables_alone(corrected):
    (corrected / "a.csv").write_text("film,start,end,label\n8.mp4,1,2,x\n")
    annotations = read_annotations(corrected, "auto", ReadOptions(columns={"video": "film"}))
    assert (annotations.formats, annotations.faults) == (("elan", "graphcore", "spreadsheet"), ())


@pytest.mark.parametrize("name", ["ms_tcn", "cholec80"])
def test_a_layout_is_read_whole_and_what_lies_beside_it_by_itself(tmp_path, name):
    store(tmp_path, EXAMPLES[name])
    (tmp_path / "mapping.txt").write_text("0 x\n")
    assert recognise_format(tmp_path) == name
    (tmp_path / "new.eaf").write_text(DOCUMENT.format(video="6.mp4"))
    annotations = read_annotations(tmp_path, "auto", ReadOptions(fps=FPS))
    assert annotations.formats == tuple(sorted((name, "elan")))
    assert len(annotations.videos) == 2


def test_exports_of_boris_are_read_as_one_unless_something_lies_beside_them(tmp_path):
    store(tmp_path, EXAMPLES["boris"])
    assert recognise_format(tmp_path) == "boris"
    (tmp_path / "annotations.json").write_text(OURS)
    annotations = read_annotations(tmp_path, "auto", ReadOptions())
    assert annotations.formats == ("boris", "graphcore")
    assert [video.video for video in annotations.videos] == ["v.mp4", "5"]
