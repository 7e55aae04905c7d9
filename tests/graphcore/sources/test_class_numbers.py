from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.class_numbers import parse_class_numbers, read_class_numbers


def test_numbered_lines_give_numbers_in_order():
    assert parse_class_numbers("1: dandelion\n\n0:daisy\n7:a:b\n", "f") == {0: "daisy", 1: "dandelion", 7: "a:b"}


def test_plain_lines_are_numbered_from_0():
    assert parse_class_numbers("daisy\ndandelion\n", "f") == {0: "daisy", 1: "dandelion"}


def test_two_classes_of_one_name_keep_apart_by_their_numbers():
    assert parse_class_numbers("134:crane\n135:stork\n517:crane", "f") == {
        134: "crane 134",
        135: "stork",
        517: "crane 517",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "names no class"),
        ("0:daisy\nrose", "line 2: 'rose' where other lines are NUMBER:NAME"),
        ("daisy\n1:rose", "line 2: '1:rose' where other lines are names"),
        ("0:daisy\n0:rose", "line 2: the number 0 is there twice"),
        ("0:daisy\n1:", "line 2: '1:' is without a name"),
    ],
)
def test_other_lines_are_refused_by_number(text, problem):
    with pytest.raises(DatasetError, match=f"f,? ?.*{problem}"):
        parse_class_numbers(text, "f")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DatasetError, match=r"labels.txt does not exist|cannot be read"):
        read_class_numbers(tmp_path / "labels.txt")
