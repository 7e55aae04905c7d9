"""Heads of one identity share a graph of constants, and each has its own values in it."""

from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import HeadConfig, MlpHeadConfig
from graphcore.heads import frozen_head
from graphcore.heads.factory import get_head
from graphcore.heads.trained import TrainedHead

FEATURES = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    monkeypatch.setattr(frozen_head, "_kept", {})


@pytest.fixture
def counted():
    """A linear head of two classes that notes how often its graph is built."""
    head, builds = get_head(HeadConfig(), 2), []

    def build(*args, **options):
        builds.append(args)
        return head.build(*args, **options)

    return replace(head, build=build, identity="counted", unseeded=""), builds


def make(head, seed):
    random = np.random.default_rng(seed)
    shapes = {"head/linear/weights": (3, 2), "head/linear/biases": (2,)}
    return TrainedHead(head, {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()})


def judge_by_hand(trained):
    logits = FEATURES @ trained.variables["head/linear/weights"] + trained.variables["head/linear/biases"]
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_heads_of_one_identity_are_built_once_and_judge_for_themselves(counted):
    head, builds = counted
    for seed in range(3):
        trained = make(head, seed)
        assert trained.scores(FEATURES) == pytest.approx(judge_by_hand(trained), abs=1e-6)
    assert len(builds) == 1


def test_a_head_that_does_not_say_what_it_is_is_built_each_time(counted):
    head, builds = counted
    for seed in range(2):
        make(replace(head, identity=""), seed).scores(FEATURES)
    assert len(builds) == 2


def test_the_newest_alone_is_kept(counted):
    head, builds = counted
    for identity in ("counted", "another", "counted"):
        make(replace(head, identity=identity), 0).scores(FEATURES)
    assert len(builds) == 3


def test_heads_of_other_seeds_share_a_graph(counted):
    head, builds = counted
    for seed in range(2):
        trained = make(replace(head, identity=f"seed {seed}", unseeded="counted"), seed)
        assert trained.scores(FEATURES) == pytest.approx(judge_by_hand(trained), abs=1e-6)
    assert len(builds) == 1


def test_features_of_another_size_have_a_graph_of_their_own(counted):
    head, builds = counted
    make(head, 0).scores(FEATURES)
    wide = {"head/linear/weights": np.zeros((5, 2), np.float32), "head/linear/biases": np.zeros(2, np.float32)}
    assert TrainedHead(head, wide).scores(np.ones((1, 5), np.float32)).tolist() == [[0.5, 0.5]]
    assert len(builds) == 2


def test_batch_norm_is_folded_with_the_statistics_of_each_head():
    head = get_head(MlpHeadConfig("mlp", widths=[2]), 2)
    for mean in (0.0, 3.0):
        values = {
            "hidden_1/weights": np.eye(3, 2),
            "hidden_1/BatchNorm/beta": np.zeros(2),
            "hidden_1/BatchNorm/moving_mean": np.full(2, mean),
            "hidden_1/BatchNorm/moving_variance": np.full(2, 0.999),
            "logits/weights": np.eye(2),
            "logits/biases": np.array([0.0, 1.0]),
        }
        trained = TrainedHead(head, {f"head/mlp/{name}": value.astype(np.float32) for name, value in values.items()})
        # The first number is 4: what is left of it, less the mean, against a bias of 1.
        scores = trained.scores(np.array([[4.0, 0.0, 0.0]], np.float32))
        assert scores[0, 0] == pytest.approx(1 / (1 + np.exp(1 - (4 - mean))), abs=1e-5)
