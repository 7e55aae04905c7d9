import json

import pytest

from graphcore.config import ImageFolderConfig
from graphcore.evaluation.other_data.earlier import list_changes, list_options, replace_note


def test_options_are_those_that_decide_the_samples():
    options = list_options(ImageFolderConfig(kind="image_folder", dir="photos", records="there", size=32))
    assert (options["dataset.dir"], options["dataset.size"]) == ("photos", 32)
    assert "dataset.records" not in options
    assert json.loads(json.dumps(options)) == options


def test_other_options_are_told_and_noted(tmp_path, capsys):
    replace_note(tmp_path, {"dataset.seed": 9, "dataset.size": None})
    assert capsys.readouterr().err == ""
    replace_note(tmp_path, {"dataset.seed": 0, "dataset.size": None})
    assert "which are replaced: dataset.seed was 9, now 0." in " ".join(capsys.readouterr().err.split())
    replace_note(tmp_path, {"dataset.seed": 0, "dataset.size": None})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({}, {"a": 1}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"a": None, "c": 3}, ["a was 1, now null", "b was 2, now null", "c was null, now 3"]),
    ],
)
def test_changes_are_told_option_by_option(before, now, expected):
    assert list_changes(before, now) == expected


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"options": 3}'])
def test_a_damaged_note_tells_nothing(text, tmp_path, capsys):
    (tmp_path / "evaluation.json").write_text(text)
    replace_note(tmp_path, {"dataset.seed": 0})
    assert capsys.readouterr().err == ""
