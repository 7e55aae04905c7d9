"""Small graphs with the names, the shapes and the faults of the ones that people have."""

import json

import numpy as np
import pytest

from graphcore.config import BackboneConfig
from graphcore.config.network import GraphBackboneConfig
from graphcore.errors import CheckpointError, ConfigError, InputError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.frozen import freeze_backbone
from graphcore.nets.graph_backbone import read_graph_backbone, write_graph_backbone
from graphcore.nets.input_spec import InputSpec

SIZE = 16
PICTURES = np.random.default_rng(0).uniform(-1, 1, [5, SIZE, SIZE, 3]).astype(np.float32)
KERNEL = np.random.default_rng(1).normal(size=[1, 1, 3, 4]).astype(np.float32)
MEAN, VARIANCE, BETA, GAMMA = (
    np.array(v, np.float32) for v in ([1, 2, 3, 4], [1, 4, 9, 16], [0, 1, 0, 1], [1, 2, 1, 2])
)


def write(path, build):
    with tf.Graph().as_default() as graph:
        build()
    graph_def = graph.as_graph_def()
    return write_def(path, graph_def)


def write_def(path, graph_def):
    path.write_bytes(graph_def.SerializeToString())
    return path


def build_mobilenet(batch=1, name="input", size=SIZE):
    """As retrain.py's: the input's batch is 1, and so is that written into the last Reshape."""
    images = tf1.placeholder(tf.float32, [batch, size, size, 3], name=name)
    maps = tf.nn.relu6(tf.nn.conv2d(images, KERNEL, 1, "SAME"))
    pooled = tf.raw_ops.AvgPool(
        value=maps,
        ksize=[1, SIZE, SIZE, 1],
        strides=[1, 1, 1, 1],
        padding="VALID",
        name="MobilenetV1/Logits/AvgPool_1a/AvgPool",
    )
    logits = tf.reshape(pooled, [1, 4], name="MobilenetV1/Logits/SpatialSqueeze")
    tf.nn.softmax(logits, name="MobilenetV1/Predictions/Softmax")


def mobilenet_features(images):
    return np.clip(images @ KERNEL[0, 0], 0, 6).mean((1, 2))


def configure(path, **options):
    return GraphBackboneConfig(name="graph", checkpoint=str(path), **options)


def run(config, images=PICTURES):
    backbone, source = get_configured_backbone(config)
    frozen = freeze_backbone(backbone, source)
    features = frozen.program.run({"images": images})[0]
    frozen.program.close()
    return features


@pytest.fixture(name="retrained", scope="module")
def retrain_graph(tmp_path_factory):
    return write(tmp_path_factory.mktemp("graph") / "frozen_graph.pb", build_mobilenet)


def test_a_graph_of_retrain_gives_its_pooled_features_for_any_batch(retrained):
    backbone, source = get_configured_backbone(configure(retrained))
    assert source.kind == "graph"
    assert (backbone.name, backbone.feature_size) == ("graph", 4)
    assert (backbone.input_tensor, backbone.end_point) == ("input:0", "MobilenetV1/Logits/AvgPool_1a/AvgPool:0")
    assert backbone.input_spec == InputSpec(SIZE, -1.0, 1.0, 0.875)
    np.testing.assert_allclose(run(configure(retrained)), mobilenet_features(PICTURES), rtol=1e-4)


def test_a_flattening_for_one_picture_is_stepped_over(retrained):
    found = run(configure(retrained, features_tensor="MobilenetV1/Logits/SpatialSqueeze"))
    np.testing.assert_allclose(found, mobilenet_features(PICTURES), rtol=1e-4)


def test_what_only_takes_one_picture_at_a_time_is_refused(retrained):
    with pytest.raises(ConfigError, match=r"does not run on two pictures|comes out as \[1, 4\] for two pictures"):
        get_configured_backbone(configure(retrained, features_tensor="MobilenetV1/Predictions/Softmax:0"))


