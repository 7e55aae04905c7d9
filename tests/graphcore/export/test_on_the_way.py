from types import SimpleNamespace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    BackboneConfig,
    Config,
    ImageFolderConfig,
    ProductsConfig,
    ScheduleConfig,
)
from graphcore.export.on_the_way import IntermediateGraphs
from graphcore.heads.linear import BIASES, WEIGHTS
from graphcore.inference.classifier import Classifier
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.memory import get_frozen

LABELS = ("a", "b", "c")
CONFIG = Config(
    dataset=ImageFolderConfig(kind="image_folder"),
    backbone=BackboneConfig(checkpoint=None, end_point="Conv2d_1_pointwise"),
    optimizer=AdamConfig("adam"),
    schedule=ScheduleConfig("fixed"),
    export=ProductsConfig(every_steps=10, output_name="answer"),
)
PICTURE = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)


@pytest.fixture(scope="module")
def frozen():
    return get_frozen(*get_configured_backbone(CONFIG.backbone), CONFIG.seed)


def make_head(size):
    weights = np.random.default_rng(1).normal(size=(size, 3)).astype(np.float32)
    return {WEIGHTS: weights, BIASES: np.array([1, 2, 3], np.float32)}


def watch(folder, weights, step):
    stepper = SimpleNamespace(read_weights=lambda: weights)
    IntermediateGraphs(CONFIG, LABELS, folder).advanced(SimpleNamespace(step=step, stepper=stepper))
    return folder / "export" / "intermediate" / f"frozen_graph-{step}.pb"


def test_graph_is_written_at_its_steps_alone(frozen, tmp_path):
    head = make_head(frozen.program.find_output("features").shape[-1])
    assert not watch(tmp_path, head, 5).exists()
    with Classifier.load(watch(tmp_path, head, 20)) as classifier:
        assert classifier.labels == LABELS
        assert classifier.predict([PICTURE]).sum() == pytest.approx(1, abs=1e-5)


def test_trained_backbone_is_written_as_it_is_at_that_step(frozen, tmp_path):
    head = make_head(frozen.program.find_output("features").shape[-1])
    with Classifier.load(watch(tmp_path / "still", head, 10)) as classifier:
        still = classifier.predict([PICTURE])
    with Classifier.load(watch(tmp_path / "same", head | dict(frozen.weights), 10)) as classifier:
        np.testing.assert_allclose(classifier.predict([PICTURE]), still, atol=1e-6)
    moved = {name: value * 1.5 if name.endswith("weights") else value for name, value in frozen.weights.items()}
    with Classifier.load(watch(tmp_path / "moved", head | moved, 10)) as classifier:
        assert np.abs(classifier.predict([PICTURE]) - still).max() > 1e-4
