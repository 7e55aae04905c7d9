import numpy as np
import pytest

from graphcore.errors import InputError
from graphcore.graph.runtime import tf1
from graphcore.nets.factory import get_backbone
from graphcore.nets.network import Network
from graphcore.nets.restore import assign_values

BACKBONE = get_backbone("mobilenet_v1", 0.25, 128, "Conv2d_1_pointwise")
FIRST = "MobilenetV1/Conv2d_0/weights"


@pytest.fixture(name="values", scope="module")
def random_values():
    rng = np.random.default_rng(0)
    variables = Network(BACKBONE).list_variables()
    return {name: rng.uniform(0.5, 1.5, shape).astype(dtype) for name, (dtype, shape) in variables.items()}


@pytest.fixture(name="builds")
def count_builds(monkeypatch):
    seeds = []
    build = Network.build
    monkeypatch.setattr(Network, "build", lambda self, seed=0: (seeds.append(seed), build(self, seed))[1])
    return seeds


def serialise(program):
    return program.graph.as_graph_def().SerializeToString(deterministic=True)


def test_variables_have_their_types_and_shapes():
    # 32 filters by the width of 0.25; four variables of a batch norm beside the weights, for three convolutions.
    variables = Network(BACKBONE).list_variables()
    assert variables[FIRST] == ("float32", (3, 3, 3, 8))
    assert len(variables) == 15


def test_frozen_without_a_session_it_is_the_graph_that_a_session_freezes(values):
    program, variables = Network(BACKBONE).build()
    with program.graph.as_default(), program.session() as runner:
        assign_values(runner.session, {variable: values[variable.op.name] for variable in variables})
        expected = runner.freeze()
    assert serialise(Network(BACKBONE).freeze(values)) == serialise(expected)


def test_variable_without_a_value_is_an_error(values):
    some = {name: value for name, value in values.items() if name != FIRST}
    with pytest.raises(InputError, match=f"has no value of type float32 for its variable {FIRST}"):
        Network(BACKBONE).freeze(some)


def test_kept_variables_and_program_spare_the_building(values, tmp_path, builds):
    first = Network(BACKBONE, kept_dir=tmp_path)
    variables = first.list_variables()
    first.keep_variables()
    program = first.freeze(values, "digest")
    assert builds
    builds.clear()
    second = Network(BACKBONE, kept_dir=tmp_path)
    assert second.list_variables() == variables
    assert serialise(second.freeze(values, "digest")) == serialise(program)
    assert builds == []


def test_without_a_digest_nothing_is_kept(values, tmp_path):
    Network(BACKBONE, kept_dir=tmp_path).freeze(values)
    assert list(tmp_path.iterdir()) == []


def test_with_a_last_layer_nothing_is_kept(tmp_path):
    network = Network(get_backbone("mobilenet_v1", 0.25, 128), num_classes=5, kept_dir=tmp_path)
    assert "MobilenetV1/Logits/Conv2d_1c_1x1/weights" in network.list_variables()
    network.keep_variables()
    assert list(tmp_path.iterdir()) == []


def test_the_built_graph_holds_variables_of_the_scope_alone():
    program, variables = Network(BACKBONE).build()
    with program.graph.as_default():
        assert {each.op.name for each in variables} == {each.op.name for each in tf1.global_variables()}
