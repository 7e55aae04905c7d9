from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    BackboneConfig,
    Config,
    FinetuneConfig,
    ImageFolderConfig,
    ScheduleConfig,
    SummariesConfig,
    TrainerConfig,
)
from graphcore.errors import CheckpointError, RunError
from graphcore.training import checkpoints
from graphcore.training.finetune import train_finetune
from graphcore.training.frozen import train_frozen
from graphcore.training.unfinished import BEGUN_FILE, read_beginning, read_weights

CONFIG = Config(
    dataset=ImageFolderConfig(kind="image_folder"),
    backbone=BackboneConfig(checkpoint=None, end_point="Conv2d_1_pointwise"),
    optimizer=AdamConfig("adam", 0.01),
    schedule=ScheduleConfig("fixed"),
    trainer=TrainerConfig(steps=4, batch_size=8, eval_every_steps=2, checkpoint_every_steps=2),
    summaries=SummariesConfig(False, 0, 0, False, False, 0),
)


def test_a_training_says_what_it_is_before_its_first_step(toy_records, tmp_path):
    config = replace(CONFIG, backbone=replace(CONFIG.backbone, features_dir=str(tmp_path / "features")))
    run = train_frozen(config, toy_records, tmp_path / "run")

    begun = read_beginning(run.folder)

    assert begun == replace(run, steps=0, best_step=0, validation={}, seconds={}, speeds={}, temperature=None)


def test_a_folder_without_a_training_has_no_beginning(tmp_path):
    assert read_beginning(tmp_path) is None


def test_a_damaged_beginning_is_refused(tmp_path):
    path = checkpoints.checkpoints_dir(tmp_path) / BEGUN_FILE
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(RunError, match=r"begun\.json is damaged"):
        read_beginning(tmp_path)


def test_the_weights_of_a_step_are_its_averages(toy_records, tmp_path):
    trainer = FinetuneConfig("finetune", 2, 8, eval_every_steps=2, checkpoint_every_steps=2, ema_decay=0.5)
    run = train_finetune(replace(CONFIG, trainer=trainer), toy_records, tmp_path)

    found = read_weights(tmp_path, 2)

    # Of a single evaluation, at the last step, the kept weights are those of the step.
    kept = checkpoints.read_checkpoint(run.backbone_checkpoint) | checkpoints.read_checkpoint(run.head_checkpoint)
    assert read_beginning(tmp_path).trainer == "finetune"
    for name, value in kept.items():
        np.testing.assert_array_equal(found[name], value)
    own = checkpoints.read_checkpoint(checkpoints.model_prefix(tmp_path, 2))["head/linear/weights"]
    assert np.abs(own - found["head/linear/weights"]).max() > 0


def test_a_checkpoint_that_is_gone_is_an_error(tmp_path):
    with pytest.raises(CheckpointError, match=r"no checkpoint .*model\.ckpt-5"):
        read_weights(tmp_path, 5)


def test_a_checkpoint_of_another_program_is_an_error(tmp_path):
    checkpoints.write_checkpoint(checkpoints.model_prefix(tmp_path, 5), {"weights": np.zeros(2, np.float32)})
    with pytest.raises(CheckpointError, match="of another program"):
        read_weights(tmp_path, 5)
