import dataclasses

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    Config,
    CosineHeadConfig,
    ImageFolderConfig,
    MlpHeadConfig,
    MultiLabelHeadConfig,
    ScheduleConfig,
    TrainerConfig,
)
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import get_head
from graphcore.heads.trained import TrainedHead
from graphcore.training import checkpoints
from graphcore.training.frozen import train_head
from graphcore.training.head_stepper import HeadStepper

CLASSES = 3
MLP = MlpHeadConfig("mlp", widths=[6, 5], dropout=0.3, batch_norm=True, unit_norm=True)
HEADS = [
    MLP,
    CosineHeadConfig("cosine", learn_scale=True),
    MultiLabelHeadConfig("multi_label", widths=[6], dropout=0.3, class_weights="balanced", focal_gamma=2),
]


def draw(count, multi_label):
    """Three clusters in four dimensions; with several labels a sample those of its own and of the next cluster."""
    random = np.random.default_rng(count)
    labels = (np.arange(count) % CLASSES).astype(np.int32)
    values = np.eye(CLASSES, 4)[labels] * 3 + random.normal(size=(count, 4))
    if multi_label:
        labels = (np.eye(CLASSES, dtype=np.uint8) | np.roll(np.eye(CLASSES, dtype=np.uint8), 1, axis=1))[labels]
    return FeatureSet(values.astype(np.float32), labels, tuple(map(str, range(count))))


class Data:
    labels = ("a", "b", "c")
    digest = "digest"

    def class_counts(self, split):
        return np.array([14, 13, 13])


def make_config(head, steps):
    return Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        head=head,
        optimizer=AdamConfig("adam", 0.02),
        schedule=ScheduleConfig("fixed"),
        trainer=TrainerConfig(steps=steps, batch_size=16, eval_every_steps=10, checkpoint_every_steps=30),
    )


def train(folder, head, steps=60):
    features = {split: draw(count, head.name == "multi_label") for split, count in (("train", 40), ("validation", 21))}
    return train_head(features, make_config(head, steps), Data(), "weights", folder), features


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_resumed_training_is_bit_identical_to_an_unbroken_one(head, tmp_path):
    train(tmp_path / "whole", head)
    train(tmp_path / "resumed", head, steps=30)
    train(tmp_path / "resumed", head)
    whole, resumed = (checkpoints.read_newest_state(tmp_path / name) for name in ("whole", "resumed"))
    assert whole.keys() == resumed.keys()
    if head is MLP:
        assert any("moving_variance" in name for name in whole)
    assert any(name.startswith("training/best/head/") for name in whole)
    for name, value in whole.items():
        if name != "training/fingerprint":
            np.testing.assert_array_equal(value, resumed[name], name)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_parted_clusters_are_learnt_and_the_weights_kept_say_so(head, tmp_path):
    result, features = train(tmp_path, head)
    objective = "mean_average_precision" if head.name == "multi_label" else "accuracy"
    assert result.validation[f"validation/{objective}"] > 0.8
    found = features["validation"]
    scores = TrainedHead(get_head(head, CLASSES), result.weights).scores(found.features)
    truth = np.eye(CLASSES)[found.labels] if found.labels.ndim == 1 else found.labels
    of_truth = np.where(truth > 0, scores, 1 - scores if head.name == "multi_label" else 1)
    count = truth.size if head.name == "multi_label" else len(truth)
    assert -np.log(of_truth).sum() / count == pytest.approx(result.validation["validation/loss"], rel=1e-3)


def test_looking_at_histograms_changes_nothing():
    features = {split: draw(count, False) for split, count in (("train", 40), ("validation", 21))}
    config = make_config(MLP, 10)
    with HeadStepper(features, config, Data().class_counts("train"), get_head(MLP, CLASSES)) as stepper:
        before = stepper.read_variables()
        first, second = stepper.read_histograms(), stepper.read_histograms()
        after = stepper.read_variables()
    assert {name for name in first if name.startswith("gradients/")}
    for found, again in ((before, after), (first, second)):
        for name, value in found.items():
            np.testing.assert_array_equal(value, again[name], name)


def test_dropout_is_drawn_anew_at_every_step(tmp_path):
    plain, _ = train(tmp_path / "plain", dataclasses.replace(MLP, dropout=0.0))
    dropped, _ = train(tmp_path / "dropped", MLP)
    name = "head/mlp/logits/weights"
    assert not np.array_equal(plain.weights[name], dropped.weights[name])


def test_a_multi_label_head_learns_from_one_label_a_sample(tmp_path):
    features = {split: draw(count, False) for split, count in (("train", 40), ("validation", 21))}
    head = MultiLabelHeadConfig("multi_label")
    result = train_head(features, make_config(head, 60), Data(), "weights", tmp_path)
    assert result.validation["validation/mean_average_precision"] > 0.8
