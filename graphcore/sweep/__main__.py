"""`python -m graphcore.sweep dir=multirun/...`: what a sweep came to, best first."""

from __future__ import annotations

from pathlib import Path

from graphcore import console
from graphcore.command import run_command
from graphcore.config import SweepConfig
from graphcore.sweep import CSV_FILE, PICTURE_FILE, summarise_sweep
from graphcore.sweep.picture import write_picture
from graphcore.sweep.show import show_summary, write_csv


def main() -> None:
    """Runs the command."""
    run_command(run_sweep, config_name="sweep", job="sweep")


def run_sweep(options: SweepConfig) -> None:
    """Prints the table and writes the CSV and the picture beside the jobs."""
    folder = Path(options.dir)
    jobs, summary = summarise_sweep(folder, options.metric, options.average_over)
    show_summary(summary, f"{folder}: {len(jobs)} jobs")
    write_csv(folder / CSV_FILE, jobs, [*summary.options, *options.average_over])
    console.say(f"Wrote {folder / CSV_FILE}")
    if write_picture(folder / PICTURE_FILE, summary):
        console.say(f"Wrote {folder / PICTURE_FILE}")


if __name__ == "__main__":
    main()
