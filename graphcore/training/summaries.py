"""TensorBoard's event files of a run: RUN/summaries/{train,validation,test}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from graphcore.graph.runtime import tf, tf1

SPLITS = ("train", "validation")
HISTOGRAM_BUCKETS = 30


class SummaryWriters:
    """One classic FileWriter a split; a context manager. Earlier event files stay as they are.

    Those of "test" are written once, when the training is over.
    """

    def __init__(self, run_dir: Path, splits: Sequence[str] = SPLITS) -> None:
        # A FileWriter refuses to work outside graph mode.
        with tf.Graph().as_default():
            self._writers = {split: tf1.summary.FileWriter(str(run_dir / "summaries" / split)) for split in splits}

    def write_scalars(self, split: str, step: int, values: Mapping[str, float]) -> None:
        """Writes `values` by name at `step`."""
        summary = tf1.Summary(value=[tf1.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
        self._writers[split].add_summary(summary, step)

    def write_histogram(self, split: str, step: int, tag: str, values: np.ndarray) -> None:
        """Writes the distribution of `values` at `step`."""
        summary = tf1.Summary(value=[tf1.Summary.Value(tag=tag, histo=make_histogram(values))])
        self._writers[split].add_summary(summary, step)

    def write_graph(self, graph: Any) -> None:
        """Writes the graph, seen in TensorBoard's Graphs tab; constants of weights or data should not be in
        it.
        """
        self._writers["train"].add_graph(graph)

    def flush(self) -> None:
        """Makes what was written visible to readers."""
        for writer in self._writers.values():
            writer.flush()

    def __enter__(self) -> SummaryWriters:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for writer in self._writers.values():
            writer.close()


def make_histogram(values: np.ndarray) -> Any:
    """A HistogramProto of `values` (any shape), in equal buckets from the least to the greatest."""
    flat = np.asarray(values, np.float64).ravel()
    counts, edges = np.histogram(flat, bins=HISTOGRAM_BUCKETS)
    return tf1.HistogramProto(
        min=flat.min(initial=np.inf),
        max=flat.max(initial=-np.inf),
        num=flat.size,
        sum=flat.sum(),
        sum_squares=np.square(flat).sum(),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
