from __future__ import annotations

import json

import openpyxl
import pytest

from graphcore.errors import DatasetError
from graphcore.sources.list_rows import ListRow, read_list

HEADER = "path,label,split,group,subject\n"


def read(tmp_path, content, name="list.csv", columns=None, separator=";"):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_list(path, columns or {}, separator)


def test_a_table_gives_every_column(tmp_path):
    rows, faults = read(tmp_path, HEADER + "a/1.jpg, cat ,val,p1,anna\n\nb.jpg,dog,,,\n")
    assert rows == [ListRow("row 2", "a/1.jpg", ("cat",), "val", "p1", "anna"), ListRow("row 4", "b.jpg", ("dog",))]
    assert faults == []


@pytest.mark.parametrize("name", ["list.tsv", "list.txt"])
def test_tabs_separate_too(tmp_path, name):
    rows, _ = read(tmp_path, "File\tClass\n1.jpg\tcat\n", name)
    assert rows == [ListRow("row 2", "1.jpg", ("cat",))]


def test_a_spreadsheet_gives_numbers_as_one_would_write_them(tmp_path):
    book = openpyxl.Workbook()
    for row in (["image", "category", "patient"], ["1.jpg", 3, 17.5], ["2.jpg", True, None]):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    rows, _ = read_list(tmp_path / "list.xlsx", {}, ";")
    assert rows == [ListRow("row 2", "1.jpg", ("3",), group="17.5"), ListRow("row 3", "2.jpg", ("true",))]


@pytest.mark.parametrize(
    ("cell", "labels"),
    [("red;round", ("red", "round")), ("round; red ;red;", ("red", "round")), ("red", ("red",)), ("", ()), (";", ())],
)
def test_several_labels_in_a_cell_come_sorted_and_once(tmp_path, cell, labels):
    assert read(tmp_path, f'path,label,split\n1.jpg,"{cell}",train\n')[0][0].labels == labels


def test_another_separator(tmp_path):
    assert read(tmp_path, "path,label\n1.jpg,a;b|c\n", separator="|")[0][0].labels == ("a;b", "c")


def test_objects_of_json_may_have_lists_of_labels_and_differ_in_their_keys(tmp_path):
    content = [{"path": "1.jpg", "labels": ["b", "a"]}, {"path": "2.jpg", "labels": "c", "split": "test"}]
    expected = [("1.jpg", ("a", "b"), ""), ("2.jpg", ("c",), "test")]
    for name, text in (("l.json", content), ("l.jsonl", "\n".join(map(json.dumps, content)))):
        rows, _ = read(tmp_path, text, name)
        assert [(row.path, row.labels, row.split) for row in rows] == expected


def test_an_object_of_paths(tmp_path):
    rows, _ = read(tmp_path, {"1.jpg": "cat", "2.jpg": ["dog", "cat"], "3.jpg": 4, "4.jpg": None}, "l.json")
    assert [row.labels for row in rows] == [("cat",), ("cat", "dog"), ("4",), ()]


def test_columns_may_have_any_name(tmp_path):
    columns = {"path": "Photo", "label": "kind of bird", "split": "where"}
    rows, _ = read(tmp_path, "photo,Kind of bird,label,Where\n1.jpg,wren,x,dev\n", columns=columns)
    assert rows == [ListRow("row 2", "1.jpg", ("wren",), "dev")]


def test_faults_of_rows_are_noted_and_the_rest_goes_on(tmp_path):
    content = [{"path": "1.jpg", "label": {"x": 1}}, 5, {"path": "", "label": "cat"}, {"path": "2.jpg", "label": "a"}]
    content += [{"path": "\ud800", "label": "a"}, {"path": "3.jpg", "label": [["a"]]}]
    rows, faults = read(tmp_path, content, "l.json")
    assert [row.path for row in rows] == ["2.jpg"]
    assert faults == [
        "entry 2: no object with a path and a label",
        "entry 1: its label is no text: \"[('x', 1)]\"",
        "entry 3: it has no path",
        "entry 5: its path is no text: '\\ud800'",
        "entry 6: its label is no text: \"[['a']]\"",
    ]
    _, faults = read(tmp_path, "path,label\n1.jpg,cat,more\n")
    assert faults == ["row 2: 3 cells, where the header has 2"]


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("path,kind\n1,2\n", {}, r"no column that holds the label.\nChoices: path, kind.\n.*columns={label: NAME}"),
        ("where,label\n1,2\n", {}, "no column that holds the path"),
        ("path,label\n1,2\n", {"group": "ward"}, r"has no column ward.\nChoices: path, label"),
        ("path,label,class\n1,2,3\n", {}, r"which column holds the label, label or class\?"),
    ],
)
def test_a_column_that_is_missing_or_could_be_two_is_asked_for(tmp_path, text, columns, message):
    with pytest.raises(DatasetError, match=message):
        read(tmp_path, text, columns=columns)


def test_another_kind_of_file_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match=r"no kind of list.*\n.*\.csv, .*\.jsonl"):
        read(tmp_path, "x", "list.pdf")
