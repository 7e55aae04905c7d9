"""TensorBoard's event files of a run: RUN/summaries/{train,validation,test}."""

from __future__ import annotations

import errno
import os
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from graphcore.graph.runtime import tf, tf1

SUMMARIES = "summaries"
SPLITS = ("train", "validation")
HISTOGRAM_BUCKETS = 30
# DATA_CLASS_TENSOR of TensorBoard's summary.proto: what the values are to be served as.
_TENSOR = 2


@dataclass(frozen=True)
class Picture:
    """A picture that is written as it is: JPEG or PNG in RGB, and its sides in pixels."""

    encoded: bytes
    width: int
    height: int


class SummaryWriters:
    """One classic FileWriter a split; a context manager. Earlier event files stay as they are.

    Those of "test" are written once, when the training is over.
    """

    def __init__(self, run_dir: Path, splits: Sequence[str] = SPLITS) -> None:
        """Makes the folders.

        Raises:
            OSError: they cannot be made or written to.
        """
        self._folders = {split: run_dir / SUMMARIES / split for split in splits}
        for folder in self._folders.values():
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):  # a FileWriter would go on, and write nothing
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        # A FileWriter refuses to work outside graph mode.
        with tf.Graph().as_default():
            self._writers = {split: tf1.summary.FileWriter(str(folder)) for split, folder in self._folders.items()}

    def write_scalars(self, split: str, step: int, values: Mapping[str, float]) -> None:
        """Writes `values` by name at `step`."""
        summary = tf1.Summary(value=[tf1.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
        self._writers[split].add_summary(summary, step)

    def write_histogram(self, split: str, step: int, tag: str, values: np.ndarray) -> None:
        """Writes the distribution of `values` at `step`."""
        summary = tf1.Summary(value=[tf1.Summary.Value(tag=tag, histo=make_histogram(values))])
        self._writers[split].add_summary(summary, step)

    def write_image(self, split: str, step: int, tag: str, picture: Picture, description: str = "") -> None:
        """Writes a picture at `step`; `description` is what TensorBoard says about it, in Markdown."""
        image = tf1.Summary.Image(
            height=picture.height, width=picture.width, colorspace=3, encoded_image_string=picture.encoded
        )
        metadata = tf1.SummaryMetadata(summary_description=description)
        value = tf1.Summary.Value(tag=tag, image=image, metadata=metadata)
        self._writers[split].add_summary(tf1.Summary(value=[value]), step)

    def write_tensors(
        self, split: str, step: int, arrays: Mapping[str, np.ndarray], plugin: str, content: bytes
    ) -> None:
        """Writes arrays at `step` for one of TensorBoard's plugins.

        Args:
            split: the event file.
            step: optimiser steps done.
            arrays: float32, of the shape that the plugin wants, by the summary's name.
            plugin: its name.
            content: its own message about each array, serialized.
        """
        data = tf1.SummaryMetadata.PluginData(plugin_name=plugin, content=content)
        metadata = tf1.SummaryMetadata(plugin_data=data, data_class=_TENSOR)
        # One event for all: each is handed to a thread of its writer.
        values = [
            tf1.Summary.Value(tag=tag, tensor=tf1.make_tensor_proto(array, tf.float32), metadata=metadata)
            for tag, array in arrays.items()
        ]
        self._writers[split].add_summary(tf1.Summary(value=values), step)

    def folder(self, split: str) -> Path:
        """Where the event file of a split lies, for what a plugin wants as a file beside it."""
        return self._folders[split]

    def write_graph(self, graph: Any) -> None:
        """Writes the graph, seen in TensorBoard's Graphs tab; constants of weights or data should not be in
        it.
        """
        self._writers["train"].add_event(tf1.Event(wall_time=time.time(), graph_def=_describe_graph(graph)))

    def flush(self) -> None:
        """Makes what was written visible to readers."""
        for writer in self._writers.values():
            writer.flush()

    def __enter__(self) -> SummaryWriters:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for writer in self._writers.values():
            writer.close()


# Jobs that are trained in one graph after the other each write it.
_described: weakref.WeakKeyDictionary[Any, bytes] = weakref.WeakKeyDictionary()


def _describe_graph(graph: Any) -> bytes:
    """A GraphDef with shapes, serialized."""
    found = _described.get(graph)
    if found is None:
        found = graph.as_graph_def(add_shapes=True).SerializeToString()
        if graph.finalized:
            _described[graph] = found
    return found


def make_histogram(values: np.ndarray) -> Any:
    """A HistogramProto of `values` (any shape), in equal buckets from the least to the greatest.

    What is not finite is left out: gradients in half precision overflow now and then, and cost no step.
    """
    flat = np.asarray(values, np.float64).ravel()
    flat = flat[np.isfinite(flat)]
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
