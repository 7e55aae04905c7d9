from __future__ import annotations

import pytest

from graphcore.compat.flag import Flag, Script
from graphcore.compat.parse import parse_flags
from graphcore.errors import ConfigError

SCRIPT = Script(
    "retrain",
    "Trains.",
    "--steps 5",
    (
        Flag("steps", int, 4000, "steps", least=1),
        Flag("rate", float, 0.01, "the learning rate"),
        Flag("dir", str, "", "a folder"),
        Flag("flip", bool, False, "mirror"),
        Flag("level", str, "INFO", "how much", choices=("INFO", "WARN")),
        Flag("clones", int, 1, "copies", refused="there is one machine"),
    ),
)


def values(*arguments):
    return dict(parse_flags(arguments, SCRIPT).values)


def test_without_flags_the_old_defaults_hold():
    defaults = {"steps": 4000, "rate": 0.01, "dir": "", "flip": False, "level": "INFO", "clones": 1}
    assert values() == defaults
    assert not parse_flags([], SCRIPT).named


@pytest.mark.parametrize(
    "arguments", [["--steps", "5"], ["--steps=5"], ["-steps", "5"], ["-steps=5"], ["--steps=9", "--steps=5"]]
)
def test_values_come_after_a_blank_or_an_equals_sign(arguments):
    given = parse_flags(arguments, SCRIPT)
    assert given["steps"] == 5
    assert given.named == {"steps"}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        (["--flip"], True),
        (["--noflip"], False),
        (["--flip=false"], False),
        (["--flip=True"], True),
        (["--flip", "false"], False),
        (["--flip=0"], False),
        (["--flip", "--steps=1"], True),
    ],
)
def test_true_and_false_are_said_as_argparse_and_absl_take_them(argument, value):
    assert values(*argument)["flip"] is value


def test_negative_numbers_are_values_and_flags_are_not():
    assert values("--rate", "-1")["rate"] == -1
    with pytest.raises(ConfigError, match=r"--dir has no value"):
        values("--dir", "--steps=1")
    with pytest.raises(ConfigError, match=r"--steps has no value(.|\n)*--steps=VALUE: steps"):
        values("--steps")


def test_a_value_may_hold_equals_signs_and_be_empty():
    assert values("--dir=a=b")["dir"] == "a=b"
    assert values("--dir=")["dir"] == ""


def test_unknown_flags_are_refused_with_a_guess():
    with pytest.raises(ConfigError, match=r"There is no flag --stesp\.\nDid you mean --steps\?(.|\n)*retrain --help"):
        values("--stesp=5")
    with pytest.raises(ConfigError, match=r"There is no flag --step\."):
        values("--step=5")  # argparse would have taken it for --steps
    with pytest.raises(ConfigError, match="There is no flag --nosteps"):
        values("--nosteps")


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        ("--steps=many", "--steps=many is not a whole number"),
        ("--steps=1.5", "--steps=1.5 is not a whole number"),
        ("--rate=fast", "--rate=fast is not a number"),
        ("--flip=perhaps", "--flip=perhaps is not true or false"),
        ("--noflip=true", "--noflip takes no value"),
        ("--steps=0", "--steps=0 is too small: 1 or more"),
        ("--level=LOUD", "--level=LOUD is not known(.|\n)*INFO, WARN"),
        ("--clones=2", "--clones=2 cannot be had: there is one machine"),
        ("photos", "photos stands alone"),
    ],
)
def test_wrong_values_are_told(argument, problem):
    with pytest.raises(ConfigError, match=problem):
        values(argument)


def test_the_only_value_that_is_left_is_taken():
    assert values("--clones=1")["clones"] == 1


def test_options_of_graphcore_are_passed_on_where_they_are_taken():
    given = parse_flags(["trainer.patience=3", "--steps=5", "+experiment=x"], SCRIPT)
    assert given.options == ("trainer.patience=3", "+experiment=x")
    alone = Script("label_image", "Labels.", "", SCRIPT.flags, takes_options=False)
    with pytest.raises(ConfigError, match=r"trainer\.patience=3 stands alone"):
        parse_flags(["trainer.patience=3"], alone)
