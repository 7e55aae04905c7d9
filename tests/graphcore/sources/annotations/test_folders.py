from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations.folders import Part, list_files, list_parts

KNOWN = {"a.json": "graphcore", "b.csv": "boris", "c.csv": "boris", "mapping.txt": None, "v-phase.txt": "cholec80"}


@pytest.fixture
def plan(tmp_path):
    """Returns a function that plans a folder of files with these names, by name of the part."""

    def plan_named(*names, layouts=(), are_tables=False):
        for name in names:
            (tmp_path / name).write_text("")
        parts = list_parts(tmp_path, layouts, lambda file: KNOWN.get(file.name), are_tables)
        return {"." if part.path == tmp_path else part.path.name: part.format for part in parts}

    return plan_named


def test_videos_hidden_files_and_folders_are_no_annotations(tmp_path):
    for name in ("a.json", "v.mp4", "W.MOV", ".DS_Store"):
        (tmp_path / name).write_text("")
    (tmp_path / "older").mkdir()
    assert list_files(tmp_path) == [tmp_path / "a.json"]


def test_each_file_is_a_part(plan, tmp_path):
    assert plan("a.json", "b.csv", "d.eaf") == {"a.json": "graphcore", "b.csv": "boris", "d.eaf": "elan"}
    assert list_parts(tmp_path, (), lambda file: "via", are_tables=False)[0] == Part(tmp_path / "a.json", "via")


def test_tables_of_boris_alone_are_read_as_one(plan):
    assert plan("b.csv", "c.csv", "README.txt") == {".": "boris"}


def test_a_layout_takes_its_own_files(plan):
    assert plan("v-phase.txt", "mapping.txt", layouts=["cholec80"]) == {".": "cholec80"}
    assert plan("a.json", layouts=["cholec80"]) == {".": "cholec80", "a.json": "graphcore"}


def test_notes_are_passed_over_and_what_could_be_marks_is_not(plan):
    assert plan("a.json", "README.md", "a.pfsx", "notes.txt") == {"a.json": "graphcore"}
    with pytest.raises(DatasetError, match=r"holds x\.json, y\.xml, of no format that is known\.(.|\n)*Move it"):
        plan("x.json", "y.xml")


def test_where_columns_are_named_tables_are_spreadsheets(plan):
    named = plan("a.json", "b.csv", "d.xlsx", "notes.txt", are_tables=True)
    assert named == {"a.json": "graphcore", "b.csv": "spreadsheet", "d.xlsx": "spreadsheet"}


def test_where_columns_are_named_texts_alone_are_spreadsheets(plan):
    assert plan("notes.txt", are_tables=True) == {"notes.txt": "spreadsheet"}
