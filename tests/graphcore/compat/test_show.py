from __future__ import annotations

from graphcore.compat.flag import Difference, Flag, Script
from graphcore.compat.show import show_plan, write_help

SCRIPT = Script(
    "retrain",
    "Train.",
    "--steps 5",
    (
        Flag("steps", int, 4000, "how many", "trainer.steps", section="Training:"),
        Flag("flip", bool, False, "mirror", options="augment", did="then", now="otherwise", section="Training:"),
        Flag("clones", int, 1, "copies", refused="one machine", section="Run:"),
    ),
)


def test_help_says_of_each_flag_what_it_becomes():
    text = write_help(SCRIPT)
    assert "python -m graphcore.compat.retrain --steps 5" in text
    assert "  --steps=4000\n      how many -> trainer.steps\n" in text
    assert "  --[no]flip\n      mirror -> augment; now: otherwise\n" in text
    assert text.index("Training:") < text.index("Run:") < text.index("only the default: one machine")
    assert "name=value" in text
    alone = Script("label_image", "Label.", "", (), takes_options=False)
    assert "name=value" not in write_help(alone)


def test_the_plan_is_a_command_and_a_table(capsys):
    differences = [Difference("--flip", "did this", "does that"), Difference("", "always", "never")]
    show_plan("train", ["a=1", "b=[c,d]"], differences)
    shown = capsys.readouterr().out
    assert "train \\\n    a=1 \\\n    'b=[c,d]'\n" in shown
    assert "--flip" in shown
    assert "does that" in shown
    assert "never" in shown


def test_without_differences_there_is_no_table(capsys):
    show_plan("train", ["a=1"], [])
    assert "differs" not in capsys.readouterr().out
