import pytest
from PIL import Image

from graphcore.audit.duplicates import Match, find_contradictions, find_duplicates, match_splits
from graphcore.audit.findings import FACT, LEAK, WARNING
from graphcore.config import AuditConfig
from tests.graphcore.audit.pictures import LABELS, draw, encode, make_scan

OPTIONS = AuditConfig(similar_bits=20, tolerated_percent=1.0)
PICTURE = encode(draw(1))
RE_ENCODED = encode(draw(1).resize((100, 75)), 60)
BLACK = encode(Image.new("RGB", (64, 48)))


def fill(split, count, seed=100):
    """Other pictures, as many as are needed to make a share of a split small."""
    return [({"split": split}, encode(draw(seed + number, 40, 30))) for number in range(count)]


def find(rows, options=OPTIONS):
    return find_duplicates(make_scan(rows), LABELS, options)


def test_different_pictures_are_no_finding():
    assert find([*fill("train", 4), *fill("validation", 2, 200), *fill("test", 2, 300)]) == []


def test_one_copied_file_is_a_leak_however_large_the_split():
    (found,) = find([({"split": "train", "key": "a.jpg"}, PICTURE), ({"split": "test", "key": "b.jpg"}, PICTURE),
                     *fill("test", 150)])  # fmt: skip
    assert (found.kind, found.severity, found.count, found.splits) == ("copy", LEAK, 1, ("train", "test"))
    assert found.summary == "1 of 151 test samples (0.7%) are copies of train samples"
    assert found.rows == (("b.jpg", "a.jpg", "0"),)
    assert "split.given=ignore" in found.remedy


@pytest.mark.parametrize(("others", "severity"), [(0, LEAK), (98, LEAK), (99, FACT)])
def test_lookalikes_are_a_leak_when_there_are_more_than_tolerated(others, severity):
    (found,) = find([({"split": "train"}, PICTURE), ({"split": "test"}, RE_ENCODED), *fill("test", others)])
    assert (found.kind, found.severity, found.count) == ("lookalike", severity, 1)
    assert found.rows[0][:2] == ("1", "0")
    assert int(found.rows[0][2]) <= 20


@pytest.mark.parametrize(("others", "severity"), [(0, LEAK), (99, WARNING)])
def test_copied_frames_are_tolerated_like_lookalikes(others, severity):
    rows = [({"split": "train", "video_id": "1"}, PICTURE), ({"split": "test", "video_id": "2"}, PICTURE)]
    (found,) = find([*rows, *fill("test", others)])
    assert (found.kind, found.severity) == ("copy", severity)
    assert "split.group_by=subject" in found.remedy
    assert "in our JSON or a column of a spreadsheet, or by their names" in found.remedy


def test_what_counts_as_alike_is_an_option():
    rows = [({"split": "train"}, PICTURE), ({"split": "test"}, RE_ENCODED)]
    (match,) = match_splits(make_scan(rows), ("train", "test"), 20)
    assert match.bits > 0
    assert find(rows, AuditConfig(similar_bits=match.bits - 1)) == []


def test_copies_and_lookalikes_are_both_told_and_counted_together():
    rows = [({"split": "train"}, PICTURE), ({"split": "test"}, PICTURE), ({"split": "test"}, RE_ENCODED)]
    copies, lookalikes = find(rows)
    assert (copies.kind, copies.count) == ("copy", 1)
    assert (lookalikes.kind, lookalikes.count) == ("lookalike", 2)
    assert [row[0] for row in lookalikes.rows] == ["2"]


def test_duplicates_of_validation_and_test_are_a_warning():
    rows = [*fill("train", 1), ({"split": "validation"}, PICTURE), ({"split": "test"}, PICTURE)]
    (found,) = find(rows)
    assert (found.kind, found.severity, found.splits) == ("copy", WARNING, ("validation", "test"))


def test_copies_within_a_split_are_nobodys_business():
    assert find([({"split": "train"}, PICTURE), ({"split": "train"}, PICTURE)]) == []


def test_black_frames_are_no_copies_of_each_other():
    rows = [({"split": "train", "video_id": "1"}, BLACK), ({"split": "test", "video_id": "2"}, BLACK)]
    (found,) = find(rows)
    assert (found.kind, found.severity, found.count) == ("flat", FACT, 2)
    assert found.summary == "2 of 2 samples are black, blank or nearly so, too even to be compared"


def test_a_black_picture_file_can_be_a_copy():
    found = find([({"split": "train"}, BLACK), ({"split": "test"}, BLACK)])
    assert [finding.kind for finding in found] == ["copy", "flat"]


def test_the_nearest_matches_come_first():
    rows = [({"split": "train", "key": f"t{n}"}, encode(draw(n))) for n in range(8)]
    rows += [({"split": "test", "key": f"s{n}"}, encode(draw(n).resize((60, 50)), 30)) for n in range(8)]
    scan = make_scan(rows)
    matches = match_splits(scan, ("train", "test"), 40)
    assert [match.bits for match in matches] == sorted(match.bits for match in matches)
    assert {(scan.facts[match.other].key, scan.facts[match.reference].key) for match in matches} == {
        (f"s{n}", f"t{n}") for n in range(8)
    }


def test_one_picture_with_two_labels_is_a_warning():
    rows = [({"split": "train", "key": "a"}, PICTURE), ({"split": "train", "key": "b", "labels": (1,)}, PICTURE)]
    (found,) = find(rows)
    assert (found.kind, found.severity, found.count) == ("contradiction", WARNING, 1)
    assert found.rows == (("b", "dog", "a", "cat"),)


def test_lookalikes_with_two_labels_are_contradictions_too():
    scan = make_scan([({"split": "train"}, PICTURE), ({"split": "test", "labels": (0, 1)}, RE_ENCODED)])
    found = find_contradictions(scan, LABELS, [Match(other=1, reference=0, bits=3, is_copy=False)])
    assert found is not None
    assert found.rows == (("1", "cat, dog", "0", "cat"),)


def test_frames_of_one_video_may_look_alike_and_differ_in_label():
    rows = [
        ({"split": "train", "video_id": "1"}, PICTURE),
        ({"split": "train", "video_id": "1", "labels": (1,)}, PICTURE),
    ]
    assert find(rows) == []


def test_a_picture_without_a_label_is_told_so():
    rows = [({"split": "train", "labels": ()}, PICTURE), ({"split": "train", "labels": (1,)}, PICTURE)]
    (found,) = find(rows)
    assert found.rows == (("1", "dog", "0", "none"),)
