"""A training in a process of its own that is killed outright, and the same call once more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from graphcore.config import AdamConfig, Config, ImageFolderConfig, MlpHeadConfig, ScheduleConfig, TrainerConfig
from graphcore.features.store import FeatureSet
from graphcore.training import checkpoints
from graphcore.training.frozen import train_head
from graphcore.training.observer import Observer

CLASSES = 3


class Data:
    labels = ("a", "b", "c")
    digest = "digest"

    def class_counts(self, split):
        return np.array([14, 13, 13])


class Killer(Observer):
    """Ends the process as `kill -9` does, between two checkpoints and in the middle of an epoch."""

    every_steps = 43

    def advanced(self, moment):
        if moment.step == self.every_steps:
            os.kill(os.getpid(), signal.SIGKILL)


def draw(count):
    labels = (np.arange(count) % CLASSES).astype(np.int32)
    values = np.eye(CLASSES, 4)[labels] * 3 + np.random.default_rng(count).normal(size=(count, 4))
    return FeatureSet(values.astype(np.float32), labels, tuple(map(str, range(count))))


def train(folder, observers=()):
    config = Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        head=MlpHeadConfig("mlp", widths=[6], dropout=0.3),
        optimizer=AdamConfig("adam", 0.05),
        schedule=ScheduleConfig("fixed"),
        trainer=TrainerConfig(steps=60, batch_size=16, eval_every_steps=20, checkpoint_every_steps=30),
    )
    train_head({"train": draw(40), "validation": draw(20)}, config, Data(), "weights", folder, observers)


def test_a_killed_training_ends_in_the_bits_of_one_that_was_not(tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, __file__, str(killed)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == -signal.SIGKILL, found.stderr
    assert checkpoints.saved_steps(killed) == [30]
    train(killed)
    train(whole)
    expected, found = checkpoints.read_newest_state(whole), checkpoints.read_newest_state(killed)
    assert expected.keys() == found.keys()
    assert any("Adam" in name for name in expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(value, found[name], name)


if __name__ == "__main__":
    train(Path(sys.argv[1]), [Killer()])
