"""Reads the training curves of a run back from its event files.

The summaries under RUN/summaries/{train,validation} are what TensorBoard shows; the report draws the same
figures from the same files, so that the two cannot tell different stories.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterator
from pathlib import Path

from tfrecords.errors import RecordsError
from tfrecords.framing import iterate_records

logger = logging.getLogger(__name__)

# Not a split: a run's final figures, once more, beside its options; see `training.summary_hparams`.
HPARAMS = "hparams"
# Ends the folder of what somebody watched of a split while the run was trained; see `evaluation.unfinished.watching`.
WATCHED = "-watched"


@dataclasses.dataclass(frozen=True)
class Curve:
    """One scalar over the steps of a run.

    Attributes:
        split: the folder the events lie in: "train", "validation" ...
        name: the summary's tag, such as "accuracy".
        steps: ascending, each once.
        values: one for each step.
    """

    split: str
    name: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


def read_curves(summaries_dir: Path) -> list[Curve]:
    """Reads every scalar of a run's splits, ordered by name and split; none without event files."""
    paths = sorted(summaries_dir.glob("*/events.out.tfevents.*"))
    states = [(path, path.stat()) for path in paths if path.parent.name != HPARAMS]
    return list(_read_files(tuple((path.absolute(), state.st_size, state.st_mtime_ns) for path, state in states)))


# A training reports on two splits.
@functools.lru_cache(maxsize=1)
def _read_files(files: tuple[tuple[Path, int, int], ...]) -> tuple[Curve, ...]:
    """The curves of event files, which are told from later ones by their sizes and times."""
    points: dict[tuple[str, str], dict[int, float]] = {}
    for path, _, _ in files:
        for name, step, value in _read_scalars(path):
            # A run that was cut off and resumed repeats the steps after its last checkpoint: the later file
            # wins.
            points.setdefault((name, path.parent.name), {})[step] = value
    curves = []
    for (name, split), values in sorted(points.items()):
        steps = sorted(values)
        curves.append(Curve(split, name, tuple(steps), tuple(values[step] for step in steps)))
    return tuple(curves)


def _read_scalars(path: Path) -> Iterator[tuple[str, int, float]]:
    # TensorFlow carries the protocol; the tensorboard package has it too, but is an extra.
    from graphcore.graph.runtime import tf1

    try:
        for record in iterate_records(path):
            event = tf1.Event.FromString(record)
            for value in event.summary.value:
                kind = value.WhichOneof("value")
                if kind == "simple_value":
                    yield value.tag, event.step, value.simple_value
                elif kind == "tensor" and value.metadata.plugin_data.plugin_name == "scalars":
                    yield value.tag, event.step, float(tf1.make_ndarray(value.tensor))
    except RecordsError as error:
        # A killed run leaves half a record at the end; what comes before it is good.
        logger.warning("%s ends early: %s", path, error)
