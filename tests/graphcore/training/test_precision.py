import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.training.precision import FIRST_SCALE, STEPS_TO_DOUBLE, LossScale, find_precision, plan_precision


@pytest.mark.parametrize(
    ("asked", "capabilities", "flags", "expected"),
    [
        ("float32", [(9, 0)], ["amx_bf16"], "float32"),
        ("mixed", [(7, 0)], [], "float16"),
        ("mixed", [(6, 1), (8, 0)], ["amx_bf16"], "float16"),
        ("mixed", [], ["avx2", "avx512_bf16"], "bfloat16"),
        ("mixed", [(6, 1)], ["amx_bf16"], "bfloat16"),
    ],
)
def test_half_precision_is_what_the_machine_has(asked, capabilities, flags, expected):
    assert plan_precision(asked, capabilities, flags, onednn=True) == expected


@pytest.mark.parametrize(
    ("capabilities", "flags", "onednn", "message"),
    [
        ([], ["avx2"], True, "no GPU here, and the processor has neither avx512_bf16 nor amx_bf16"),
        ([(6, 1)], ["avx2"], True, "compute capability is 6.1, less than 7.0"),
        ([], ["amx_bf16"], False, "TF_ENABLE_ONEDNN_OPTS=0"),
    ],
)
def test_a_machine_without_half_precision_is_told_what_it_lacks(capabilities, flags, onednn, message):
    with pytest.raises(ConfigError, match=f"(?s)trainer.precision=mixed.*{message}.*precision=float32"):
        plan_precision("mixed", capabilities, flags, onednn)


def test_the_graph_rewriter_computes_convolutions_in_half_precision():
    try:
        precision = find_precision("mixed")
    except ConfigError as error:
        pytest.skip(str(error))
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [8, 16, 16, 16])
        filters = tf1.get_variable("filters", [3, 3, 16, 16])
        net = tf.nn.conv2d(tf.nn.relu(tf.nn.conv2d(images, filters, 1, "SAME")), filters, 1, "SAME")
        init = tf1.global_variables_initializer()
    options = tf1.RunOptions(output_partition_graphs=True)
    found = tf1.RunMetadata()
    with make_session(graph, precision=precision) as session:
        session.run(init)
        value = session.run(net, {images: np.ones((8, 16, 16, 16), np.float32)}, options, found)
    kinds = {node.attr["T"].type for part in found.partition_graphs for node in part.node if "Conv2D" in node.op}
    # What is fetched stays as it is.
    assert tf.as_dtype(precision).as_datatype_enum in kinds
    assert value.dtype == np.float32


class _Guarded:
    """A variable that is moved by 1 a step, guarded by the finiteness of a gradient that is fed."""

    def __init__(self):
        self.gradient = tf1.placeholder(tf.float32, [])
        self.moved = tf1.get_variable("moved", initializer=0.0, use_resource=True)
        self.scale = LossScale()
        self.step = self.scale.build_guarded([self.gradient], lambda: self.moved.assign_add(1.0, read_value=False))
        self.session = tf1.Session()
        self.session.run(tf1.global_variables_initializer())

    def take(self, *gradients):
        for gradient in gradients:
            self.session.run(self.step, {self.gradient: gradient})
        return self.session.run([self.moved, self.scale.factor])


@pytest.fixture
def guarded():
    with tf.Graph().as_default():
        found = _Guarded()
        yield found
        found.session.close()


def test_gradients_that_overflow_make_no_step_and_halve_the_scale(guarded):
    assert guarded.take(1.0, np.inf, 1.0, np.nan) == [2.0, FIRST_SCALE / 4]


def test_a_long_row_of_good_steps_doubles_the_scale(guarded):
    assert guarded.take(*[1.0] * (STEPS_TO_DOUBLE - 1)) == [STEPS_TO_DOUBLE - 1, FIRST_SCALE]
    assert guarded.take(1.0) == [STEPS_TO_DOUBLE, FIRST_SCALE * 2]
    assert guarded.take(1.0) == [STEPS_TO_DOUBLE + 1, FIRST_SCALE * 2]
