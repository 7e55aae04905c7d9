from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.layers.best_path import MARGIN, build_best_path

CLASSES = 3


@pytest.fixture(scope="module")
def program():
    with tf.Graph().as_default() as graph:
        emissions = tf1.placeholder(tf.float32, [None, CLASSES], "emissions")
        start = tf1.placeholder(tf.float32, [CLASSES], "start")
        transitions = tf1.placeholder(tf.float32, [CLASSES, CLASSES], "transitions")
        path, scores = build_best_path(emissions, start, transitions)
        last, last_scores = build_best_path(emissions, start, transitions, causal=True)
    outputs = {"path": path, "scores": scores, "last": last, "last_scores": last_scores}
    inputs = {"emissions": emissions, "start": start, "transitions": transitions}
    program = Program(
        graph, {name: each.name for name, each in inputs.items()}, {name: each.name for name, each in outputs.items()}
    )
    yield program
    program.close()


def decode(program, emissions, start, transitions, outputs=("path", "scores")):
    return program.run({"emissions": emissions, "start": start, "transitions": transitions}, list(outputs))


def weigh(path, emissions, start, transitions):
    changes = sum(transitions[a, b] for a, b in pairwise(path))
    return start[path[0]] + changes + sum(emissions[t, label] for t, label in enumerate(path))


def try_all_paths(emissions, start, transitions):
    """(path, its log score) of every path there is."""
    paths = product(range(emissions.shape[1]), repeat=len(emissions))
    return [(path, weigh(path, emissions, start, transitions)) for path in paths]


def best_through(paths, frame, label):
    return max(score for path, score in paths if path[frame] == label)


def log_softmax(values):
    return values - np.log(np.exp(values - values.max()).sum()) - values.max()


# Quarters add up without rounding, so equally good paths are exactly equal, and there are many.
quarters = st.integers(-6, 0).map(lambda number: number / 4)
models = st.tuples(
    st.lists(st.tuples(*[quarters] * CLASSES), min_size=1, max_size=6).map(np.array),
    st.tuples(*[quarters] * CLASSES).map(np.array),
    st.tuples(*[st.tuples(*[quarters] * CLASSES)] * CLASSES).map(np.array),
)


@settings(max_examples=60, deadline=None)
@given(models)
def test_no_path_is_better_and_scores_are_those_of_the_best_path_through_each_label(program, model):
    path, scores = decode(program, *model)
    paths = try_all_paths(*model)
    best = max(score for _, score in paths)
    assert weigh(path, *model) == best
    assert (scores.argmax(1) == path).all()
    np.testing.assert_allclose(np.exp(scores).sum(1), 1, rtol=1e-5)
    for t in range(len(path)):
        through = np.array([best_through(paths, t, label) for label in range(CLASSES)])
        # Labels of other paths that are as good lie below by the margin.
        through = np.where(np.arange(CLASSES) == path[t], best, np.minimum(through, best - MARGIN))
        np.testing.assert_allclose(scores[t], log_softmax(through), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(models)
def test_causal_labels_are_those_that_the_best_paths_so_far_end_in(program, model):
    emissions, start, transitions = model
    last, scores = decode(program, *model, outputs=("last", "last_scores"))
    assert (scores.argmax(1) == last).all()
    for t in range(len(emissions)):
        paths = try_all_paths(emissions[: t + 1], start, transitions)
        ends = np.array([best_through(paths, t, label) for label in range(CLASSES)])
        assert ends[last[t]] == ends.max()
        expected = np.where(np.arange(CLASSES) == last[t], ends.max(), np.minimum(ends, ends.max() - MARGIN))
        np.testing.assert_allclose(scores[t], log_softmax(expected), atol=1e-5)


def test_of_equal_paths_one_is_kept_to():
    # Staying is free and changing costs: 00, 11 and 22 are equally good, and no mixture of them is.
    transitions = np.full([CLASSES, CLASSES], -1.0) + np.eye(CLASSES)
    with tf.Graph().as_default(), tf1.Session() as session:
        path, scores = session.run(
            build_best_path(tf.zeros([2, CLASSES]), tf.zeros(CLASSES), tf.constant(transitions, tf.float32))
        )
    assert path.tolist() == [0, 0]
    assert (scores[:, 0] > scores[:, 1:].max(1)).all()
    np.testing.assert_allclose(np.exp(scores), 1 / 3, atol=MARGIN)


def test_a_doubtful_frame_goes_with_its_neighbours_offline_and_waits_for_proof_causally(program):
    # A change costs ln 9; frame 1 speaks for label 1 by ln 2 alone, frames 3 to 5 by ln 2.9 each.
    stay, change = np.log(0.9), np.log(0.1)
    transitions = np.where(np.eye(CLASSES, dtype=bool), stay, change)
    emissions = np.zeros([6, CLASSES])
    emissions[[0, 2], 0] = np.log(2)
    emissions[1, 1] = np.log(2)
    emissions[3:, 1] = np.log(2.9)
    emissions[:, 2] = -20
    path, last = decode(program, emissions, np.log([0.8, 0.1, 0.1]), transitions, ("path", "last"))
    assert path.tolist() == [0, 0, 0, 1, 1, 1]
    # Two frames are worth ln 8.41, less than the change; three are worth more.
    assert last.tolist() == [0, 0, 0, 0, 0, 1]


def test_days_of_video_cost_no_precision(program):
    # Both labels have the same sum in the end; what decides is a difference of 1 against sums of 300 000.
    frames = 20_000
    emissions = np.full([frames, CLASSES], -15.0)
    emissions[:, 2] = -40
    emissions[frames // 2, 1] += 1
    never = np.where(np.eye(CLASSES, dtype=bool), 0, -1e6)
    path, scores = decode(program, emissions, np.zeros(CLASSES), never)
    assert (path == 1).all()
    np.testing.assert_allclose(scores[:, 1] - scores[:, 0], 1, atol=1e-4)


def test_no_frames_give_none(program):
    path, scores = decode(program, np.zeros([0, CLASSES]), np.zeros(CLASSES), np.zeros([CLASSES, CLASSES]))
    assert path.shape == (0,)
    assert scores.shape == (0, CLASSES)


def test_the_graph_holds_only_plain_computation(program):
    require_allowed_ops(program.graph.as_graph_def(), "graph.pb")
