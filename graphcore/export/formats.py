"""The formats a run can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from graphcore.atomic import write_bytes, write_text
from graphcore.config.network import GRAPH
from graphcore.errors import ConfigError
from graphcore.export.assembling import assemble
from graphcore.export.classifier_graph import build_classifier_graph
from graphcore.export.saved_model import write_saved_model
from graphcore.nets.weights import locate_checkpoint, write_npz
from graphcore.training.run import Run

FROZEN_GRAPH = "frozen_graph.pb"
SAVED_MODEL = "saved_model"
LABELS = "labels.txt"

BACKBONE = "backbone.npz"


def _write_frozen(run: Run, path: Path, output_name: str | None) -> None:
    write_bytes(path, assemble(run, output_name), can_wait=True)


def _write_saved_model(run: Run, path: Path, output_name: str | None) -> None:
    write_saved_model(build_classifier_graph(run, output_name), path)


def _write_backbone(run: Run, path: Path, output_name: str | None) -> None:
    """The network below the head, filters in half precision: what another run's backbone.checkpoint takes."""
    if run.backbone_name == GRAPH:
        raise ConfigError(
            "formats=[backbone] writes a network's variables, and the backbone of this run is a graph of constants.",
            choices=[name for name in FORMATS if name != "backbone"],
            next_step=f"Another run takes the same graph by backbone=graph backbone.checkpoint={run.folder}.",
        )
    write_npz(path, locate_checkpoint(str(run.backbone_checkpoint)).read_all())


_WRITERS: dict[str, tuple[str, Callable[[Run, Path, str | None], None]]] = {
    "frozen": (FROZEN_GRAPH, _write_frozen),
    "saved_model": (SAVED_MODEL, _write_saved_model),
    "backbone": (BACKBONE, _write_backbone),
}
FORMATS = tuple(_WRITERS)


def write_formats(run: Run, formats: Sequence[str], output_name: str | None = None) -> list[Path]:
    """Writes a run in each of `formats`, and the label file; see `graphcore.export.export`."""
    unknown = [name for name in formats if name not in _WRITERS]
    if unknown:
        raise ConfigError(f"formats names {unknown[0]!r}, which is not a format to export to.", choices=FORMATS)
    if not formats:
        raise ConfigError("formats is empty: there is nothing to export.", choices=FORMATS)
    written = []
    for name in dict.fromkeys(formats):
        file_name, write = _WRITERS[name]
        write(run, run.export_dir / file_name, output_name)
        written.append(run.export_dir / file_name)
    write_labels(run.export_dir / LABELS, run.labels)
    return [*written, run.export_dir / LABELS]


def write_labels(path: Path, labels: Sequence[str]) -> None:
    """Writes one class a line, in the order of the scores."""
    write_text(path, "".join(f"{' '.join(label.splitlines())}\n" for label in labels), can_wait=True)


def read_labels(path: Path) -> tuple[str, ...]:
    """Reads what `write_labels` wrote."""
    return tuple(path.read_text("utf-8").split("\n")[:-1])
