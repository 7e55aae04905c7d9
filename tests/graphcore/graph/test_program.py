import numpy as np
import pytest

from graphcore.errors import GraphcoreError, InputError
from graphcore.graph.program import Program, read_program
from graphcore.graph.runtime import tf, tf1


def make_program(scale=3.0):
    """scaled = scale * numbers + offset, where offset may be fed; `scale` is a variable."""
    with tf.Graph().as_default() as graph:
        numbers = tf1.placeholder(tf.float32, [None], name="numbers")
        offset = tf1.placeholder_with_default(0.0, [], name="offset")
        scale_variable = tf1.get_variable("scale", initializer=scale)
        scaled = tf.add(numbers * scale_variable, offset, name="scaled")
        tf.reduce_sum(scaled, name="total")
    return Program(graph, {"numbers": "numbers:0", "offset": "offset"}, {"scaled": "scaled:0", "total": "total"})


@pytest.fixture(name="program")
def program_closed_afterwards():
    program = make_program()
    yield program
    program.close()


def assign(runner, value):
    variable = runner.program.graph.get_collection(tf1.GraphKeys.GLOBAL_VARIABLES)[0]
    runner.session.run(variable.initializer, {variable.initializer.inputs[1]: value})


def test_it_runs_by_name(program):
    (scaled,) = program.run({"numbers": [1.0, 2.0]}, ["scaled"])
    np.testing.assert_array_equal(scaled, [3.0, 6.0])


def test_outputs_come_in_the_order_asked_for(program):
    total, scaled = program.run({"numbers": [1.0], "offset": 1.0}, ["total", "scaled"])
    assert (total, scaled.tolist()) == (4.0, [4.0])


def test_without_outputs_all_come_in_the_programs_order(program):
    scaled, total = program.run({"numbers": [1.0]})
    assert (scaled.tolist(), total) == ([3.0], 3.0)


def test_an_unknown_output_is_told_with_those_there_are(program):
    with pytest.raises(GraphcoreError, match=r"no output 'logits'\.\nChoices: scaled, total\."):
        program.run({"numbers": [1.0]}, ["logits"])


def test_an_unknown_input_is_told_with_those_there_are(program):
    with pytest.raises(GraphcoreError, match=r"no input 'images'\.\nChoices: numbers, offset\."):
        program.run({"images": [1.0]})


def test_a_text_instead_of_a_list_is_told(program):
    with pytest.raises(GraphcoreError, match=r"a list of names is wanted: \['total'\]"):
        program.run({"numbers": [1.0]}, "total")


def test_a_name_that_the_graph_lacks_is_told_when_the_program_is_made(program):
    with pytest.raises(GraphcoreError, match=r"no tensor logits:0\.\nChoices: numbers:0, offset:0, total:0"):
        Program(program.graph, {}, {"logits": "logits"})


def test_a_callable_takes_arrays_in_order(program):
    add = program.make_callable(["numbers", "offset"], ["scaled"])
    np.testing.assert_array_equal(add([1.0], 2.0)[0], [5.0])


def test_a_closed_program_can_be_run_again(program):
    program.run({"numbers": [1.0]})
    program.close()
    program.close()
    assert program.run({"numbers": [1.0]}, ["total"]) == [3.0]


def test_sessions_of_one_program_hold_values_of_their_own(program):
    with program.session() as one, program.session() as other:
        assign(one, 10.0)
        assert one.run({"numbers": [1.0]}, ["total"]) == [10.0]
        assert other.run({"numbers": [1.0]}, ["total"]) == [3.0]


def test_many_sessions_do_not_grow_the_graph(program):
    with program.session():
        before = len(program.graph.get_operations())
    with program.session():
        assert len(program.graph.get_operations()) == before


def test_what_is_saved_can_be_restored(program, tmp_path):
    with program.session() as runner:
        assign(runner, 7.0)
        prefix = runner.save(tmp_path / "new folder" / "model.ckpt")
    with make_program(scale=1.0).session() as runner:
        runner.restore(prefix)
        assert runner.run({"numbers": [1.0]}, ["total"]) == [7.0]


def test_saved_variables_have_their_own_names(program, tmp_path):
    with program.session() as runner:
        prefix = runner.save(tmp_path / "model.ckpt")
    assert tf.train.list_variables(str(prefix)) == [("scale", [])]


def test_freezing_keeps_the_sessions_values_and_drops_what_is_not_needed(program):
    with program.session() as runner:
        assign(runner, 5.0)
        frozen = runner.freeze(["scaled"])
    assert list(frozen.outputs) == ["scaled"]
    assert frozen.run({"numbers": [1.0], "offset": 1.0})[0].tolist() == [6.0]
    frozen.close()


@pytest.mark.parametrize("verb", ["save", "restore"])
def test_a_frozen_program_has_nothing_to_save_or_restore(program, tmp_path, verb):
    with program.session() as runner:
        frozen = runner.freeze()
    with frozen.session() as runner, pytest.raises(GraphcoreError, match=f"nothing to {verb}"):
        getattr(runner, verb)(tmp_path / "model.ckpt")


def write_frozen(program, path):
    with program.session() as runner:
        runner.freeze().write(path)
    return path


def test_a_written_graph_is_read_back_with_names_of_our_choice(program, tmp_path):
    path = write_frozen(program, tmp_path / "graph.pb")
    read = read_program(path, {"images": "numbers"}, {"scores": "scaled"})
    assert read.run({"images": [2.0]})[0].tolist() == [6.0]
    read.close()


def test_without_names_placeholders_and_ends_are_taken(program, tmp_path):
    read = read_program(write_frozen(program, tmp_path / "graph.pb"))
    assert sorted(read.inputs) == ["numbers", "offset"]
    assert read.outputs == {"total": "total:0"}


def write_graph_that_reads_a_file(path):
    with tf.Graph().as_default() as graph:
        tf.io.read_file(tf1.placeholder(tf.string, [], name="path"), name="contents")
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def test_a_strangers_graph_that_reads_files_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"stranger\.pb is refused.*ReadFile"):
        read_program(write_graph_that_reads_a_file(tmp_path / "stranger.pb"))


def test_a_trusted_graph_may_read_files(tmp_path):
    read = read_program(write_graph_that_reads_a_file(tmp_path / "ours.pb"), trusted=True)
    (tmp_path / "note").write_text("hello")
    assert read.run({"path": str(tmp_path / "note")}) == [b"hello"]
    read.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "Cannot read the graph .*: No such file or directory"),
        (b"", "holds no operations"),
        (b"<html>not a graph</html>", "does not parse as a GraphDef"),
    ],
)
def test_files_that_are_no_graphs_are_told(tmp_path, content, message):
    path = tmp_path / "graph.pb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_program(path)


def test_a_graph_that_does_not_fit_together_is_told(tmp_path):
    graph_def = tf1.GraphDef()
    graph_def.node.add(name="sum", op="Add", input=["nowhere"])
    path = tmp_path / "graph.pb"
    path.write_bytes(graph_def.SerializeToString())
    with pytest.raises(InputError, match=r"is not a graph that TensorFlow .* can load"):
        read_program(path)
