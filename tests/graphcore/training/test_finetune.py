from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    AugmentConfig,
    BackboneConfig,
    Config,
    HeadConfig,
    ImageFolderConfig,
    ScheduleConfig,
    TrainerConfig,
)
from graphcore.training import checkpoints
from graphcore.training.finetune import train_finetune
from graphcore.training.run import load_run

CONFIG = Config(
    dataset=ImageFolderConfig(kind="image_folder"),
    backbone=BackboneConfig(width=0.25, image_size=128, checkpoint=None),
    head=HeadConfig(weight_decay=1e-4),
    augment=AugmentConfig(flip_left_right=True, random_crop=10, random_scale=10, random_brightness=10),
    optimizer=AdamConfig("adam", 0.01),
    schedule=ScheduleConfig("fixed"),
    trainer=TrainerConfig(name="finetune", steps=4, batch_size=8, eval_every_steps=2, checkpoint_every_steps=2),
)


@pytest.fixture(scope="module")
def run(toy_records, tmp_path_factory):
    return train_finetune(CONFIG, toy_records, tmp_path_factory.mktemp("finetune"))


def test_run_can_be_loaded_with_both_its_parts(run):
    loaded = load_run(run.folder)
    assert (loaded.trainer, loaded.steps) == ("finetune", 4)
    assert loaded.read_head().variables["head/linear/weights"].shape == (256, 3)
    below = checkpoints.read_checkpoint(loaded.backbone_checkpoint)
    assert all(name.startswith("MobilenetV1/") for name in below)
    assert "MobilenetV1/Conv2d_13_pointwise/BatchNorm/moving_variance" in below


def test_batch_norm_statistics_moved(run):
    below = checkpoints.read_checkpoint(run.backbone_checkpoint)
    assert np.abs(below["MobilenetV1/Conv2d_0/BatchNorm/moving_mean"]).max() > 0


def test_resumed_training_is_bit_identical_to_an_unbroken_one(run, toy_records, tmp_path):
    half = replace(CONFIG, trainer=replace(CONFIG.trainer, steps=2))
    train_finetune(half, toy_records, tmp_path)
    train_finetune(CONFIG, toy_records, tmp_path)
    whole, resumed = (checkpoints.read_newest_state(folder) for folder in (run.folder, tmp_path))
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        np.testing.assert_array_equal(value, resumed[name], err_msg=name)


def test_training_begins_from_the_backbone_of_another_run(run, toy_records, tmp_path):
    backbone = replace(CONFIG.backbone, checkpoint=str(run.folder))
    still = AdamConfig("adam", 0.0)
    config = replace(CONFIG, backbone=backbone, optimizer=still, trainer=replace(CONFIG.trainer, steps=1))
    again = train_finetune(config, toy_records, tmp_path)
    before, after = (checkpoints.read_checkpoint(each.backbone_checkpoint) for each in (run, again))
    name = "MobilenetV1/Conv2d_5_pointwise/weights"
    np.testing.assert_array_equal(before[name], after[name])
