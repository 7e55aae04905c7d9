from hypothesis import given
from hypothesis import strategies as st

from graphcore.audit.findings import FACT, LEAK, WARNING
from graphcore.audit.leaks import find_groups, find_straddlers, find_subjects, find_videos
from graphcore.audit.scan import Facts


def frame(split, video="", secs=None, **values):
    return Facts(f"{video}@{secs}", split, (0,), video_id=video, time_secs=secs, **values)


def test_pictures_without_groups_straddle_nothing():
    assert find_straddlers([frame("train"), frame("test")]) == []


def test_videos_that_keep_to_their_splits_are_told_of():
    found = find_videos([frame("train", "1", 0.0), frame("train", "1", 1.0), frame("test", "2", 0.0)])
    assert found is not None
    assert (found.severity, found.count) == (FACT, 0)
    assert found.summary.startswith("None of 2 videos stands in two splits")


def test_a_video_in_two_splits_is_a_leak_with_the_closest_frames():
    facts = [frame("train", "1", secs) for secs in (0.0, 4.0, 8.0)]
    facts += [frame("test", "1", secs) for secs in (4.5, 6.0, 20.0)] + [frame("test", "2", 4.0)]
    found = find_videos(facts)
    assert found is not None
    assert (found.severity, found.count, found.splits) == (LEAK, 1, ("train", "test"))
    assert found.summary == (
        "1 video stands in two splits; the closest frames lie 0.500 s apart, "
        "1 of 3 held-out frames lie within 1 s of one learnt from"
    )
    assert found.rows == (("1", "train 3, test 3", "test", "0.500", "1 of 3"),)
    assert found.remedy == "set split.group_by=video"


def test_each_split_of_a_video_is_measured_and_the_closest_come_first():
    facts = [frame("train", "1", 0.0), frame("validation", "1", 3.0), frame("test", "1", 2.0)]
    facts += [frame("validation", "2", 5.0), frame("test", "2", 5.25)]
    found = find_videos(facts)
    assert found is not None
    assert [(row[0], row[2], row[3]) for row in found.rows] == [
        ("2", "test", "0.250"), ("1", "test", "2.000"), ("1", "validation", "3.000")
    ]  # fmt: skip
    assert found.splits == ("train", "validation", "test")


def test_only_the_first_videos_are_shown_and_all_are_counted():
    facts = [frame(split, f"{n:02}", float(n)) for n in range(20) for split in ("train", "test")]
    found = find_videos(facts)
    assert found is not None
    assert found.count == 20
    assert [row[0] for row in found.rows] == ["00", "01", "02", "03", "04"]


def test_frames_without_times_are_of_unknown_distance():
    found = find_videos([frame("train", "1"), frame("test", "1"), frame("test", "1", 3.0)])
    assert found is not None
    assert found.summary == ("1 video stands in two splits; 0 of 2 held-out frames lie within 1 s of one learnt from")
    assert found.rows[0][3] == "unknown"


def test_grouping_by_files_of_a_recording_is_mended_by_the_recording():
    found = find_videos([frame("train", "1", 0.0), frame("test", "1", 1.0)], group_by="video")
    assert found is not None
    assert found.remedy == "set split.group_by=recording"


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=8),
    st.lists(st.integers(0, 50), min_size=1, max_size=8),
)
def test_the_closest_frames_are_the_closest(learnt, held_out):
    facts = [frame("train", "1", secs / 4) for secs in learnt] + [frame("test", "1", secs / 4) for secs in held_out]
    found = find_videos(facts)
    gaps = [min(abs(a - b) / 4 for a in learnt) for b in held_out]
    assert found is not None
    assert found.rows[0][3:] == (f"{min(gaps):.3f}", f"{sum(gap <= 1 for gap in gaps)} of {len(gaps)}")


def test_a_group_in_two_splits_is_a_leak():
    found = find_groups([frame("train", group="a"), frame("test", group="a"), frame("test", group="b")])
    assert found is not None
    assert (found.severity, found.count, found.splits) == (LEAK, 1, ("train", "test"))
    assert found.summary == "1 group stands in two splits"
    assert found.rows == (("a", "train 1, test 1"),)
    assert find_groups([frame("train", group="a"), frame("test", group="b"), frame("test")]) is None


def test_a_group_that_is_a_video_is_told_of_once():
    facts = [frame("train", "1", 0.0, group="1"), frame("test", "1", 1.0, group="1")]
    assert [finding.kind for finding in find_straddlers(facts)] == ["video"]


def test_a_subject_in_two_splits_is_a_warning_where_subjects_were_not_kept_together():
    facts = [frame("train", "1", subject="s"), frame("validation", "2", subject="s"), frame("test", "3")]
    found = find_subjects(facts, group_by="video")
    assert found is not None
    assert (found.severity, found.count, found.splits) == (WARNING, 1, ("train", "validation"))
    assert found.remedy == "set split.group_by=subject"
    strict = find_subjects(facts, group_by="subject")
    assert strict is not None
    assert strict.severity == LEAK
    assert find_subjects(facts[:1]) is None
