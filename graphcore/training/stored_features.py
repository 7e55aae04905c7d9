"""Features that lie in the graph of a head's training, so that a step is told row numbers and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1


@dataclass(frozen=True)
class StoredFeatures:
    """One split inside the graph, as variables that no checkpoint holds.

    Attributes:
        features: variable, float32 [views * samples, dimension].
        labels: variable, int32 [samples], or uint8 [samples, classes].
        sources: names of the placeholders that both are initialised from.
        initializers: what initialises them; run with `feeds`.
    """

    features: Any
    labels: Any
    sources: tuple[str, str]
    initializers: Any

    def feeds(self, found: FeatureSet) -> dict[Any, np.ndarray]:
        """What the session is fed with to run `initializers`."""
        return dict(zip(self.sources, (found.features, found.labels), strict=True))

    def gather(self, rows: Any, multi_label: bool = False) -> tuple[Any, Any]:
        """Features and labels of `rows`, integers of any shape; those of a multi-label head as float32."""
        # All views of a sample share its label; of a single one the rows are the samples.
        samples = rows if self.features.shape[0] == self.labels.shape[0] else rows % self.labels.shape[0]
        labels = tf.gather(self.labels, samples)
        return tf.gather(self.features, rows), tf.cast(labels, tf.float32) if multi_label else labels


def store_features(split: str, found: FeatureSet) -> StoredFeatures:
    """Adds the variables of a split to the graph, empty as yet."""
    with tf1.variable_scope(f"data/{split}"):
        sources = (
            tf1.placeholder(tf.float32, found.features.shape),
            tf1.placeholder(found.labels.dtype, found.labels.shape),
        )
        features, labels = (
            tf1.get_variable(
                name,
                initializer=source,
                trainable=False,
                collections=[tf1.GraphKeys.LOCAL_VARIABLES],
                use_resource=True,
            )
            for name, source in zip(("features", "labels"), sources, strict=True)
        )
    names = (sources[0].name, sources[1].name)
    return StoredFeatures(features, labels, names, [features.initializer, labels.initializer])
