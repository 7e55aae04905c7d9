from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import graphcore.compat

COMMANDS = (
    *("retrain", "label_image", "classify_image"),
    *("train_image_classifier", "eval_image_classifier", "export_inference_graph"),
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_costs_nothing(name, monkeypatch, capsys):
    module = importlib.import_module(f"graphcore.compat.{name}")
    monkeypatch.setattr(sys, "argv", [name, "--image=x", "--help"])
    module.main()
    assert f"python -m graphcore.compat.{name}" in capsys.readouterr().out


def test_help_imports_neither_tensorflow_nor_hydra():
    program = (
        "import sys; sys.argv = ['x', '--help']\n"
        f"import {', '.join(f'graphcore.compat.{name}' for name in COMMANDS)}\n"
        f"for name in {COMMANDS}: getattr(graphcore.compat, name).main()\n"
        "print(sorted({'tensorflow', 'hydra', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "[]"


def test_every_module_with_a_main_is_a_command():
    folder = Path(graphcore.compat.__file__).parent
    assert {path.stem for path in folder.glob("*.py") if "def main()" in path.read_text()} == set(COMMANDS)


def test_mistakes_end_with_status_2(monkeypatch, capsys):
    module = importlib.import_module("graphcore.compat.label_image")
    monkeypatch.setattr(sys, "argv", ["label_image", "--imge=x"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 2
    assert "Did you mean --image?" in capsys.readouterr().err
