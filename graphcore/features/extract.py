"""The feature pass: every picture of a split through the frozen backbone, once.

Decoding (tf.data's own threads) and the network run side by side in one graph, so no picture passes through
Python.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphcore import console
from graphcore.errors import DatasetError
from graphcore.features.store import FeatureSet, FeatureStore, plan_folder
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.inputs.pipeline import make_dataset
from graphcore.nets.backbone import Backbone
from graphcore.nets.frozen import FEATURES, IMAGES, FrozenBackbone
from graphcore.nets.input_spec import InputSpec
from tfrecords.manifest import read_manifest


@dataclass(frozen=True)
class Extraction:
    """The features of one split, and what they cost.

    Attributes:
        found: the features.
        seconds: how long it took to have them.
        cached: whether they lay there already.
    """

    found: FeatureSet
    seconds: float
    cached: bool

    @property
    def images_per_second(self) -> float:
        """Pictures a second, extracted or read."""
        return len(self.found) / max(self.seconds, 1e-9)


def get_features(
    records: Path,
    split: str,
    backbone: Backbone,
    frozen: FrozenBackbone,
    features_dir: Path,
    batch_size: int = 64,
) -> Extraction:
    """The features of a split, from the cache or extracted into it.

    Args:
        records: a folder of shards with its dataset.json.
        split: "train", "validation" or "test"; one without samples gives empty arrays.
        backbone: the network, for its input specification and feature size.
        frozen: the same network with its weights.
        features_dir: the cache; one folder a dataset, network and input specification below it.
        batch_size: pictures a forward pass.

    Raises:
        RecordsError: the folder is not a finished dataset.
        DatasetError: a shard cannot be read, or holds another number of samples than dataset.json says.
    """
    started = time.monotonic()
    manifest = read_manifest(records)
    count = manifest.samples(split)
    spec = backbone.input_spec
    store = FeatureStore(plan_folder(features_dir, manifest.digest(), frozen.digest, spec.digest()))
    found = store.read(split, count)
    if found is not None:
        return Extraction(found, time.monotonic() - started, cached=True)
    paths = [records / shard.name for shard in manifest.shards if shard.split == split]
    with store.write(split, count, backbone.feature_size) as writer:
        with console.progress(f"Features of {split}", count, "pictures") as advance:
            for features, labels, keys in iterate_features(paths, frozen.program, spec, batch_size):
                writer.add(features, labels, keys)
                advance(len(labels))
    found = store.read(split, count)
    if found is None:
        raise DatasetError(f"{store.folder} does not give back what was written to it.", next_step="Check the disk.")
    return Extraction(found, time.monotonic() - started, cached=False)


def iterate_features(
    paths: list[Path], program: Program, spec: InputSpec, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray, list[str]]]:
    """Batches of features float32 [batch, dimension], labels int32 [batch] and keys, in the order of the
    shards.

    Raises:
        DatasetError: a shard cannot be read or holds something that is not a picture.
    """
    if not paths:
        return
    with tf.Graph().as_default() as graph:
        images, labels, keys = tf1.data.make_one_shot_iterator(make_dataset(paths, spec, batch_size)).get_next()
        fetches = [import_program(program, images), labels, keys]
        with make_session(graph) as session:
            step = session.make_callable(fetches)
            try:
                while True:
                    features, batch_labels, batch_keys = step()
                    yield (
                        features,
                        batch_labels,
                        [key.decode("utf-8", "surrogateescape") for key in batch_keys],
                    )
            except tf.errors.OutOfRangeError:
                return
            except (
                tf.errors.DataLossError,
                tf.errors.InvalidArgumentError,
                tf.errors.NotFoundError,
            ) as error:
                raise DatasetError(
                    f"The shards in {paths[0].parent} cannot be read: {str(error).splitlines()[0]}",
                    next_step=f"Find the damaged one with `python -m tfrecords verify {paths[0].parent}`, "
                    "remove it and convert again.",
                ) from error


def import_program(program: Program, images: Any) -> Any:
    """Adds a frozen program to the current graph.

    Args:
        program: "images" to "features", without variables.
        images: float32 [batch, size, size, 3], taken as its "images".

    Returns:
        Its "features", float32 [batch, dimension].
    """
    (features,) = tf1.import_graph_def(
        program.graph.as_graph_def(),
        input_map={program.inputs[IMAGES]: images},
        return_elements=[program.outputs[FEATURES]],
        name="backbone",
    )
    return features
