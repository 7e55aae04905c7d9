"""Pictures of shards through a frozen network.

tf.data decodes with its own threads ahead of the network, which has as many again: whichever waits leaves its core to
the other. Batches pass through Python by reference, and order is that of the shards.

Tried and dropped (MobileNet v1 0.5/160, two cores, microseconds of a core a picture; 675 of them decode, 710 are
XNNPACK's): the network in one graph with the decoding, 1 680 to 1 740 with TensorFlow, against 1 660 to 1 720 fed, and
its rewriting, 0.1 s, paid in every pass; one decoding thread, 1 390 to 1 440, and one of the network, 1 440, against
1 400 to 1 500, no difference that is one, but one core idles at either end; three decoding threads, 1 470; two
interpreters of one thread each, fed by two Python threads, 1 400 to 1 490: the same, for a queue more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.errors import DatasetError
from graphcore.features.executor import AUTO, open_forward
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.inputs.pipeline import make_dataset
from graphcore.nets.backbone import Backbone


def iterate_features(
    paths: list[Path], backbone: Backbone, program: Program, batch_size: int, executor: str = AUTO, **options: Any
) -> Iterator[tuple[np.ndarray, np.ndarray, list[str]]]:
    """Batches of features float32 [batch, dimension], labels and keys, in the order of the shards.

    `executor` is that of `open_forward`; `options` and labels are those of `make_dataset`.

    Raises:
        ConfigError: the executor cannot run the network.
        DatasetError: a shard cannot be read or holds something that is not a picture.
    """
    if not paths:
        return
    with tf.Graph().as_default() as graph:
        dataset = make_dataset(paths, backbone.input_spec, batch_size, **options)
        fetches = tf1.data.make_one_shot_iterator(dataset).get_next()
        with make_session(graph, rewrite=False) as session:
            step = session.make_callable(fetches)
            # With the first batch decoding is under way, and goes on while the network is made ready.
            batch = _read_batch(step, paths[0].parent)
            with open_forward(backbone, program, executor) as forward:
                while batch is not None:
                    images, labels, keys = batch
                    yield forward(images), labels, [key.decode("utf-8", "surrogateescape") for key in keys]
                    batch = _read_batch(step, paths[0].parent)


def _read_batch(step: Any, folder: Path) -> Any:
    """What `step` gives, or None at the end."""
    try:
        return step()
    except tf.errors.OutOfRangeError:
        return None
    except (tf.errors.DataLossError, tf.errors.InvalidArgumentError, tf.errors.NotFoundError) as error:
        raise DatasetError(
            f"The shards in {folder} cannot be read: {str(error).splitlines()[0]}",
            next_step=f"Find the damaged one with `python -m tfrecords verify {folder}`, remove it and convert again.",
        ) from error
