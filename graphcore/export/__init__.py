"""A finished run as files that need nothing of graphcore: frozen graph, SavedModel, label file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphcore.training.run import Run


def export(run: Run | Path | str, formats: Sequence[str] = ("frozen",), output_name: str | None = None) -> list[Path]:
    """Writes a run's classifier under RUN/export.

    Args:
        run: a finished run, or its folder.
        formats: any of `graphcore.export.formats.FORMATS`.
        output_name: of the scores' node in the graphs; None for the name that the run was told, which is
            "final_result" unless it was told another.

    Returns:
        What was written, the label file last.

    Raises:
        ConfigError: there is no such format, or no node can have that name.
        RunError: the run is missing or has not finished.
        CheckpointError: its weights are missing or damaged.
    """
    # The command's --help comes through here, so TensorFlow waits.
    from graphcore.export.formats import write_formats
    from graphcore.training.run import load_run

    return write_formats(load_run(run) if isinstance(run, (str, Path)) else run, formats, output_name)