def make_inception_2015():
    """Decoding inside, an operation that TensorFlow no longer makes, and a Reshape for one picture."""
    with tf.Graph().as_default() as graph:
        contents = tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        image = tf.cast(tf.raw_ops.DecodeJpeg(contents=contents, channels=3, name="DecodeJpeg"), tf.float32)
        resized = tf.raw_ops.ResizeBilinear(images=image[tf.newaxis], size=[SIZE, SIZE], name="ResizeBilinear")
        images = tf.raw_ops.Mul(x=resized - 128.0, y=tf.constant(1 / 128), name="Mul")
        maps = tf.nn.conv2d(images, KERNEL, 1, "SAME", name="conv/Conv2D")
        for name, value in (("mean", MEAN), ("variance", VARIANCE), ("beta", BETA), ("gamma", GAMMA)):
            tf.constant(value, name=f"conv/{name}")
        normed = tf.identity(maps, name="conv/batchnorm")
        pooled = tf.raw_ops.AvgPool(
            value=tf.nn.relu(normed),
            ksize=[1, SIZE, SIZE, 1],
            strides=[1, 1, 1, 1],
            padding="VALID",
            name="pool_3",
        )
        flat = tf.reshape(pooled, tf.constant([1, 4], name="pool_3/_reshape/shape"), name="pool_3/_reshape")
        tf.nn.softmax(flat, name="softmax")
    graph_def = graph.as_graph_def()
    node = next(node for node in graph_def.node if node.name == "conv/batchnorm")
    node.op = "BatchNormWithGlobalNormalization"
    node.input.extend(f"conv/{name}" for name in ("mean", "variance", "beta", "gamma"))
    node.attr["variance_epsilon"].f = 0.001
    node.attr["scale_after_normalization"].b = True
    graph_def.versions.producer = 8
    return graph_def


def test_the_inception_of_2015_is_taken_below_its_own_preparation(tmp_path):
    path = write_def(tmp_path / "classify_image_graph_def.pb", make_inception_2015())
    backbone, _ = get_configured_backbone(configure(path))
    assert (backbone.input_tensor, backbone.end_point) == ("Mul:0", "pool_3/_reshape:0")
    assert backbone.input_spec == InputSpec(SIZE, -1.0, 127 / 128, 0.875)
    normed = (PICTURES @ KERNEL[0, 0] - MEAN) / np.sqrt(VARIANCE + 0.001) * GAMMA + BETA
    np.testing.assert_allclose(run(configure(path)), np.maximum(normed, 0).mean((1, 2)), rtol=1e-4)


def test_a_range_that_is_given_holds(tmp_path):
    path = write_def(tmp_path / "classify_image_graph_def.pb", make_inception_2015())
    backbone, _ = get_configured_backbone(configure(path, low=0.0))
    assert (backbone.input_spec.low, backbone.input_spec.high) == (0.0, 127 / 128)


def test_the_options_say_what_the_graph_does_not(tmp_path):
    def build():
        build_mobilenet(batch=None, name="input", size=None)

    path = write(tmp_path / "net.pb", build)
    config = configure(path, image_size=SIZE, low=0.0, high=255.0, crop_fraction=1.0, grayscale=True)
    backbone, _ = get_configured_backbone(config)
    assert backbone.input_spec == InputSpec(SIZE, 0.0, 255.0, 1.0, grayscale=True)


def test_maps_are_pooled(tmp_path):
    path = write(tmp_path / "net.pb", build_mobilenet)
    np.testing.assert_allclose(run(configure(path, end_point="Relu6")), mobilenet_features(PICTURES), rtol=1e-4)


def test_a_saved_model_is_a_backbone_too(tmp_path):
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        build_mobilenet(batch=None)
        pooled = graph.get_tensor_by_name("MobilenetV1/Logits/AvgPool_1a/AvgPool:0")
        images = graph.get_tensor_by_name("input:0")
        signature = tf1.saved_model.predict_signature_def({"images": images}, {"pooled_maps": pooled})
        builder = tf1.saved_model.Builder(str(tmp_path / "model"))
        builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map={"serving_default": signature})
        builder.save()
    for path in (tmp_path / "model", tmp_path / "model" / "saved_model.pb"):
        np.testing.assert_allclose(run(configure(path)), mobilenet_features(PICTURES), rtol=1e-4)


