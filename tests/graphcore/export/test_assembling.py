"""A graph that was assembled for one run serves the next one, with the next one's head in it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from graphcore.config import HeadConfig, MlpHeadConfig, MultiLabelHeadConfig
from graphcore.export import assembling
from graphcore.export.assembling import assemble
from graphcore.export.classifier_graph import DECODED, HEAD_SCOPE, SCORES, build_classifier_graph
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.heads.linear import BIASES, WEIGHTS
from graphcore.heads.trained import TrainedHead
from graphcore.nets.backbone import Backbone
from graphcore.nets.frozen import FrozenBackbone
from graphcore.nets.graph_backbone import make_graph_backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.training import checkpoints

# Of one colour: all that resizing and cropping leave of it is the colour.
COLOUR = np.array([20, 120, 250], np.uint8)
PICTURE = np.broadcast_to(COLOUR, (12, 20, 3))
PLAIN, POSITIVE = InputSpec(8), InputSpec(8, low=0.0)


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


@dataclass(frozen=True)
class Parts:
    """What a run is to be made of. Its features are the mean colour of the prepared picture, mixed."""

    backbone: Backbone
    frozen: FrozenBackbone
    mixture: np.ndarray
    head: TrainedHead

    def judge(self) -> np.ndarray:
        """Scores of the picture, by a backbone in NumPy."""
        spec = self.backbone.input_spec
        features = (spec.low + (spec.high - spec.low) * COLOUR / 255) @ self.mixture
        return self.head.scores(features[np.newaxis].astype(np.float32))[0]


def make_backbone(seed: int = 0, spec: InputSpec = PLAIN, node: str = "mixture"):
    mixture = np.random.default_rng(seed).normal(size=(3, 3)).astype(np.float32)
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 8, 8, 3], name="images")
        tf.matmul(tf.reduce_mean(images, [1, 2]), tf.constant(mixture, name=node), name="features")
    program = Program(graph, {"images": "images"}, {"features": "features"})
    return make_graph_backbone(program, spec), FrozenBackbone({}, str(seed), lambda: program), mixture


def make_head(seed: int, config: HeadConfig | None = None, classes: int = 3, temporal: bool = False) -> TrainedHead:
    head = replace(get_head(config or HeadConfig("linear"), classes), temporal=temporal, identity="", unseeded="")
    random = np.random.default_rng(seed)
    with tf.Graph().as_default():
        head.build(tf.zeros([1, 3]))
        shapes = {variable.op.name: variable.shape.as_list() for variable in tf1.global_variables()}
    values = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return TrainedHead(head, {name: abs(value) if "variance" in name else value for name, value in values.items()})


@pytest.fixture
def export(run, monkeypatch):
    """Exports runs of such parts, one after the other, and has each exported graph classify the picture."""
    of_runs: dict[int, Parts] = {}

    def freeze_run_backbone(run):
        return of_runs[run.steps].backbone, of_runs[run.steps].frozen

    monkeypatch.setattr(assembling, "freeze_run_backbone", freeze_run_backbone)
    monkeypatch.setattr(type(run), "read_head", lambda run: of_runs[run.steps].head)

    def export(runs: Sequence[Parts]) -> list[np.ndarray]:
        of_runs.update(enumerate(runs))
        return [classify(assemble(replace(run, steps=number))) for number in range(len(runs))]

    return export


def classify(serialized: bytes) -> np.ndarray:
    with tf.Graph().as_default() as graph:
        tf1.import_graph_def(tf1.GraphDef.FromString(serialized), name="")
        with tf1.Session(graph=graph) as session:
            return session.run(SCORES, {DECODED: PICTURE})[0]


def check(found: Sequence[np.ndarray], runs: Sequence[Parts]) -> None:
    expected = [parts.judge() for parts in runs]
    assert [scores.shape for scores in found] == [scores.shape for scores in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    for one, other in itertools.pairwise(expected):  # or the comparison would show nothing
        assert one.shape != other.shape or np.abs(one - other).max() > 0.01


def test_another_backbone_of_the_same_shapes_comes_with_its_own_weights(export):
    head = make_head(1)
    one, other = Parts(*make_backbone(0), head), Parts(*make_backbone(1), head)
    check(export([one, other, one]), [one, other, one])


def test_another_way_to_prepare_pictures_is_followed_where_the_weights_are_the_same(export):
    backbone, frozen, mixture = make_backbone()
    one, other = (
        Parts(replace(backbone, input_spec=spec), frozen, mixture, make_head(1)) for spec in (PLAIN, POSITIVE)
    )
    check(export([one, other, one]), [one, other, one])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"config": MultiLabelHeadConfig("multi_label")},
        {"config": MlpHeadConfig("mlp", widths=[3])},
        {"classes": 4},
        {"temporal": True},
    ],
    ids=["weights", "multi_label", "mlp", "classes", "temporal"],
)
def test_another_head_on_the_same_backbone_classifies_as_it_was_trained_to(export, options):
    made = make_backbone()
    one, other = Parts(*made, make_head(1)), Parts(*made, make_head(2, **options))
    check(export([one, other, one]), [one, other, one])


@pytest.mark.parametrize("node", [HEAD_SCOPE, f"{HEAD_SCOPE}/{WEIGHTS}"])
def test_a_backbone_whose_nodes_are_called_as_a_heads_keeps_them_and_each_head_is_its_own(export, builds, node):
    made = make_backbone(node=node)
    one, other = Parts(*made, make_head(1)), Parts(*made, make_head(2))
    check(export([one, other, one]), [one, other, one])
    assert len(builds) == 3
