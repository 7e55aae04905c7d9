"""`python -m graphcore.export run=RUN 'formats=[frozen,saved_model]'`."""

from __future__ import annotations

from graphcore.command import run_command
from graphcore.config import ExportConfig
from graphcore.console import say
from graphcore.export import export


def main() -> None:
    """Runs the command."""
    run_command(_export, config_name="export", job="export")


def _export(options: ExportConfig) -> None:
    for path in export(options.run, options.formats, options.output_name):
        say(f"Wrote {path}")


if __name__ == "__main__":
    main()