def test_what_a_run_keeps_computes_the_same(retrained, tmp_path):
    backbone, source = get_configured_backbone(configure(retrained))
    path = write_graph_backbone(tmp_path / "RUN" / "checkpoints" / "backbone.pb", backbone)
    again = read_graph_backbone(path, backbone.input_spec)
    assert again.digest == backbone.digest
    assert freeze_backbone(again, None).digest == freeze_backbone(backbone, source).digest
    np.testing.assert_array_equal(run(configure(tmp_path / "RUN")), run(configure(retrained)))


def test_a_runs_graph_is_fed_as_the_run_fed_it(retrained, tmp_path):
    backbone, _ = get_configured_backbone(configure(retrained, low=0.0, crop_fraction=1.0))
    write_graph_backbone(tmp_path / "checkpoints" / "backbone.pb", backbone)
    (tmp_path / "run.json").write_text(json.dumps({"input_spec": backbone.input_spec.to_json()}))
    again, _ = get_configured_backbone(configure(tmp_path))
    assert again.input_spec == InputSpec(SIZE, 0.0, 1.0, 1.0)
    told, _ = get_configured_backbone(configure(tmp_path, low=0.5))
    assert told.input_spec == InputSpec(SIZE, 0.5, 1.0, 0.875)


def test_a_run_that_lost_its_graph_is_told(tmp_path):
    with pytest.raises(CheckpointError, match=r"The run's backbone cannot be read\. .*absent\.pb(.|\n)*Train the run"):
        read_graph_backbone(tmp_path / "absent.pb", InputSpec(SIZE))


def test_other_weights_have_another_digest(retrained, tmp_path):
    def build():
        images = tf1.placeholder(tf.float32, [1, SIZE, SIZE, 3], name="input")
        tf.reduce_mean(tf.nn.conv2d(images, KERNEL + 1, 1, "SAME"), [1, 2], name="pooled")

    digests = {
        get_configured_backbone(configure(path))[0].digest for path in (retrained, write(tmp_path / "net.pb", build))
    }
    assert len(digests) == 2


def test_it_is_not_trained(retrained):
    backbone, _ = get_configured_backbone(configure(retrained))
    with tf.Graph().as_default():
        net, end_points = backbone.build(tf.zeros([2, SIZE, SIZE, 3]))
        assert net.shape.as_list() == [2, 4]
        assert end_points["features"] is net
        with pytest.raises(ConfigError, match=r"cannot be trained\.\nSet trainer=frozen"):
            backbone.build(tf.zeros([2, SIZE, SIZE, 3]), is_training=True)


def test_a_graph_that_reads_files_is_refused_by_name(tmp_path):
    def build():
        build_mobilenet()
        tf.io.read_file("/etc/passwd")

    with pytest.raises(InputError, match=r"net\.pb is refused: .*ReadFile \(touches files\)"):
        get_configured_backbone(configure(write(tmp_path / "net.pb", build)))


def test_unknown_names_are_told_with_candidates(tmp_path):
    def build():
        images = tf1.placeholder(tf.float32, [None, SIZE, SIZE, 3], name="left")
        other = tf1.placeholder(tf.float32, [None, SIZE, SIZE, 3], name="right")
        tf.reduce_mean(tf.nn.conv2d(images + other, KERNEL, 1, "SAME"), [1, 2], name="vector")

    path = write(tmp_path / "net.pb", build)
    with pytest.raises(ConfigError, match=r"which tensor holds the features(.|\n)*Choices: vector:0"):
        get_configured_backbone(configure(path))
    with pytest.raises(ConfigError, match=r"takes the pictures(.|\n)*Choices: left:0, right:0"):
        get_configured_backbone(configure(path, features_tensor="vector"))
    with pytest.raises(ConfigError, match=r"features_tensor=absent:0: the graph has no such tensor\.\nChoices: vector"):
        get_configured_backbone(configure(path, features_tensor="absent:0"))
    with pytest.raises(ConfigError, match=r"input_tensor=absent: the graph has no such tensor\.\nChoices: left"):
        get_configured_backbone(configure(path, features_tensor="vector", input_tensor="absent"))


