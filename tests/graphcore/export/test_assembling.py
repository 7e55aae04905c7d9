"""A graph that was assembled for one run serves the next one, with the next one's head in it."""

from dataclasses import replace

import numpy as np
import pytest

from graphcore.export import assembling
from graphcore.export.assembling import assemble
from graphcore.export.classifier_graph import build_classifier_graph
from graphcore.heads.linear import BIASES, WEIGHTS
from graphcore.heads.trained import TrainedHead
from graphcore.training import checkpoints


@pytest.fixture(autouse=True)
def builds(monkeypatch):
    """How often a whole graph is built."""
    calls, build = [], assembling.build_classifier_graph_of
    monkeypatch.setattr(assembling, "_kept", [])
    monkeypatch.setattr(assembling, "build_classifier_graph_of", lambda *args: (calls.append(args), build(*args))[1])
    return calls


@pytest.fixture
def other(run, tmp_path, monkeypatch):
    """The same run with another head."""
    found = checkpoints.read_checkpoint(run.head_checkpoint)
    values = {WEIGHTS: found[WEIGHTS] * 2, BIASES: np.array([1.0, 2.0, 3.0], np.float32)}
    trained = TrainedHead(run.read_head().head, values)
    described = replace(run, steps=7)
    read = type(run).read_head
    monkeypatch.setattr(type(run), "read_head", lambda self: trained if self.steps == 7 else read(self))
    return described


def build_anew(run, output_name=None):
    return build_classifier_graph(run, output_name).graph.as_graph_def().SerializeToString(deterministic=True)


def test_each_run_has_its_own_head_in_the_graph_that_is_built_once(run, other, builds):
    assembled = [assemble(run), assemble(other), assemble(run)]
    assert assembled == [build_anew(run), build_anew(other), build_anew(run)]
    assert assembled[0] != assembled[1]
    assert len(builds) == 1


def test_another_name_of_the_scores_makes_another_graph(run, builds):
    assert [assemble(run), assemble(run, "flowers")] == [build_anew(run), build_anew(run, "flowers")]
    assert len(builds) == 2


def test_a_large_graph_is_not_kept(run, builds, monkeypatch):
    monkeypatch.setattr(assembling, "_LARGEST_BYTES", 1000)
    assert assemble(run) == assemble(run) == build_anew(run)
    assert len(builds) == 2
