from __future__ import annotations

from pathlib import Path

import pytest

from graphcore.compat.flag import Difference, Flag, Given, Script
from graphcore.compat.plan import Plan, map_directly, name_run, separate_run_dir, tell_given
from graphcore.errors import ConfigError

SCRIPT = Script(
    "s",
    "",
    "",
    (
        Flag("dir", str, "", "", "dataset.dir"),
        Flag("steps", int, 5, "", "trainer.steps"),
        Flag("readers", int, 4, "", did="read", now="does nothing"),
    ),
)


def test_flags_of_one_option_each_become_it_and_empty_ones_do_not():
    assert map_directly(Given({"dir": "", "steps": 5, "readers": 4}), SCRIPT) == ["trainer.steps=5"]
    assert map_directly(Given({"dir": "a", "steps": 5, "readers": 4}), SCRIPT) == ["dataset.dir=a", "trainer.steps=5"]


def test_differences_are_told_of_flags_that_were_given():
    given = Given({"dir": "", "steps": 5, "readers": 4}, frozenset({"readers", "steps"}))
    assert tell_given(given, SCRIPT) == [Difference("--readers", "read", "does nothing")]
    assert tell_given(Given(given.values), SCRIPT) == []


def test_the_runs_folder_is_taken_out_of_the_options():
    assert separate_run_dir(["seed=1", "hydra.run.dir=runs/a"]) == (["seed=1"], Path("runs/a"))
    assert separate_run_dir(["seed=1"]) == (["seed=1"], None)
    with pytest.raises(ConfigError, match=r"hydra\.sweep\.dir=x does nothing here"):
        separate_run_dir(["hydra.sweep.dir=x"])


def test_the_same_options_go_on_in_the_same_folder_until_it_is_finished(tmp_path):
    first = name_run("retrain", ["a=1"], tmp_path)
    assert first == name_run("retrain", ["a=1"], tmp_path)
    assert first != name_run("retrain", ["a=2"], tmp_path)
    first.mkdir()
    assert first == name_run("retrain", ["a=1"], tmp_path)
    (first / "run.json").touch()
    assert name_run("retrain", ["a=1"], tmp_path) == first.with_name(f"{first.name}-2")


def test_the_equivalent_command_names_the_run():
    assert Plan(("a=1",), Path("my runs/x")).arguments == ("a=1", 'hydra.run.dir="my runs/x"')
