import logging

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.nets.mobilenet_v1 import mobilenet_v1
from graphcore.nets.restore import RestorePlan, plan_restore, restore
from graphcore.nets.weights import locate_checkpoint, write_checkpoint

CHECKPOINT = {"net/weights": (3, 4), "net/biases": (4,), "net/Logits/weights": (4, 10), "global_step": ()}


def test_every_name_is_accounted_for():
    plan = plan_restore(
        CHECKPOINT, {"net/weights": (3, 4), "net/biases": (4,), "head/weights": (4, 2)}, ignore_missing=True
    )
    assert plan == RestorePlan(
        restored=("net/biases", "net/weights"),
        left_out=("global_step", "net/Logits/weights"),
        missing=("head/weights",),
    )


@pytest.mark.parametrize("scope", ["net/Logits", "net/Logits/", "net/Logits/weights"])
def test_an_excluded_scope_is_left_out_and_not_missed(scope):
    graph = {"net/weights": (3, 4), "net/Logits/weights": (4, 2), "net/Logits/biases": (2,)}
    excluded = [scope, "net/Logits/biases"]
    plan = plan_restore(CHECKPOINT, graph, exclude_scopes=excluded)
    assert plan.restored == ("net/weights",)
    assert plan.missing == ()
    assert "net/Logits/weights" in plan.left_out


def test_a_scope_is_whole_words():
    plan = plan_restore({"network/w": (1,), "net/w": (1,)}, {"network/w": (1,)}, exclude_scopes=["net"])
    assert plan.restored == ("network/w",)


def test_another_shape_is_told_with_both():
    with pytest.raises(
        CheckpointError,
        match=r"ours is of another network: net/weights has shape \[3, 4\] in the checkpoint and "
        r"\[3, 5\] in the graph \(1 such",
    ):
        plan_restore(CHECKPOINT, {"net/weights": (3, 5), "net/biases": (4,)}, title="ours")


def test_a_missing_variable_is_told():
    with pytest.raises(CheckpointError, match=r"ours lacks 1 variables of the network: net/extra\."):
        plan_restore(CHECKPOINT, {"net/weights": (3, 4), "net/extra": (1,)}, title="ours")


def test_only_the_first_of_many_missing_names_are_told():
    graph = {f"net/extra_{i}": (1,) for i in range(8)} | {"net/weights": (3, 4)}
    with pytest.raises(CheckpointError, match=r"net/extra_4 and 3 more\."):
        plan_restore(CHECKPOINT, graph)


def test_a_checkpoint_of_something_else_altogether_is_told_even_if_missing_is_allowed():
    with pytest.raises(CheckpointError, match=r"none of the network's 1 variables.*resnet/weights"):
        plan_restore({"resnet/weights": (1,)}, {"net/weights": (1,)}, ignore_missing=True)


def test_the_summary_is_one_line():
    plan = RestorePlan(restored=("a", "b"), left_out=("c", "d"), missing=("e",))
    assert plan.summary("model") == ("Weights of model: 2 variables restored, 2 left out (c, ...), 1 missing (e)")


def shapes_of_mobilenet(width):
    with tf.Graph().as_default():
        mobilenet_v1(tf.zeros([1, 32, 32, 3]), width=width)
        return {variable.op.name: tuple(variable.shape.as_list()) for variable in tf1.global_variables()}


def test_a_wrong_width_is_guessed():
    with pytest.raises(CheckpointError, match=r"\[3, 3, 3, 8\]|\[8\] in the checkpoint") as caught:
        plan_restore(shapes_of_mobilenet(0.25), shapes_of_mobilenet(0.5))
    assert "The checkpoint looks like mobilenet_v1 of width 0.25: set backbone.width=0.25." in str(caught.value)


def test_another_network_is_guessed_where_nothing_fits():
    with pytest.raises(CheckpointError, match=r"none of the network's \d+ variables") as caught:
        plan_restore({"MobilenetV2/expanded_conv_6/project/weights": (1, 1, 192, 64)}, shapes_of_mobilenet(0.25))
    assert "looks like mobilenet_v2 of width 1: set backbone=mobilenet_v2 backbone.width=1." in str(caught.value)


def test_a_sister_network_is_guessed_where_some_variables_are_missing():
    small = {"MobilenetV3/expanded_conv/squeeze_excite/Conv/weights": (1, 1, 16, 8)}
    large = {"MobilenetV3/expanded_conv_3/squeeze_excite/Conv/weights": (1, 1, 72, 24)}
    stem = {"MobilenetV3/Conv/weights": (3, 3, 3, 16)}
    with pytest.raises(CheckpointError, match=r"lacks 1 variables.*\n.*set backbone=mobilenet_v3_small\."):
        plan_restore(small | stem, large | stem)


