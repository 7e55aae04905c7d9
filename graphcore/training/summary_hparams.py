"""A finished run as one row of TensorBoard's HPARAMS: its options and its final figures.

The plugin reads them from two empty summaries that carry its own messages; those are encoded here, so that the
tensorboard package is needed to look at them only.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from graphcore.config import Config
from graphcore.training.summaries import SummaryWriters
from tfrecords import wire

PLUGIN = "hparams"
# A folder of its own, or each scalar of each split would be a column.
FOLDER = "hparams"
# Field numbers of HParamsPluginData, SessionStartInfo, SessionEndInfo and google.protobuf.Value.
# Source: tensorboard/plugins/hparams/{plugin_data,api}.proto, google/protobuf/struct.proto.
_START_INFO, _END_INFO = 3, 4
_HPARAMS, _START_SECS = 1, 5
_STATUS, _END_SECS, _SUCCESS = 1, 2, 1
_NUMBER, _TEXT, _BOOL = 2, 3, 4

Value = bool | float | str

_GROUPS = ("backbone", "head", "augment", "optimizer", "schedule", "trainer")
# Where things lie, how often one looks, who works: none of it decides what comes out.
_LEFT_OUT = {
    *("backbone.features_dir", "backbone.batch_size", "trainer.eval_every_steps", "trainer.threads"),
    *("trainer.checkpoint_every_steps", "trainer.checkpoint_every_secs"),
}


def list_options(config: Config) -> dict[str, Value]:
    """The options that decide a result, by full name ("head.name"); those that are null are left out."""
    options: dict[str, Value] = {"dataset": config.dataset.name or config.dataset.kind, "seed": config.seed}
    for group in _GROUPS:
        options |= {
            f"{group}.{name}": value
            for name, value in _flatten(asdict(getattr(config, group)))
            if f"{group}.{name}" not in _LEFT_OUT
        }
    return options


def _flatten(values: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
    for name, value in values.items():
        if isinstance(value, (bool, int, float, str)):
            yield name, value
        elif value is not None:
            yield name, str(value)


def write_hparams(
    run_dir: Path, options: Mapping[str, Value], figures: Mapping[str, float], step: int, started_secs: float
) -> None:
    """Writes the row into RUN/summaries/hparams.

    Args:
        run_dir: the run's folder.
        options: by full name.
        figures: by flat name, such as "validation/accuracy" and "test/loss".
        step: whose weights the figures are of.
        started_secs: when the run was begun, seconds since 1970.
    """
    messages = {
        "_hparams_/session_start_info": encode_start(options, started_secs),
        "_hparams_/session_end_info": encode_end(time.time()),
    }
    with SummaryWriters(run_dir, (FOLDER,)) as writers:
        for tag, message in messages.items():
            writers.write_tensors(FOLDER, 0, {tag: np.zeros(1, np.float32)}, PLUGIN, message)
        writers.write_scalars(FOLDER, step, {f"final/{name}": value for name, value in figures.items()})


def encode_start(options: Mapping[str, Value], started_secs: float) -> bytes:
    """HParamsPluginData of a run's beginning: its options."""
    entries = [
        wire.encode_delimited(
            _HPARAMS, *wire.encode_delimited(1, name.encode()), *wire.encode_delimited(2, _encode_value(value))
        )
        for name, value in options.items()
    ]
    pieces = [piece for entry in entries for piece in entry]
    return b"".join(wire.encode_delimited(_START_INFO, *pieces, _encode_double(_START_SECS, started_secs)))


def encode_end(ended_secs: float) -> bytes:
    """HParamsPluginData of a run's end: that it ended well, and when in seconds since 1970."""
    status = wire.encode_varint(_STATUS << 3 | wire.VARINT) + wire.encode_varint(_SUCCESS)
    return b"".join(wire.encode_delimited(_END_INFO, status, _encode_double(_END_SECS, ended_secs)))


def _encode_value(value: Value) -> bytes:
    if isinstance(value, bool):
        return wire.encode_varint(_BOOL << 3 | wire.VARINT) + wire.encode_varint(int(value))
    if isinstance(value, str):
        return b"".join(wire.encode_delimited(_TEXT, value.encode()))
    return _encode_double(_NUMBER, value)


def _encode_double(number: int, value: float) -> bytes:
    return wire.encode_varint(number << 3 | wire.FIXED64) + struct.pack("<d", value)
