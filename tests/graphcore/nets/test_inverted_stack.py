import numpy as np
import pytest

from graphcore.graph.freeze import BATCH_NORM_OPS, count_ops
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone
from graphcore.nets.weights import locate_checkpoint, write_checkpoint

NAMES = ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"]


def get_tiny(name, end_point=None):
    return get_backbone(name, 0.35 if name == "mobilenet_v2" else 0.75, 96, end_point)


def draw_images():
    return np.random.default_rng(0).uniform(-1, 1, [2, 96, 96, 3]).astype(np.float32)


def variable_shapes():
    return {variable.op.name: tuple(variable.shape.as_list()) for variable in tf1.global_variables()}


@pytest.fixture(name="frozen", scope="module", params=NAMES)
def frozen_with_classes(request):
    backbone = get_tiny(request.param)
    frozen = freeze_backbone(backbone, None, seed=1, num_classes=1001)
    yield backbone, frozen
    frozen.program.close()


def test_batch_norm_folds_to_the_last(frozen):
    _, frozen = frozen
    counts = count_ops(frozen.program.graph.as_graph_def())
    assert not [op for op in (*BATCH_NORM_OPS, "VarHandleOp", "ReadVariableOp") if counts[op]]


def test_random_features_are_finite_and_differ(frozen):
    backbone, frozen = frozen
    features, logits = frozen.program.run({"images": draw_images()}, ["features", "logits"])
    assert features.shape == (2, backbone.feature_size)
    assert logits.shape == (2, 1001)
    assert np.isfinite(features).all()
    assert np.isfinite(logits).all()
    assert np.abs(features[0] - features[1]).max() > 1e-4


def test_a_released_checkpoint_restores_completely(frozen, tmp_path, capsys):
    backbone, frozen = frozen
    values = {**frozen.weights, "global_step": np.array(1, np.int64)}
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "model.ckpt-1", values)))
    again = freeze_backbone(backbone, source, seed=2, num_classes=1001)
    again.program.close()
    assert again.digest == frozen.digest
    assert f"{len(frozen.weights)} variables restored, 1 left out (global_step), 0 missing" in capsys.readouterr().err


@pytest.fixture(name="whole", scope="module")
def whole_network():
    """(end points, their values) of MobileNet v3 small with its own last layers."""
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        _, end_points = get_tiny("mobilenet_v3_small").build(tf.constant(draw_images()), num_classes=5)
        session.run(tf1.global_variables_initializer())
        return end_points, session.run(end_points)


def test_features_are_the_mean_of_the_last_maps(whole):
    _, values = whole
    np.testing.assert_allclose(values["features"], values["layer_13"].mean((1, 2)), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(values["features"], values["layer_14"][:, 0, 0])


def test_every_layer_is_an_end_point_by_the_name_slim_has_for_it(whole):
    end_points, values = whole
    assert set(end_points) == {
        *(f"layer_{number}" for number in range(1, 16)),
        *(f"layer_{number}/{part}" for number in range(2, 13) for part in ("depthwise_output", "output")),
        *(f"layer_{number}/expansion_output" for number in range(3, 13)),
        *("features", "Logits", "Predictions"),
    }
    assert end_points["layer_4/output"] is end_points["layer_4"]
    np.testing.assert_allclose(values["Predictions"].sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "end_point", "absent"),
    [
        ("mobilenet_v2", "layer_5", "expanded_conv_4"),
        ("mobilenet_v2", "layer_8/expansion_output", "expanded_conv_6/depthwise"),
        ("mobilenet_v2", "layer_8/depthwise_output", "expanded_conv_6/project"),
        ("mobilenet_v3_large", "layer_1", "expanded_conv"),
        ("mobilenet_v3_large", "layer_16/depthwise_output", "expanded_conv_14/squeeze_excite"),
        ("mobilenet_v3_large", None, "Conv_2"),
        ("mobilenet_v3_small", "layer_15", "Logits"),
    ],
)
def test_an_earlier_layer_is_pooled_and_nothing_above_it_built(name, end_point, absent):
    backbone = get_tiny(name, end_point)
    with tf.Graph().as_default():
        net, end_points = backbone.build(tf1.placeholder(tf.float32, [None, 96, 96, 3]))
        names = variable_shapes()
    assert net is end_points["features"]
    assert net.shape.as_list() == [None, backbone.feature_size]
    assert end_points[backbone.end_point].shape.as_list()[-1] == backbone.feature_size
    assert not [variable for variable in names if variable.startswith(f"{backbone.scope}/{absent}/")]


def test_the_layer_above_the_mean_is_the_same_with_and_without_classes():
    with tf.Graph().as_default():
        features, _ = get_tiny("mobilenet_v3_small", "layer_15").build(tf.zeros([1, 96, 96, 3]))
        _, end_points = get_tiny("mobilenet_v3_small", "layer_15").build(
            tf.zeros([1, 96, 96, 3]), num_classes=3, reuse=tf1.AUTO_REUSE
        )
        assert variable_shapes()["MobilenetV3/Conv_2/weights"] == (1, 1, 432, 1024)
    assert features.shape.as_list() == end_points["features"].shape.as_list() == [1, 1024]


@pytest.fixture(name="training", scope="module", params=NAMES)
def training_graph(request):
    """A graph built as fine-tuning builds it, then once more for validation."""
    backbone = get_tiny(request.param)
    with tf.Graph().as_default() as graph:
        images = tf.constant(draw_images())
        features, _ = backbone.build(images, is_training=True, weight_decay=1e-4)
        variables = len(tf1.global_variables())
        updates = len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS))
        loss = tf.reduce_mean(features**2) + tf.add_n(tf1.losses.get_regularization_losses())
        gradients = dict(zip(tf1.trainable_variables(), tf.gradients(loss, tf1.trainable_variables()), strict=True))
        backbone.build(images, reuse=True)
    return backbone, graph, {"variables": variables, "updates": updates}, gradients


def test_training_updates_every_batch_norm_and_validation_none(training):
    _, graph, counts, _ = training
    with graph.as_default():
        norms = [name for name in variable_shapes() if name.endswith("BatchNorm/gamma")]
        assert counts["updates"] == 2 * len(norms)
        assert len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)) == counts["updates"]


def test_a_second_network_takes_the_variables_of_the_first(training):
    _, graph, counts, _ = training
    with graph.as_default():
        assert len(tf1.global_variables()) == counts["variables"]


def test_weight_decay_is_on_full_convolutions_alone(training):
    _, graph, _, _ = training
    with graph.as_default():
        full = [name for name in variable_shapes() if name.endswith("/weights")]
        assert len(tf1.losses.get_regularization_losses()) == len(full)


def test_every_trainable_variable_has_a_finite_gradient_that_is_not_zero(training):
    backbone, graph, _, gradients = training
    assert [variable.op.name for variable, gradient in gradients.items() if gradient is None] == []
    assert all(variable.op.name.startswith(f"{backbone.scope}/") for variable in gradients)
    with tf1.Session(graph=graph) as session:
        with graph.as_default():
            initializer = tf1.global_variables_initializer()
        session.run(initializer)
        values = session.run({variable.op.name: gradient for variable, gradient in gradients.items()})
    assert [name for name, value in values.items() if not np.isfinite(value).all()] == []
    assert [name for name, value in values.items() if not np.abs(value).max() > 0] == []
