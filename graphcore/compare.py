"""`python -m graphcore.compare 'runs=[a,b]'`: runs side by side, and whether they differ by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore import atomic
from graphcore.command import run_command
from graphcore.config import CompareConfig
from graphcore.console import say

# NumPy and all that stands on it is imported when something is compared, not for --help.
if TYPE_CHECKING:
    from graphcore.comparison.comparison import Comparison
    from graphcore.training.run import Run


def compare(
    runs: Sequence[Run | Path | str], split: str = "test", metric: str | None = None, resamples: int = 10_000
) -> Comparison:
    """Holds runs against the first of them, on the samples that all have; writes nothing.

    What a run says of the split is read from its predictions; a run that was never evaluated on it is scored.

    Args:
        runs: two or more finished runs, or their folders.
        split: "train", "validation" or "test".
        metric: the figure to test in, as metrics.json names it without its split; None for accuracy, or the mean
            average precision of several labels a sample.
        resamples: draws for the intervals, and swaps for the test where there are more than 16 groups.

    Raises:
        RunError: there are fewer than two runs, one is there twice, is missing or has not finished; their labels are
            of different kinds or classes; they share no sample, or say different things of what one is.
        ConfigError: these samples have no such figure.
        RecordsError: records that a run must be scored on are missing or damaged.
    """
    from graphcore.comparison.comparison import compare_gathered
    from graphcore.comparison.gather import gather

    return compare_gathered(gather(runs, split), split, metric, resamples)


def main() -> None:
    """Runs the command."""
    run_command(run_compare, config_name="compare", job="compare")


def run_compare(options: CompareConfig) -> None:
    """Compares, prints and writes what the options ask for."""
    from graphcore.comparison.as_json import to_json
    from graphcore.comparison.show import show_comparison

    comparison = compare(options.runs, options.split, options.metric, options.resamples)
    show_comparison(comparison)
    if options.json:
        atomic.write_json(Path(options.json), to_json(comparison))
        say(f"Wrote {options.json}")


if __name__ == "__main__":
    main()
