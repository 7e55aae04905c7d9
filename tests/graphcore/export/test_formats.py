import dataclasses

import pytest

from graphcore.errors import ConfigError, RunError
from graphcore.export import export
from graphcore.export.formats import read_labels, write_labels
from graphcore.graph.program import read_program


def test_files_are_named_as_they_are_written(run):
    assert export(run.folder, ["frozen"]) == [
        run.folder / "export" / "frozen_graph.pb",
        run.folder / "export" / "labels.txt",
    ]


def test_labels_come_one_a_line_in_the_order_of_the_scores(run):
    export(run)

    assert (run.export_dir / "labels.txt").read_text() == "hat\nshoes\nt-shirt\n"


def test_labels_are_read_back_as_they_were_written(tmp_path):
    labels = ("Class_A", "class a", "Übung", " with spaces ", "U\u2028separator")

    write_labels(tmp_path / "labels.txt", labels)

    assert read_labels(tmp_path / "labels.txt") == (*labels[:-1], "U separator")


def test_unknown_format_lists_the_choices(run):
    with pytest.raises(ConfigError, match=r"'tflight'.*\nChoices: frozen, saved_model"):
        export(run, ["frozen", "tflight"])


def test_no_format_at_all_is_a_mistake(run):
    with pytest.raises(ConfigError, match="formats is empty"):
        export(run, [])


def test_a_folder_that_is_no_run_says_so(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        export(tmp_path)


def test_the_scores_have_the_name_that_the_run_was_told(run):
    export(dataclasses.replace(run, output_name="flowers/score"))

    assert list(read_program(run.export_dir / "frozen_graph.pb").outputs) == ["flowers/score"]


def test_another_name_can_be_given(run):
    export(dataclasses.replace(run, output_name="flowers"), output_name="answers")

    assert list(read_program(run.export_dir / "frozen_graph.pb").outputs) == ["answers"]


def test_backbone_of_somebody_elses_graph_has_no_variables_to_write(run):
    with pytest.raises(ConfigError, match=r"(?s)formats=\[backbone\].*graph of constants.*backbone=graph backbone"):
        export(dataclasses.replace(run, backbone_name="graph"), ["backbone"])
