"""Pictures of shards through a frozen network.

Decoding (tf.data's own threads) and the network run side by side in one graph, so no picture passes through
Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.errors import DatasetError
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.inputs.pipeline import make_dataset
from graphcore.nets.frozen import FEATURES, IMAGES
from graphcore.nets.input_spec import InputSpec


def iterate_features(
    paths: list[Path], program: Program, spec: InputSpec, batch_size: int, **options: Any
) -> Iterator[tuple[np.ndarray, np.ndarray, list[str]]]:
    """Batches of features float32 [batch, dimension], labels and keys, in the order of the shards.

    `options` and labels are those of `make_dataset`.

    Raises:
        DatasetError: a shard cannot be read or holds something that is not a picture.
    """
    if not paths:
        return
    with tf.Graph().as_default() as graph:
        dataset = make_dataset(paths, spec, batch_size, **options)
        images, labels, keys = tf1.data.make_one_shot_iterator(dataset).get_next()
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