def test_nothing_is_guessed_for_a_part_of_the_right_network():
    shapes = shapes_of_mobilenet(0.25)
    part = {name: shape for name, shape in shapes.items() if "Conv2d_13" not in name}
    with pytest.raises(CheckpointError, match=r"lacks 10 variables") as caught:
        plan_restore(part, shapes)
    assert "looks like" not in str(caught.value)
    assert "backbone.exclude_scopes=[SCOPE]" in str(caught.value)
    assert "backbone.ignore_missing=true." in str(caught.value)


def test_another_shape_in_an_unknown_network_names_the_option_that_leaves_it_out():
    with pytest.raises(CheckpointError, match=r"leave its scope out: backbone\.exclude_scopes=\[SCOPE\]\."):
        plan_restore(CHECKPOINT, {"net/weights": (3, 5)})


def test_an_excluded_scope_that_nothing_lies_under_is_told_with_those_there_are():
    with pytest.raises(CheckpointError, match=r"names 'net/Logit', and no(.|\n)*net/Logits, net/biases, net/weights\."):
        plan_restore(CHECKPOINT, {"net/weights": (3, 4)}, exclude_scopes=["net/Logit"])


@pytest.fixture(name="session")
def session_on_a_small_net():
    with tf.Graph().as_default() as graph:
        slim.fully_connected(tf.zeros([1, 3]), 4, scope="net")
        slim.fully_connected(tf.zeros([1, 4]), 2, scope="head")
        initializer = tf1.global_variables_initializer()
    with tf1.Session(graph=graph) as session:
        session.run(initializer)
        yield session


@pytest.fixture(name="source")
def small_checkpoint(tmp_path):
    values = {"net/weights": np.full([3, 4], 7, np.float32), "net/biases": np.arange(4, dtype=np.float32)}
    return locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", values)))


def value_of(session, name):
    return session.run(f"{name}/Read/ReadVariableOp:0")


def test_values_are_restored_and_the_head_keeps_its_own(session, source):
    head = value_of(session, "head/weights")
    plan = restore(session, source, exclude_scopes=["head"])
    assert plan.restored == ("net/biases", "net/weights")
    np.testing.assert_array_equal(value_of(session, "net/biases"), [0, 1, 2, 3])
    np.testing.assert_array_equal(value_of(session, "net/weights"), np.full([3, 4], 7))
    np.testing.assert_array_equal(value_of(session, "head/weights"), head)


def test_nothing_is_added_to_the_graph(session, source):
    session.graph.finalize()
    restore(session, source, exclude_scopes=["head"])


def test_the_screen_gets_one_line_and_the_log_every_name(session, source, capsys, caplog):
    with caplog.at_level(logging.INFO, logger="graphcore.nets.restore"):
        restore(session, source, ignore_missing=True)
    assert capsys.readouterr().err.splitlines() == [
        f"Weights of {source.title}: 2 variables restored, 0 left out, 2 missing (head/biases, ...)"
    ]
    assert caplog.messages == [
        "restored: net/biases",
        "restored: net/weights",
        "missing: head/biases",
        "missing: head/weights",
    ]


def test_only_the_variables_asked_for_are_restored(session, source):
    biases = next(v for v in session.graph.get_collection("variables") if v.op.name == "net/biases")
    plan = restore(session, source, [biases])
    assert plan.restored == ("net/biases",)
    assert plan.left_out == ("net/weights",)
    assert not np.array_equal(value_of(session, "net/weights"), np.full([3, 4], 7))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array([1.0, np.nan], np.float32), r"net/weights has values that are not finite"),
        (np.array([1.0, np.inf], np.float32), r"net/weights has values that are not finite"),
        (np.array([1, 2], np.complex64), r"net/weights is of type complex64"),
        (np.array(["a", "b"]), r"net/weights is of type <U1"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(value, message, tmp_path):
    np.savez(tmp_path / "broken.npz", **{"net/weights": value})
    with tf.Graph().as_default(), tf1.Session() as session:
        with tf1.variable_scope("net"):
            variable = tf1.get_variable("weights", [2])
        with pytest.raises(CheckpointError, match=f"broken.npz is no network's: {message}"):
            restore(session, locate_checkpoint(str(tmp_path / "broken.npz")), [variable])
