"""What a person sees: lines, tables and progress bars, all through one door so that they look alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 80

Advance = Callable[..., None]


def _console(stderr: bool) -> Console:
    # Made at each use: tests and notebooks swap sys.stdout, and a console keeps the stream it was born with.
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def say(message: str) -> None:
    """Prints one line of news on standard error; `message` is plain text, not markup."""
    _console(stderr=True).print(escape(message), soft_wrap=True)


def warn(message: str) -> None:
    """Prints a warning on standard error; `message` is plain text, not markup."""
    _console(stderr=True).print(f"[yellow]warning:[/yellow] {escape(message)}", soft_wrap=True)


def show_error(message: str) -> None:
    """Prints an error on standard error; `message` is plain text, not markup."""
    _console(stderr=True).print(f"[red]error:[/red] {escape(message)}", soft_wrap=True)


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a table on standard output; a column of numbers is aligned to the right."""
    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_format(cell)) for cell in row))
    _console(stderr=False).print(table)


@contextmanager
def progress(description: str, total: float | None, unit: str = "") -> Iterator[Advance]:
    """Shows a bar on standard error while the block runs; where there is no terminal, one line at the end.

    Args:
        description: what is being done, a few words.
        total: how many units there are; None when nobody knows.
        unit: what is counted, in the plural ("pictures").

    Yields:
        `advance(n=1)`, to be called from any thread as units are done.
    """
    console = _console(stderr=True)
    started = time.monotonic()
    done = 0.0

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn(escape(unit)),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(escape(description), total=total)

        def advance(n: float = 1) -> None:
            nonlocal done
            done += n
            bars.advance(task, n)

        yield advance
    seconds = time.monotonic() - started
    rate = f", {done / seconds:,.0f} a second" if done and seconds >= 0.1 else ""
    say(f"{description}: {done:,.0f} {unit} in {seconds:.1f} s{rate}".replace("  ", " "))


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or (isinstance(cell, str) and cell.replace(".", "", 1).rstrip("%").isdigit())


def _format(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return str(cell)
