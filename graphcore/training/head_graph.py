"""The graph that a head is trained in, and its session: what jobs that differ in numbers alone can share.

To build it takes three times as long as 500 steps of a small head in it. So the numbers that people try in their dozens
are fed rather than built in, and a graph whose job has ended well waits for the next one: see `take` and `give_back`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphcore.config import Config
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.head import Head
from graphcore.training.head_chunk import Chunk, FedNumbers, StepBuilder, build_chunk
from graphcore.training.stored_features import StoredFeatures, store_features


@dataclass(frozen=True)
class HeadGraph:
    """A finalised graph with an open session; made by `take`.

    Attributes:
        identity: all that decides the graph; "" where nobody may share it: a part of it is not known, or it is large.
        graph: the tf.Graph.
        session: on the graph.
        chunk: many steps at once.
        numbers: the placeholders of what is fed.
        scores: float32 [n, classes], of the validation split.
        histograms: what `Stepper.read_histograms` fetches.
        variables: weights and slots by name.
        model_variables: those of them that a finished run keeps.
        beginning: what decides `initial`: the head and the seed.
        initial: what the variables begin with, by name.
        stored: where the features of each split go.
    """

    identity: str
    graph: Any
    session: Any
    chunk: Chunk
    numbers: FedNumbers
    scores: Any
    histograms: Mapping[str, Any]
    variables: Mapping[str, Any]
    model_variables: Mapping[str, Any]
    beginning: tuple[str, int]
    initial: Mapping[str, np.ndarray]
    stored: Mapping[str, StoredFeatures]

    def begin(self, features: Mapping[str, FeatureSet]) -> None:
        """Puts everything where a training begins: variables to their first values, `features` into the graph.

        Nothing of an earlier training is left, and the features are copied each time: nobody has to tell whether they
        are still the same.
        """
        variables = [(variable, self.initial[name]) for name, variable in self.variables.items()]
        feeds = {variable.initializer.inputs[1]: value for variable, value in variables}
        runs = [variable.initializer for variable, _ in variables]
        for split, found in features.items():
            runs.append(self.stored[split].initializers)
            feeds |= self.stored[split].feeds(found)
        self.session.run(runs, feeds)


# A tenth of a second is not worth more memory held while a run is evaluated.
_LARGEST_BYTES = 256 << 20

# The one that waits. Memory stays that of one training, however many a process makes.
_waiting: list[HeadGraph] = []
_lock = threading.Lock()


def take(features: Mapping[str, FeatureSet], config: Config, class_counts: np.ndarray, head: Head) -> HeadGraph:
    """A graph to train `head` in, for the caller alone: the one that waits where it is the same, or a new one.

    Args:
        features: of the splits "train" and "validation".
        config: every option.
        class_counts: int [classes], training samples of each class.
        head: what is trained.
    """
    identity = _identify(features, config, class_counts, head)
    with _lock:
        waiting = _waiting.pop() if _waiting else None
    if waiting is not None and identity and waiting.identity == identity:
        return _begin_otherwise(waiting, features["train"].features.shape[1], config, head)
    if waiting is not None:
        waiting.session.close()
    return _build(identity, features, config, class_counts, head)


def give_back(graph: HeadGraph) -> None:
    """Lets the next training have it; the one that waited before is closed."""
    with _lock:
        closing = [*_waiting, *([] if graph.identity else [graph])]
        _waiting[:] = [graph] if graph.identity else []
    for each in closing:
        each.session.close()


def forget() -> None:
    """Closes the one that waits."""
    with _lock:
        closing, _waiting[:] = list(_waiting), []
    for each in closing:
        each.session.close()


def _begin_otherwise(waiting: HeadGraph, dimension: int, config: Config, head: Head) -> HeadGraph:
    """The graph with the first values of this head and seed, drawn in a graph of the head alone."""
    beginning = (head.identity, config.seed)
    if waiting.beginning == beginning:
        return waiting
    with tf.Graph().as_default() as graph:
        tf1.set_random_seed(config.seed)
        head.build(tf1.placeholder(tf.float32, [None, dimension]))
        variables = {variable.op.name: variable for variable in tf1.global_variables()}
        initialize = tf1.global_variables_initializer()
        with make_session(graph, threads=1, parallel_ops=1) as session:
            session.run(initialize)
            drawn = session.run(variables)
    # What an optimiser adds begins with constants.
    return replace(waiting, beginning=beginning, initial={**waiting.initial, **drawn})


def _identify(features: Mapping[str, FeatureSet], config: Config, class_counts: np.ndarray, head: Head) -> str:
    """All options count but those that are fed: what a new one decides, nobody has to remember here."""
    if not head.identity or sum(found.features.nbytes for found in features.values()) > _LARGEST_BYTES:
        return ""
    built_in = replace(
        config, optimizer=replace(config.optimizer, learning_rate=1.0), head=replace(config.head, weight_decay=0.0)
    )
    shapes = {
        split: (found.features.shape, found.labels.shape, str(found.labels.dtype), found.views)
        for split, found in features.items()
    }
    if head.unseeded:
        built_in = replace(built_in, seed=0)
    return repr((built_in, head.unseeded or head.identity, np.asarray(class_counts).tolist(), shapes))


def _build(
    identity: str, features: Mapping[str, FeatureSet], config: Config, class_counts: np.ndarray, head: Head
) -> HeadGraph:
    graph = tf.Graph()
    with graph.as_default():
        tf1.set_random_seed(config.seed)
        stored = {split: store_features(split, found) for split, found in features.items()}
        # Variables must be born outside the loop, and here they are; an optimiser's slots see to that themselves.
        _, end_points = head.build(stored["validation"].features.read_value())
        numbers = FedNumbers.build()
        builder = StepBuilder(config, numbers, class_counts, head, stored["train"], len(features["train"]))
        chunk = build_chunk(builder)
        histograms = builder.build_histograms() if config.summaries.histograms else {}
        variables = {variable.op.name: variable for variable in tf1.global_variables()}
        kept = {variable.op.name: variable for variable in tf1.model_variables()}
        initialize = tf1.global_variables_initializer()
        graph.finalize()
        # The matrices are small: more threads would only wait for each other, and one is always repeatable.
        session = make_session(graph, threads=1, parallel_ops=1)
    session.run(initialize)
    # Run once: a second time its random numbers would be the next ones, where another training wants the same.
    initial = session.run(variables)
    scores, beginning = end_points["probabilities"], (head.identity, config.seed)
    operations = (chunk, numbers, scores, histograms, variables, kept)
    return HeadGraph(identity, graph, session, *operations, beginning, initial, stored)
