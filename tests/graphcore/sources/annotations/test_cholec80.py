from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations import cholec80
from graphcore.sources.annotations.model import Head, ReadOptions

PHASES = "Frame\tPhase\n" + "".join(
    f"{frame}\t{'Preparation' if frame < 50 else 'CalotTriangleDissection'}\n" for frame in range(100)
)
TOOLS = (
    "Frame\tGrasper\tBipolar\tHook\tScissors\tClipper\tIrrigator\tSpecimenBag\n"
    "0\t1\t0\t0\t0\t0\t0\t0\n"
    "25\t1\t0\t1\t0\t0\t0\t0\n"
    "50\t0\t0\t1\t0\t0\t0\t0\n"
    "75\t0\t0\t0\t0\t0\t0\t1\n"
)


@pytest.fixture
def store(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name.replace('_', '-')}.txt").write_text(text)
        return tmp_path

    return write


def test_phases_are_segments_at_25_frames_a_second(store, options, spans):
    annotations = cholec80.read(store(video01_phase=PHASES) / "video01-phase.txt", options)
    assert annotations.faults == ()
    (video,) = annotations.videos
    assert (video.video, video.fps, video.duration_secs) == ("video01", 25.0, None)
    assert spans(video) == [(0.0, 2.0, "Preparation"), (2.0, 4.0, "CalotTriangleDissection")]


def test_tools_seen_together_overlap_and_a_row_stands_for_25_frames(store, options, spans):
    annotations = cholec80.read(store(video01_tool=TOOLS) / "video01-tool.txt", options)
    assert annotations.faults == ()
    # The last row may be that of the video's last frame: half a second of it is taken.
    assert spans(annotations.videos[0]) == [(0.0, 2.0, "Grasper"), (1.0, 3.0, "Hook"), (3.0, 3.48, "SpecimenBag")]


def test_a_folder_gives_the_phases_unless_it_has_none(store, options, spans):
    folder = store(
        video01_phase=PHASES, video01_tool=TOOLS, video02_tool=TOOLS, video01_timestamp="Frame\tTime\n0\t0\n"
    )
    annotations = cholec80.read(folder, options)
    assert [video.video for video in annotations.videos] == ["video01"]
    (folder / "video01-phase.txt").unlink()
    assert [video.video for video in cholec80.read(folder, options).videos] == ["video01", "video02"]


def test_tiers_choose_phases_tools_or_both(store, spans):
    folder = store(video01_phase=PHASES, video01_tool=TOOLS)
    (tools,) = cholec80.read(folder, ReadOptions(tiers=("tool",))).videos
    assert {label for _, _, label in spans(tools)} == {"Grasper", "Hook", "SpecimenBag"}
    (both,) = cholec80.read(folder, ReadOptions(tiers=("phase", "tool"))).videos
    assert len(both.segments) == 5


@pytest.mark.parametrize("tier", ["tool", "tools"])
def test_a_tier_that_is_not_there_is_a_fault(store, texts, tier):
    annotations = cholec80.read(store(video01_phase=PHASES), ReadOptions(tiers=(tier,)))
    assert texts(annotations) == [f"dataset.tiers names '{tier}', which is not there. Choices: phase."]


def test_the_released_folders_are_read_from_above(tmp_path, options):
    for folder, name, text in (("phase", "video01-phase", PHASES), ("tool", "video01-tool", TOOLS)):
        (tmp_path / f"{folder}_annotations").mkdir()
        (tmp_path / f"{folder}_annotations" / f"{name}.txt").write_text(text)
    assert cholec80.recognise(Head(tmp_path, names=("phase_annotations", "tool_annotations", "videos")))
    assert len(cholec80.read(tmp_path, options).videos[0].segments) == 2


def test_a_thinned_copy_stands_for_the_frames_up_to_the_next_row(store, options, spans):
    text = "Frame Phase\n0 A\n25 A\n50 B\n75 B\n"
    assert spans(cholec80.read(store(video01_phase=text), options).videos[0]) == [(0.0, 2.0, "A"), (2.0, 3.48, "B")]


