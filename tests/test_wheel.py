"""What a stranger installs: the wheel, alone, in an empty environment."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("graphcore-*.whl"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [folder / "bin/python", "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", wheel]
    subprocess.run([str(part) for part in install], check=True)
    yield folder
    shutil.rmtree(folder)  # some 2 GB that pytest would keep


def run(environment, *arguments, cwd):
    ours = ("PYTHON", "VIRTUAL_ENV", "PYTEST")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    command = [environment / "bin" / "train", *arguments]
    return subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True)


def draw_photos(folder, classes=("dark", "light"), count=6):
    random = np.random.default_rng(0)
    for index, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(120 * index, 120 * index + 100, (64, 80, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.jpg")


def test_wheel_carries_configuration_and_checkpoint(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "graphcore/conf/config.yaml" in names
    assert "graphcore/conf/experiment/suturing.yaml" in names
    assert any(name.startswith("graphcore/assets/") and name.endswith(".npz") for name in names)
    assert not [name for name in names if name.startswith(("tests", "conf/", "data", "runs"))]


def test_help_runs_from_the_wheel(environment, tmp_path):
    shown = run(environment, "--help", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "suturing" in shown.stdout


def test_two_steps_of_training_run_from_the_wheel(environment, tmp_path):
    draw_photos(tmp_path / "photos")
    options = ["dataset.dir=photos", "trainer.steps=2", "trainer.eval_every_steps=1", "hydra.run.dir=run"]
    shown = run(environment, *options, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert json.loads((tmp_path / "run/metrics.json").read_text())["train/steps"] == 2
