"""MobileNet v2 and v3 have the variables of the released checkpoints, at every width."""

import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone
from tests.graphcore.nets.released_mobilenets import read_released

RELEASED = read_released()


@pytest.mark.parametrize("released", RELEASED, ids=lambda released: f"{released.name}-{released.width}")
def test_names_and_shapes_are_those_of_the_released_checkpoints(released):
    backbone = get_backbone(released.name, released.width, 96)
    with tf.Graph().as_default():
        logits, end_points = backbone.build(tf1.placeholder(tf.float32, [None, 96, 96, 3]), num_classes=1001)
        found = {variable.op.name: tuple(variable.shape.as_list()) for variable in tf1.global_variables()}
        assert end_points[backbone.end_point].shape.as_list() == [None, 3, 3, backbone.feature_size]
    assert found == released.shapes()
    assert sum(int(np.prod(shape)) for shape in found.values()) == released.parameters
    assert logits.shape.as_list() == [None, 1001]


def test_the_tables_agree_with_the_sizes_that_slim_publishes():
    # In millions, with 1000 classes and batch norm folded away.
    sizes = {1.4: 6.06, 1.3: 5.34, 1.0: 3.47, 0.75: 2.61, 0.5: 1.95, 0.35: 1.66}
    for released in RELEASED:
        if released.name == "mobilenet_v2":
            norms = sum(shape[0] for name, shape in released.shapes().items() if "BatchNorm" in name)
            assert count_with_1000_classes(released) - norms == pytest.approx(sizes[released.width] * 1e6, abs=5e3)


def test_the_tables_agree_with_the_sizes_that_keras_documents():
    sizes = {"mobilenet_v2": 3_538_984, "mobilenet_v3_small": 2_554_968, "mobilenet_v3_large": 5_507_432}
    found = {released.name: count_with_1000_classes(released) for released in RELEASED if released.width == 1.0}
    assert found == sizes


def count_with_1000_classes(released):
    return released.parameters - released.layers[-1].shape[2] - 1
