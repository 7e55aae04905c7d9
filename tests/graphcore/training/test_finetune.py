from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    AugmentConfig,
    BackboneConfig,
    Config,
    FinetuneConfig,
    GraphBackboneConfig,
    HeadConfig,
    ImageFolderConfig,
    ScheduleConfig,
    SummariesConfig,
)
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.weights import write_npz
from graphcore.training import checkpoints, precision
from graphcore.training.finetune import _advise, check_options, train_finetune
from graphcore.training.run import load_run
from graphcore.training.trainable import plan_training

# So low that a network is built and run in a second.
LAST = "Conv2d_3_pointwise"
CONFIG = Config(
    dataset=ImageFolderConfig(kind="image_folder"),
    backbone=BackboneConfig(checkpoint=None, end_point=LAST),
    head=HeadConfig(weight_decay=1e-4),
    augment=AugmentConfig(flip_left_right=True, random_crop=10, random_scale=10, random_brightness=10),
    optimizer=AdamConfig("adam", 0.01),
    schedule=ScheduleConfig("fixed"),
    trainer=FinetuneConfig(name="finetune", steps=4, batch_size=8, eval_every_steps=2, checkpoint_every_steps=2),
    summaries=SummariesConfig(False, 0, 0, False, False, 0),
)


@pytest.fixture(scope="module")
def run(toy_records, tmp_path_factory):
    return train_finetune(CONFIG, toy_records, tmp_path_factory.mktemp("finetune"))


def test_run_can_be_loaded_with_both_its_parts(run):
    loaded = load_run(run.folder)
    assert (loaded.trainer, loaded.steps) == ("finetune", 4)
    assert loaded.read_head().variables["head/linear/weights"].shape == (32, 3)
    below = checkpoints.read_checkpoint(loaded.backbone_checkpoint)
    assert all(name.startswith("MobilenetV1/") for name in below)
    assert f"MobilenetV1/{LAST}/BatchNorm/moving_variance" in below


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


def test_training_goes_on_from_another_run_and_changes_nothing_but_what_it_is_told_to(
    run, toy_records, tmp_path, capsys
):
    last = f"MobilenetV1/{LAST}"
    config = replace(
        CONFIG,
        backbone=BackboneConfig(checkpoint=str(run.folder)),
        trainer=replace(CONFIG.trainer, steps=2, trainable_scopes=[last], batch_norm="auto", ema_decay=0.9),
    )
    again = train_finetune(config, toy_records, tmp_path)
    assert "folded" not in capsys.readouterr().err
    before, after = (checkpoints.read_checkpoint(each.backbone_checkpoint) for each in (run, again))
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    norm = (f"{last}/BatchNorm/{part}" for part in ("gamma", "beta", "moving_mean", "moving_variance"))
    assert changed == {f"{last}/weights", *norm}
    assert again.speeds["images_per_second/train"] > 0


def test_folded_weights_keep_their_statistics(toy_records, tmp_path, capsys):
    # Those that come with the package: their means are 0.
    with tf.Graph().as_default():
        values = get_configured_backbone(BackboneConfig())[1].read_all()
    norm = "MobilenetV1/Conv2d_0/BatchNorm/moving_mean"
    folded = {
        name: np.full_like(value, 0.999)
        if name.endswith("variance")
        else np.zeros_like(value)
        if name.endswith("moving_mean")
        else value
        for name, value in values.items()
    }
    write_npz(tmp_path / "folded.npz", folded)
    backbone = replace(CONFIG.backbone, checkpoint=str(tmp_path / "folded.npz"))
    config = replace(CONFIG, backbone=backbone, trainer=replace(CONFIG.trainer, steps=1))
    found = train_finetune(config, toy_records, tmp_path / "run")
    assert "Batch norm was folded into these weights" in capsys.readouterr().err
    assert not checkpoints.read_checkpoint(found.backbone_checkpoint)[norm].any()


@pytest.mark.parametrize(
    ("rate", "multipliers", "told"),
    [(0.01, None, True), (0.01, {"backbone": 0.1}, False), (0.001, None, False), (0.001, {"backbone": 3}, True)],
)
def test_a_rate_that_makes_a_pretrained_network_forget_is_told(rate, multipliers, told, capsys):
    config = replace(finetune(learning_rate_multipliers=multipliers), optimizer=AdamConfig("adam", rate))
    _advise(config, plan_training("MobilenetV1", config.trainer))
    assert ("forget all it knows" in capsys.readouterr().err) is told


def finetune(backbone=CONFIG.backbone, **trainer):
    return replace(CONFIG, backbone=backbone, trainer=replace(CONFIG.trainer, **trainer))


def test_options_that_can_be_followed_are_taken():
    check_options(finetune(trainable_scopes=["MobilenetV1/Conv2d_2_depthwise"], learning_rate_multipliers={"head": 10}))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (finetune(GraphBackboneConfig("graph", checkpoint="a.pb")), r"backbone=graph is a network without variables"),
        (
            finetune(trainable_scopes=["MobilenetV1/Conv2d_3"]),
            r"(?s)trainable_scopes names 'MobilenetV1/Conv2d_3', and no variable of mobilenet_v1.*Conv2d_3_pointwise",
        ),
        (
            finetune(trainable_scopes=["MobilenetV1/Conv2d_4_depthwise"]),
            r"(?s)names 'MobilenetV1/Conv2d_4_depthwise'.*Conv2d_3_depthwise",
        ),
        (
            finetune(BackboneConfig("vgg_16", 1.0, 224), train_image_size=128),
            r"train_image_size=128 is too small for vgg_16 1/224",
        ),
        (finetune(learning_rate_multipliers={"heads": 10}), r"(?s)learning_rate_multipliers names 'heads'.*: head"),
    ],
)
def test_options_that_cannot_be_followed_are_refused_before_anything_is_read(config, message):
    with pytest.raises(ConfigError, match=message):
        check_options(config)


def test_half_precision_is_refused_where_the_machine_has_none(monkeypatch):
    monkeypatch.setattr(precision, "_read_cpu_flags", lambda: ["avx2"])
    monkeypatch.setattr(precision.tf.config, "list_physical_devices", lambda kind: [])
    with pytest.raises(ConfigError, match=r"trainer.precision=mixed: there is no GPU here"):
        check_options(finetune(precision="mixed"))