def test_rate_and_first_frame_may_be_told(store, spans):
    text = "Frame\tPhase\n1\tA\n2\tA\n3\tB\n"
    annotations = cholec80.read(store(video01_phase=text), ReadOptions(fps=10.0, frame_base=1))
    assert spans(annotations.videos[0]) == [(0.0, 0.2, "A"), (0.2, 0.3, "B")]
    assert annotations.videos[0].fps == 10.0


def test_a_first_frame_that_cannot_be_is_a_fault(store, texts):
    annotations = cholec80.read(store(video01_phase=PHASES), ReadOptions(frame_base=1))
    assert texts(annotations) == [
        "video video01, 'Preparation': starts before the video begins (frame 0, -0.04-1.96 s)"
    ]


def test_tabs_and_blanks_separate_and_a_phase_between_tabs_may_have_blanks(store, options, spans):
    assert spans(cholec80.read(store(video01_phase="Frame  Phase\n 0  A B \n"), options).videos[0]) == [
        (0, 0.04, "A B")
    ]
    assert spans(cholec80.read(store(video01_phase="Frame\tPhase\n0\tA B\n"), options).videos[0]) == [(0, 0.04, "A B")]


@pytest.mark.parametrize(
    ("tier", "text", "fault"),
    [
        ("phase", "Frame\tPhase\n0\tA\n1\n2\tA\n", "a row is not a frame and a phase (line 3: \"1\")"),
        ("phase", "Frame\tPhase\n0\tA\n1\t\n", "a row is not a frame and a phase (line 3: \"1\\t\")"),
        ("phase", "Frame\tPhase\n-1\tA\n0\tA\n", "a row is not a frame and a phase (line 2: \"-1\\tA\")"),
        ("phase", "Frame\tPhase\n0\tA\n" + "9" * 5000 + "\tA\n", "a row is not a frame and a phase (line 3: \"999"),
        ("phase", "Frame\tPhase\n0\tA\n1\tA\n3\tA\n3\tA\n4\tA\n2\tA\n", "a row is not 1 frames after the row before "
         "(3 times, the first: frame 3 after 1)"),
        ("phase", "Frame\tPhase\n", "there is no row"),
        ("tool", "Frame\tHook\tClipper\n0\t1\t2\n25\t1\t0\n50\t1\n", "a row is not a frame and 2 times 0 or 1 "
         "(2 times, the first: line 2: \"0\\t1\\t2\")"),
    ],
)  # fmt: skip
def test_each_fault_is_named(store, options, texts, tier, text, fault):
    annotations = cholec80.read(store(**{f"video01_{tier}": text}), options)
    assert any(one.startswith(f"video01-{tier}.txt: {fault}") for one in texts(annotations))


@pytest.mark.parametrize("text", ["", "Frame\n0\n", "Phase\tFrame\n", "\0" * 1_000_000, "x" * 1_000_000])
def test_what_is_no_such_file_is_an_error(store, options, text):
    with pytest.raises(DatasetError, match=r"is not of Cholec80: it begins with"):
        cholec80.read(store(video01_phase=text) / "video01-phase.txt", options)


def test_a_broken_file_of_a_folder_is_named(store, options, texts):
    annotations = cholec80.read(store(video01_phase=PHASES, video02_phase="x"), options)
    assert [video.video for video in annotations.videos] == ["video01"]
    (fault,) = texts(annotations)
    assert fault.startswith("video02-phase.txt is not of Cholec80")


def test_an_empty_folder_is_an_error(tmp_path, options):
    with pytest.raises(DatasetError, match=r"no <video>-phase\.txt or <video>-tool\.txt"):
        cholec80.read(tmp_path, options)


@pytest.mark.parametrize("text", [PHASES, TOOLS, PHASES.replace("\t", " "), TOOLS.replace("\n", "\r\n")])
def test_a_file_is_recognised_by_its_beginning(tmp_path, text):
    assert cholec80.recognise(Head(tmp_path, text))


@pytest.mark.parametrize("text", ["", "Frame,Phase\n", "Frame\tStart\tLabel\n1\t2\tx\n", "Time\tPhase\n"])
def test_other_tables_are_not_recognised(tmp_path, text):
    assert not cholec80.recognise(Head(tmp_path, text))


def test_a_file_of_blank_lines_is_not_pondered_over(tmp_path):
    assert not cholec80.recognise(Head(tmp_path, "Frame a b" + (1 << 16) * "\n"))
