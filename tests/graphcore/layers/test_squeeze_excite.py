import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.squeeze_excite import squeeze_excite

MAPS = np.random.default_rng(0).normal(0, 2, [2, 3, 4, 64]).astype(np.float32)


def test_names_and_shapes_are_those_of_the_released_checkpoints_whatever_stands_around():
    with (
        tf.Graph().as_default(),
        slim.arg_scope([slim.conv2d], normalizer_fn=slim.batch_norm, activation_fn=tf.nn.relu6),
    ):
        squeeze_excite(tf.constant(MAPS))
        shapes = {variable.op.name: tuple(variable.shape.as_list()) for variable in tf1.global_variables()}
    assert shapes == {
        "squeeze_excite/Conv/weights": (1, 1, 64, 16),
        "squeeze_excite/Conv/biases": (16,),
        "squeeze_excite/Conv_1/weights": (1, 1, 16, 64),
        "squeeze_excite/Conv_1/biases": (64,),
    }


def test_maps_are_weighed_by_what_their_means_say():
    with tf.Graph().as_default(), tf1.Session() as session:
        output = squeeze_excite(tf.constant(MAPS))
        session.run(tf1.global_variables_initializer())
        found = session.run(output)
        inner, inner_bias, outer, outer_bias = session.run(
            [
                f"squeeze_excite/{name}/Read/ReadVariableOp:0"
                for name in ("Conv/weights", "Conv/biases", "Conv_1/weights", "Conv_1/biases")
            ]
        )
    squeezed = np.maximum(MAPS.mean((1, 2)) @ inner[0, 0] + inner_bias, 0)
    weights = np.clip((squeezed @ outer[0, 0] + outer_bias + 3) / 6, 0, 1)
    assert weights.std() > 0.01
    np.testing.assert_allclose(found, MAPS * weights[:, None, None], rtol=1e-4, atol=1e-5)