def test_features_that_do_not_depend_on_the_pictures_are_refused(tmp_path):
    def build():
        build_mobilenet()
        tf.constant(np.ones([2, 3], np.float32), name="other")

    path = write(tmp_path / "net.pb", build)
    with pytest.raises(ConfigError, match="other:0 does not depend on the pictures"):
        get_configured_backbone(configure(path, features_tensor="other"))


def test_a_graph_with_variables_is_refused(tmp_path):
    def build():
        images = tf1.placeholder(tf.float32, [None, SIZE, SIZE, 3], name="input")
        scale = tf1.get_variable("scale", [3], use_resource=True)
        tf.reduce_mean(images * scale, [1, 2], name="pooled")

    with pytest.raises(InputError, match=r"has 1 variables and no values for them\.\nFreeze it"):
        get_configured_backbone(configure(write(tmp_path / "net.pb", build)))


def test_a_placeholder_that_is_not_square_is_refused(tmp_path):
    def build():
        images = tf1.placeholder(tf.float32, [None, 8, 16, 3], name="input")
        tf.reduce_mean(images, [1, 2], name="pooled")

    with pytest.raises(ConfigError, match="takes pictures of 8x16; only squares"):
        get_configured_backbone(configure(write(tmp_path / "net.pb", build)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"use_ema": True}, r"use_ema=True means nothing for backbone=graph"),
        ({"exclude_scopes": ["a"]}, r"exclude_scopes=\['a'\] means nothing"),
        ({"ignore_missing": True}, r"ignore_missing=True means nothing"),
        ({"features_tensor": "a", "end_point": "b"}, r"features_tensor=a and backbone\.end_point=b are two names"),
    ],
)
def test_options_that_mean_nothing_are_refused(retrained, options, message):
    with pytest.raises(ConfigError, match=message):
        get_configured_backbone(configure(retrained, **options))


def test_no_graph_is_told():
    with pytest.raises(ConfigError, match=r"needs a graph\.\nSet backbone\.checkpoint"):
        get_configured_backbone(GraphBackboneConfig(name="graph"))


def test_a_missing_graph_is_told_with_those_nearby(retrained):
    with pytest.raises(CheckpointError, match=r"there is no such graph\.\nChoices: .*frozen_graph\.pb"):
        get_configured_backbone(configure(retrained.with_name("absent.pb")))


def test_a_file_that_is_no_graph_is_told(tmp_path):
    (tmp_path / "net.pb").write_bytes(b"not a graph")
    with pytest.raises(InputError, match=r"net\.pb is not a frozen graph"):
        get_configured_backbone(configure(tmp_path / "net.pb"))


def test_the_name_alone_is_not_enough():
    with pytest.raises(ConfigError, match="backbone=graph"):
        get_configured_backbone(BackboneConfig(name="graph", checkpoint="x.pb"))


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        ("DecodeJpeg/contents:0", "takes files, and pictures come decoded"),
        ("DecodeJpeg:0", r"DecodeJpeg:0 does not take pictures of shape \(None, 224, 224, 3\)"),
    ],
)
def test_an_input_before_the_graphs_own_preparation_is_refused(tensor, message, tmp_path):
    path = write_def(tmp_path / "inception.pb", make_inception_2015())
    with pytest.raises(ConfigError, match=message):
        get_configured_backbone(configure(path, input_tensor=tensor))


def test_why_a_graph_does_not_run_is_told_in_its_own_words(tmp_path):
    def build():
        images = tf1.placeholder(tf.float32, [None, SIZE, SIZE, 3], name="input")
        with tf.control_dependencies([tf.debugging.Assert(tf.constant(False), ["never"])]):
            tf.reduce_mean(tf.identity(images), [1, 2], name="features")

    path = write(tmp_path / "asserts.pb", build)
    with pytest.raises(ConfigError, match=r"does not run on two pictures of 16x16: assertion failed: \[never\]"):
        get_configured_backbone(configure(path, features_tensor="features:0"))


def test_a_width_means_nothing(tmp_path):
    path = write_def(tmp_path / "classify_image_graph_def.pb", make_inception_2015())
    with pytest.raises(ConfigError, match=r"backbone.width=0.5 means nothing for backbone=graph"):
        get_configured_backbone(configure(path, width=0.5))
