import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.freezing import are_statistics_frozen, freeze_statistics
from graphcore.nets.factory import get_backbone

# One network of each family, cut short where it is deep.
FAMILIES = {
    "mobilenet_v1": "Conv2d_2_pointwise",
    "mobilenet_v2": "layer_4",
    "mobilenet_v3_small": "layer_5",
    "inception_v1": "Mixed_3b",
    "inception_v3": "MaxPool_3a_3x3",
    "resnet_v1_50": "resnet_v1_50/block1",
    "resnet_v2_50": "resnet_v2_50/block1",
}


def build_layers(is_frozen, is_training=True):
    with tf.Graph().as_default() as graph, freeze_statistics(is_frozen):
        net = tf1.placeholder(tf.float32, [4, 8, 8, 3])
        with slim.arg_scope([slim.batch_norm], is_training=is_training), tf1.variable_scope("Net"):
            for name in ("a", "b"):
                net = slim.conv2d(net, 4, 3, normalizer_fn=slim.batch_norm, scope=name)
            slim.batch_norm(net, scope="postnorm")
    return graph


def trained_norms(graph):
    return [
        op.name.rpartition("/")[0].replace("/BatchNorm", "")
        for op in graph.get_operations()
        if op.type == "FusedBatchNormV3" and op.get_attr("is_training")
    ]


def updated_names(graph):
    return sorted(op.name.split("/")[1] for op in graph.get_collection(tf1.GraphKeys.UPDATE_OPS))


def test_nothing_is_frozen_outside_a_block():
    assert not are_statistics_frozen("Net/a/BatchNorm")


def test_a_frozen_scope_is_built_as_in_inference_without_updates():
    graph = build_layers(lambda scope: scope == "Net/a/BatchNorm")
    assert trained_norms(graph) == ["Net/b", "Net/postnorm"]
    assert updated_names(graph) == ["b", "b", "postnorm", "postnorm"]


def test_the_scope_of_a_batch_norm_of_its_own_is_its_name():
    assert trained_norms(build_layers(lambda scope: scope == "Net/postnorm")) == ["Net/a", "Net/b"]


def test_blocks_add_up_and_end():
    with freeze_statistics(lambda scope: scope == "a"):
        with freeze_statistics(lambda scope: scope == "b"):
            assert are_statistics_frozen("a")
            assert are_statistics_frozen("b")
        assert not are_statistics_frozen("b")
    assert not are_statistics_frozen("a")


def test_a_block_ends_with_an_error():
    with pytest.raises(KeyError), freeze_statistics(lambda scope: True):
        raise KeyError
    assert not are_statistics_frozen("a")


def test_is_training_may_be_a_tensor_elsewhere():
    with tf.Graph().as_default():
        flag = tf1.placeholder(tf.bool, [])
        graph = flag.graph
        with (
            freeze_statistics(lambda scope: scope.startswith("frozen")),
            slim.arg_scope([slim.batch_norm], is_training=flag),
        ):
            for name in ("frozen", "free"):
                slim.batch_norm(tf1.placeholder(tf.float32, [4, 8, 8, 3]), scope=name)
    assert {op.name.split("/")[0] for op in graph.get_collection(tf1.GraphKeys.UPDATE_OPS)} == {"free"}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_obeys(name):
    backbone = get_backbone(name, image_size=96 if name != "mobilenet_v1" else 128, end_point=FAMILIES[name])
    size = backbone.input_spec.image_size
    with tf.Graph().as_default() as graph:
        with freeze_statistics(lambda scope: scope.startswith(f"{backbone.scope}/")):
            backbone.build(tf1.placeholder(tf.float32, [2, size, size, 3]), is_training=True)
        assert "FusedBatchNormV3" in {op.type for op in graph.get_operations()}
        assert trained_norms(graph) == []
        assert graph.get_collection(tf1.GraphKeys.UPDATE_OPS) == []
