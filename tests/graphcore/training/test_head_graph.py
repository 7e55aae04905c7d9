"""Trainings that differ in numbers share a graph, and nothing of one is left in the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdagradConfig,
    AdamConfig,
    Config,
    CosineConfig,
    CosineHeadConfig,
    HeadConfig,
    ImageFolderConfig,
    MedianHeadConfig,
    MlpHeadConfig,
    MomentumConfig,
    MultiLabelHeadConfig,
    ScheduleConfig,
    SgdConfig,
    SummariesConfig,
    TrainerConfig,
)
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import get_head
from graphcore.heads.temporal import SmoothingHead
from graphcore.training import head_graph
from graphcore.training.actions import Pause
from graphcore.training.head_stepper import HeadStepper

CLASSES = 3
COUNTS = np.array([14, 13, 13])


def make_features(seed=0, count=40):
    random = np.random.default_rng(seed)
    found = FeatureSet(
        random.normal(size=(count, 4)).astype(np.float32),
        (np.arange(count) % CLASSES).astype(np.int32),
        tuple(map(str, range(count))),
    )
    return {"train": found, "validation": found}


def make_config(**parts):
    defaults = {
        "dataset": ImageFolderConfig(kind="image_folder"),
        "head": HeadConfig(),
        "optimizer": AdamConfig("adam", 0.1),
        "schedule": ScheduleConfig("fixed"),
        "trainer": TrainerConfig(steps=400, batch_size=16),
    }
    return Config(**(defaults | parts))


def make_stepper(config, features=None, counts=COUNTS):
    return HeadStepper(features or make_features(), config, counts, get_head(config.head, CLASSES, config.seed))


def train(config, features=None):
    """All that 30 steps and a look leave behind, as bytes."""
    with make_stepper(config, features) as stepper:
        chunks = [stepper.advance(0, 20, Pause()), stepper.advance(20, 10, Pause())]
        evaluation, histograms = stepper.evaluate(), stepper.read_histograms()
        arrays = stepper.read_variables() | histograms | {"scores": evaluation.scores}
        return {name: value.tobytes() for name, value in arrays.items()}, chunks, evaluation.values


@pytest.fixture(autouse=True)
def nothing_waits():
    head_graph.forget()
    yield
    head_graph.forget()


OTHER_NUMBERS = [
    {"optimizer": AdamConfig("adam", 0.01)},
    {"head": HeadConfig(weight_decay=0.5)},
    {"head": HeadConfig(weight_decay=0.0)},
    {"seed": 1},
]


@pytest.mark.parametrize("other", OTHER_NUMBERS)
def test_trainings_that_differ_in_a_fed_number_share_a_graph(other):
    with make_stepper(make_config()) as first:
        pass
    with make_stepper(make_config(**other)) as second:
        assert second.graph is first.graph


@pytest.mark.parametrize("other", OTHER_NUMBERS)
def test_a_fed_number_counts(other):
    assert train(make_config(**other))[0] != train(make_config())[0]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"head": HeadConfig(weight_decay=0.0)},
        {"head": MlpHeadConfig("mlp", widths=[5], dropout=0.5)},
        {"head": CosineHeadConfig("cosine", learn_scale=True)},
        {"head": MultiLabelHeadConfig("multi_label", widths=[5])},
        {"optimizer": SgdConfig("sgd", 0.1)},
        {"optimizer": MomentumConfig("momentum", 0.1)},
        {"optimizer": AdagradConfig("adagrad", 0.1)},
        {"optimizer": AdamConfig("adam", 0.1, clip_norm=0.01)},
        {"schedule": CosineConfig("cosine", warmup_steps=5)},
        {"trainer": TrainerConfig(steps=400, batch_size=16, sampling="uniform")},
    ],
)
def test_a_training_after_another_is_the_same_as_alone(parts):
    config = make_config(**parts)
    alone = train(config)
    other = replace(config, optimizer=replace(config.optimizer, learning_rate=0.7))
    train(replace(other, head=replace(config.head, weight_decay=0.2)), make_features(seed=1))
    assert train(config) == alone


@pytest.mark.parametrize(
    "other",
    [
        {"head": HeadConfig(label_smoothing=0.1)},
        {"head": CosineHeadConfig("cosine")},
        {"optimizer": AdamConfig("adam", 0.1, beta1=0.8)},
        {"optimizer": SgdConfig("sgd", 0.1)},
        {"schedule": CosineConfig("cosine")},
        {"trainer": TrainerConfig(steps=400, batch_size=8)},
        {"summaries": replace(SummariesConfig(), histograms=False)},
    ],
)
def test_another_option_makes_another_graph(other):
    with make_stepper(make_config()) as first:
        pass
    with make_stepper(make_config(**other)) as second:
        assert second.graph is not first.graph


def test_other_features_of_the_same_shape_go_into_the_same_graph():
    with make_stepper(make_config()) as first:
        pass
    with make_stepper(make_config(), make_features(seed=1)) as second:
        assert second.graph is first.graph


@pytest.mark.parametrize(
    "other", [{"features": make_features(count=41)}, {"counts": np.array([1, 1, 1])}], ids=["shape", "counts"]
)
def test_other_data_make_another_graph(other):
    with make_stepper(make_config()) as first:
        pass
    with make_stepper(make_config(), **other) as second:
        assert second.graph is not first.graph


HEADS = [
    HeadConfig(),
    HeadConfig(label_smoothing=0.1),
    CosineHeadConfig("cosine", learn_scale=True),
    MlpHeadConfig("mlp", widths=[5], dropout=0.0),
    MlpHeadConfig("mlp", widths=[5], dropout=0.5),
    MultiLabelHeadConfig("multi_label", widths=[5]),
    MedianHeadConfig("median"),
]


def take_frame(config):
    head = get_head(config.head, CLASSES, config.seed)
    return head.frame if isinstance(head, SmoothingHead) else head


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_each_seed_begins_with_the_values_that_it_has_alone(head):
    def begin(seed):
        config = make_config(head=head, seed=seed)
        with HeadStepper(make_features(), config, COUNTS, take_frame(config)) as stepper:
            first = {name: value.tobytes() for name, value in stepper.read_variables().items()}
            stepper.advance(0, 3, Pause())
            return first, {name: value.tobytes() for name, value in stepper.read_variables().items()}

    alone = []
    for seed in (0, 1):
        head_graph.forget()
        alone.append(begin(seed))
    assert alone[0][0] != alone[1][0]
    head_graph.forget()
    assert [begin(0), begin(1), begin(0)] == [alone[0], alone[1], alone[0]]


def test_a_seed_that_draws_at_every_step_makes_another_graph():
    head = MlpHeadConfig("mlp", widths=[5], dropout=0.5)
    with make_stepper(make_config(head=head)) as first:
        pass
    with make_stepper(make_config(head=head, seed=1)) as second:
        assert second.graph is not first.graph


def test_one_graph_is_kept_and_the_one_before_is_closed():
    with make_stepper(make_config()) as first:
        pass
    with make_stepper(make_config(optimizer=SgdConfig("sgd", 0.1))) as second:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        first.evaluate()
    assert second.evaluate() is not None


def test_two_trainings_at_once_have_a_graph_each():
    with make_stepper(make_config()) as first, make_stepper(make_config()) as second:
        assert first.graph is not second.graph
        first.advance(0, 5, Pause())
        untouched = {name: value.tobytes() for name, value in second.read_variables().items()}
    with make_stepper(make_config()) as third:
        assert {name: value.tobytes() for name, value in third.read_variables().items()} == untouched


def test_a_training_that_failed_leaves_no_graph():
    with pytest.raises(KeyboardInterrupt), make_stepper(make_config()) as first:
        raise KeyboardInterrupt
    with pytest.raises(RuntimeError, match="closed"):
        first.evaluate()
    with make_stepper(make_config()) as second:
        assert second.graph is not first.graph


def test_a_head_that_does_not_say_what_it_is_shares_nothing():
    config, features = make_config(), make_features()
    head = replace(get_head(config.head, CLASSES), identity="")
    with HeadStepper(features, config, COUNTS, head) as first:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        first.evaluate()
    with HeadStepper(features, config, COUNTS, head) as second:
        assert second.graph is not first.graph


def test_a_graph_with_many_features_does_not_wait(monkeypatch):
    monkeypatch.setattr(head_graph, "_LARGEST_BYTES", 2 * 40 * 4 * 4 - 1)  # of two splits
    with make_stepper(make_config()) as first:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        first.evaluate()


def test_without_weight_decay_a_step_is_along_the_loss_alone():
    features = make_features(count=16)
    config = make_config(
        head=HeadConfig(weight_decay=0.0),
        optimizer=SgdConfig("sgd", 1.0),
        trainer=TrainerConfig(steps=1, batch_size=16),
    )
    with make_stepper(config, features) as stepper:
        before = stepper.read_variables()["head/linear/weights"].astype(np.float64)
        stepper.advance(0, 1, Pause())
        after = stepper.read_variables()["head/linear/weights"]
    found = features["train"]
    logits = found.features @ before
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gradient = found.features.T @ (scores - np.eye(CLASSES)[found.labels]) / 16
    assert after == pytest.approx(before - gradient, abs=1e-5)
