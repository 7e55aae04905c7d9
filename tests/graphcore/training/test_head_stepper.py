"""What a head's training costs, without a clock: calls into TensorFlow, and operations of a step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    Config,
    HeadConfig,
    ImageFolderConfig,
    ScheduleConfig,
    SgdConfig,
    SummariesConfig,
    TrainerConfig,
)
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf1
from graphcore.heads.factory import get_head
from graphcore.training import head_graph
from graphcore.training.frozen import train_head
from graphcore.training.head_stepper import HeadStepper

CLASSES = 3
# Of a step with sgd: the looks at batches and labels, the features, the layer, its loss and gradient, weight decay, the
# two updates, and what is counted; constants and what the executor prunes (the softmax) included.
MOST_OPERATIONS = {"sgd": 70, "adam": 90}


@pytest.fixture
def features():
    random = np.random.default_rng(0)
    found = FeatureSet(
        random.normal(size=(40, 4)).astype(np.float32),
        (np.arange(40) % CLASSES).astype(np.int32),
        tuple(map(str, range(40))),
    )
    return {"train": found, "validation": found}


def make_config(optimizer="sgd", **parts):
    defaults = {
        "dataset": ImageFolderConfig(kind="image_folder"),
        "head": HeadConfig(),
        "optimizer": {"sgd": SgdConfig("sgd", 0.1), "adam": AdamConfig("adam", 0.1)}[optimizer],
        "schedule": ScheduleConfig("fixed"),
        "trainer": TrainerConfig(steps=400, batch_size=16, eval_every_steps=100, checkpoint_every_steps=400),
    }
    return Config(**(defaults | parts))


def make_stepper(features, config):
    return HeadStepper(features, config, np.array([14, 13, 13]), get_head(config.head, CLASSES))


class Data:
    labels = ("a", "b", "c")
    digest = "digest"

    def class_counts(self, split):
        return np.array([14, 13, 13])


@pytest.fixture
def count_runs(monkeypatch):
    calls, run = [], tf1.Session.run

    def count(self, *args, **options):
        calls.append(args)
        return run(self, *args, **options)

    monkeypatch.setattr(tf1.Session, "run", count)
    return calls


def test_calls_of_a_training_grow_with_its_evaluations_and_not_with_its_steps(features, tmp_path, count_runs):
    train_head(features, make_config(), Data(), "weights", tmp_path / "a")
    few = len(count_runs)
    count_runs.clear()
    # Ten times the steps, as many evaluations.
    long = TrainerConfig(steps=4000, batch_size=16, eval_every_steps=1000, checkpoint_every_steps=4000)
    train_head(features, make_config(trainer=long), Data(), "weights", tmp_path / "b")
    # The variables, their values, and the splits; four times steps and validation, and the weights where they are the
    # best; the state of the one checkpoint.
    assert few <= 3 + 4 * 3 + 1
    assert len(count_runs) <= 3 + 4 * 3 + 1


def test_a_sweep_builds_one_graph_and_begins_each_job_by_one_call(features, tmp_path, count_runs, monkeypatch):
    head_graph.forget()
    graphs, finalize = [], tf1.Graph.finalize

    def count_graph(self):
        graphs.append(self)
        return finalize(self)

    monkeypatch.setattr(tf1.Graph, "finalize", count_graph)
    calls = []
    for number, rate in enumerate((0.1, 0.2, 0.4)):
        count_runs.clear()
        config = make_config(head=HeadConfig(weight_decay=rate / 10))
        config = replace(config, optimizer=SgdConfig("sgd", rate))
        train_head(features, config, Data(), "weights", tmp_path / str(number))
        calls.append(len(count_runs))
    assert len(graphs) == 1
    assert max(calls[1:]) <= 1 + 4 * 3 + 1


@pytest.mark.parametrize("optimizer", MOST_OPERATIONS)
def test_a_step_is_few_operations(features, optimizer):
    with make_stepper(features, make_config(optimizer)) as stepper:
        functions = stepper.graph.as_graph_def().library.function
    (body,) = (each for each in functions if "while_body" in each.signature.name)
    assert len(body.node_def) <= MOST_OPERATIONS[optimizer]


def test_no_step_is_built_outside_of_the_loop(features):
    with make_stepper(features, make_config("adam")) as stepper:
        kinds = [operation.type for operation in stepper.graph.get_operations()]
    assert "ResourceApplyAdam" not in kinds


def test_gradients_that_nobody_watches_are_not_built(features):
    config = make_config(summaries=replace(SummariesConfig(), histograms=False))
    with make_stepper(features, config) as stepper:
        kinds = [operation.type for operation in stepper.graph.get_operations()]
        assert stepper.read_histograms() == {}
    assert "BiasAddGrad" not in kinds
