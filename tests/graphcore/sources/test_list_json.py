from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.list_json import read_entries


def read(tmp_path, text, name="list.json"):
    path = tmp_path / name
    path.write_text(text)
    return read_entries(path)


def test_a_list_of_objects_gives_its_entries(tmp_path):
    text = '\ufeff[{"path": "a.jpg", "label": ["x", "y"]}, 7]'
    assert read(tmp_path, text) == [("entry 1", {"path": "a.jpg", "label": ["x", "y"]}), ("entry 2", 7)]


def test_an_object_gives_paths_and_labels_also_where_a_path_is_there_twice(tmp_path):
    entries = read(tmp_path, '{"a.jpg": "cat", "a.jpg": "dog"}')
    assert entries == [
        ("entry 1", {"path": "a.jpg", "label": "cat"}),
        ("entry 2", {"path": "a.jpg", "label": "dog"}),
    ]


def test_lines_are_numbered_as_an_editor_does(tmp_path):
    entries = read(tmp_path, '{"path": "a"}\n\n{"path": "b"}\n', "list.jsonl")
    assert entries == [("line 1", {"path": "a"}), ("line 3", {"path": "b"})]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ('{"a": ', "l.json", r"dataset.list=.*l.json is not JSON: .*line 1"),
        ('{"path": 1}\n{"path', "l.jsonl", r"l.jsonl, line 2 is not JSON"),
        ('"cat"', "l.json", "neither a list nor an object"),
        ("[" * 100_000, "l.json", "is not JSON"),
    ],
)
def test_what_is_no_such_json_is_an_error(tmp_path, text, name, message):
    with pytest.raises(DatasetError, match=message):
        read(tmp_path, text, name)


def test_a_list_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_entries(tmp_path / "list.json")


def test_broken_json_is_told_with_what_is_expected(tmp_path):
    (tmp_path / "a.json").write_text('{"a.jpg": "cat",}')
    with pytest.raises(DatasetError, match=r"is not JSON(.|\n)*Write \[\{"):
        read_entries(tmp_path / "a.json")
