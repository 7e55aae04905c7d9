import sys

import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.features import executor
from graphcore.features.executor import open_forward, plan_executor, require_same
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.xnnpack import XnnpackRunner
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone
from graphcore.nets.graph_backbone import make_graph_backbone
from graphcore.nets.input_spec import InputSpec

DEPTHWISE = {"DepthwiseConv2dNative": 1, "Conv2D": 5}
# What "auto" gives to XNNPACK, and one that is slower to convert, as small as they go. ResNets take half a minute.
NETWORKS = {
    "mobilenet_v1": (0.25, 128),
    "mobilenet_v2": (0.35, 96),
    "mobilenet_v3_small": (0.75, 64),
    "mobilenet_v3_large": (0.75, 64),
    "inception_v1": (1.0, 64),
}
SPEC = InputSpec(8, low=0.0, high=255.0)


def make_graph(build):
    """A stranger's graph: `build` makes features of images float32 [batch, 8, 8, 3]."""
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 8, 8, 3])
        return make_graph_backbone(
            Program(graph, {"images": images.name}, {"features": build(images).name}), SPEC, "in:0", "out:0"
        )


def blur(images):
    return tf.reduce_mean(tf.nn.depthwise_conv2d(images, tf.ones([3, 3, 3, 1]), [1, 1, 1, 1], "SAME"), [1, 2])


@pytest.mark.parametrize(
    ("asked", "counts", "gpu", "expected"),
    [
        ("auto", DEPTHWISE, False, "xnnpack"),
        ("auto", {"Conv2D": 5}, False, "tensorflow"),
        ("auto", DEPTHWISE, True, "tensorflow"),
        ("tensorflow", DEPTHWISE, False, "tensorflow"),
        ("xnnpack", {"Conv2D": 5}, True, "xnnpack"),
    ],
)
def test_depthwise_convolutions_decide(asked, counts, gpu, expected):
    assert plan_executor(asked, counts, gpu) == expected


@pytest.mark.parametrize("name", NETWORKS)
def test_features_are_those_of_tensorflow(name):
    backbone = get_backbone(name, *NETWORKS[name])
    program = freeze_backbone(backbone, None).program
    with open_forward(backbone, program, "xnnpack") as forward:
        assert isinstance(forward, XnnpackRunner)
        require_same(forward, backbone, program)


def test_features_do_not_depend_on_the_batch():
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    images = np.random.default_rng(0).uniform(-1, 1, (21, 128, 128, 3)).astype(np.float32)
    with open_forward(backbone, freeze_backbone(backbone, None).program) as forward:
        apart = np.concatenate([forward(images[:5]), forward(images[5:])])
        np.testing.assert_array_equal(forward(images), apart)


def test_one_runner_serves_every_pass():
    graph = make_graph(blur)
    with open_forward(graph, graph.program) as first, open_forward(graph, graph.program) as second:
        assert first is second


def test_other_features_are_refused():
    graph = make_graph(blur)
    with pytest.raises(ConfigError, match=r"disagree on the features of graph out:0/8 by 0.01 of the largest"):
        require_same(lambda images: graph.program.run({"images": images})[0] * 1.01, graph, graph.program)


def test_features_that_are_no_numbers_are_refused():
    graph = make_graph(blur)
    with pytest.raises(ConfigError, match="disagree"):
        require_same(lambda images: np.full((len(images), 3), np.nan, np.float32), graph, graph.program)


def test_graph_that_xnnpack_cannot_run_is_run_by_tensorflow_and_said_once(capsys):
    graph = make_graph(lambda images: blur(images) + tf.linalg.det(images[:, :3, :3, 0])[:, tf.newaxis])
    images = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    for _ in range(2):
        with open_forward(graph, graph.program) as forward:
            np.testing.assert_allclose(forward(images), graph.program.run({"images": images})[0], rtol=1e-5)
    said = capsys.readouterr().err
    assert said.count("XNNPACK has no way to run this network") == 1
    assert said.count("TensorFlow computes the features") == 1


def test_the_same_graph_is_an_error_where_xnnpack_was_asked_for():
    graph = make_graph(lambda images: tf.linalg.det(images[:, :3, :3, 0])[:, tf.newaxis])
    for _ in range(2):
        with pytest.raises(ConfigError, match="XNNPACK has no way"), open_forward(graph, graph.program, "xnnpack"):
            pass


def test_without_the_package_tensorflow_does_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    graph = make_graph(blur)
    with open_forward(graph, graph.program) as forward:
        assert forward(np.zeros((2, 8, 8, 3), np.float32)).shape == (2, 3)
    assert "ai-edge-litert, which cannot be imported" in capsys.readouterr().err


def test_gpu_is_left_to_tensorflow(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    monkeypatch.setattr(executor, "_make_xnnpack", None)
    graph = make_graph(blur)
    with open_forward(graph, graph.program) as forward:
        assert forward(np.zeros((2, 8, 8, 3), np.float32)).shape == (2, 3)
