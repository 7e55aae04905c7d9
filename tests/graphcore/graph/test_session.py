import pytest

from graphcore.graph.runtime import tf
from graphcore.graph.session import make_session


def test_a_session_runs_its_graph_and_no_other():
    with tf.Graph().as_default() as graph:
        answer = tf.constant(42)
    with make_session(graph) as session:
        assert session.run(answer) == 42
        assert session.graph is graph


def test_closed_sessions_run_nothing():
    with tf.Graph().as_default() as graph:
        answer = tf.constant(42)
    session = make_session(graph)
    session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(answer)


def test_threads_reach_the_configuration():
    with make_session(tf.Graph(), threads=1, parallel_ops=2) as session:
        assert session._config.intra_op_parallelism_threads == 1
        assert session._config.inter_op_parallelism_threads == 2
