import pytest

from graphcore.errors import InputError
from graphcore.graph.allow_list import ALLOWED_OPS, explain_op, find_forbidden_ops, require_allowed_ops
from graphcore.graph.runtime import tf, tf1


def graph_def_of(build):
    with tf.Graph().as_default() as graph:
        build()
    return graph.as_graph_def()


def test_a_graph_that_only_computes_passes():
    def build():
        picture = tf.io.decode_jpeg(tf1.placeholder(tf.string, []), channels=3)
        resized = tf.image.resize(tf.cast(picture, tf.float32)[tf.newaxis], [8, 8])
        tf.nn.softmax(tf.matmul(tf.reshape(resized, [1, -1]), tf.ones([192, 2])))

    require_allowed_ops(graph_def_of(build), "graph.pb")


@pytest.mark.parametrize(
    ("build", "op"),
    [
        (lambda: tf.io.read_file("/etc/passwd"), "ReadFile"),
        (lambda: tf.io.write_file("a", "b"), "WriteFile"),
        (lambda: tf.io.matching_files("*"), "MatchingFiles"),
        (lambda: tf1.py_func(lambda: 1.0, [], tf.float32), "PyFunc"),
        (
            lambda: tf.raw_ops.RestoreV2(prefix="p", tensor_names=["n"], shape_and_slices=[""], dtypes=[tf.float32]),
            "RestoreV2",
        ),
        (lambda: tf.print("hello"), "PrintV2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_operations_that_do_more_than_compute_are_found(build, op):
    assert op in find_forbidden_ops(graph_def_of(build))


def test_the_refusal_names_the_graph_and_every_operation():
    def build():
        tf.io.write_file("copy", tf.io.read_file("original"))

    with pytest.raises(InputError, match=r"model\.pb is refused.*ReadFile \(touches files\), WriteFile \("):
        require_allowed_ops(graph_def_of(build), "model.pb")


def test_functions_inside_the_graph_are_searched():
    @tf.function
    def sneak(path):
        return tf.io.read_file(path)

    assert find_forbidden_ops(graph_def_of(lambda: sneak(tf.constant("secret")))) == ["ReadFile"]


def test_a_function_cannot_borrow_the_name_of_an_operation():
    graph_def = tf1.GraphDef()
    graph_def.library.function.add().signature.name = "ReadFile"
    graph_def.node.add(name="read", op="ReadFile")
    assert find_forbidden_ops(graph_def) == ["ReadFile"]


def test_a_graph_may_call_its_own_functions():
    graph_def = tf1.GraphDef()
    graph_def.library.function.add().signature.name = "my_function"
    graph_def.node.add(name="call", op="my_function")
    assert find_forbidden_ops(graph_def) == []


def test_every_allowed_name_is_an_operation():
    missing = {op for op in ALLOWED_OPS if not hasattr(tf.raw_ops, op)}
    assert missing <= {"RefMerge"}, missing


def test_nothing_that_touches_files_network_or_python_is_allowed():
    words = (
        "File",
        "Save",
        "Restore",
        "Py",
        "Rpc",
        "Send",
        "Recv",
        "Dataset",
        "Summary",
        "Debug",
        "Print",
        "Load",
    )
    assert [op for op in sorted(ALLOWED_OPS) if any(word in op for word in words)] == []


def test_functions_called_by_functions_are_searched():
    @tf.function
    def inner(path):
        return tf.io.read_file(path)

    @tf.function
    def outer(path):
        return inner(path)

    assert find_forbidden_ops(graph_def_of(lambda: outer(tf.constant("secret")))) == ["ReadFile"]


def test_functions_that_nothing_calls_are_searched():
    graph_def = tf1.GraphDef()
    function = graph_def.library.function.add()
    function.signature.name = "swapped_in_by_an_optimiser"
    function.node_def.add(name="read", op="ReadFile")
    assert find_forbidden_ops(graph_def) == ["ReadFile"]


@pytest.mark.parametrize(
    ("op", "reason"),
    [
        ("ReadFile", "touches files"),
        ("SaveV2", "touches files"),
        ("InitializeTableFromTextFileV2", "touches files"),
        ("PyFuncStateless", "calls Python"),
        ("EagerPyFunc", "calls Python"),
        ("_Send", "talks to other machines"),
        ("CollectiveReduceV2", "talks to other machines"),
        ("TFRecordDatasetV2", "touches files"),
        ("IteratorGetNext", "feeds itself"),
        ("PrintV2", "acts on the process"),
        ("Timestamp", "acts on the process"),
    ],
)
def test_the_reason_is_told_by_the_name(op, reason):
    assert op not in ALLOWED_OPS
    assert explain_op(op) == f"{op} ({reason})"


def test_an_operation_of_which_nothing_is_known_is_named_alone():
    assert explain_op("SomebodysOwnOp") == "SomebodysOwnOp"


def test_nothing_that_is_registered_and_sounds_dangerous_is_allowed():
    dangerous = {op for op in dir(tf.raw_ops) if explain_op(op) != op}
    assert len(dangerous) > 300
    assert dangerous & ALLOWED_OPS == set()
