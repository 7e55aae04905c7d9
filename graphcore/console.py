"""What a person sees: lines, tables and progress bars, all through one door so that they look alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len, set_cell_size
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
# A cell is not shortened below this, even where the table is wider than the screen.
NARROWEST_SHORTENED = 16
# Where there is no terminal for a bar, what takes long says so often how far it is.
SECS_BETWEEN_LINES = 30.0

# Control characters but for tabs and ends of lines; an escape sequence in a name could rewrite the screen.
_UNSHOWN = dict.fromkeys(
    (*(code for code in range(32) if chr(code) not in "\t\n"), *range(127, 160)), "\N{REPLACEMENT CHARACTER}"
)

Advance = Callable[..., None]


def _console(stderr: bool) -> Console:
    # Made at each use: tests and notebooks swap sys.stdout, and a console keeps the stream it was born with.
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def say(message: str) -> None:
    """Prints one line of news on standard error; `message` is plain text, not markup."""
    _console(stderr=True).print(_as_it_is(message), soft_wrap=True)


def warn(message: str) -> None:
    """Prints a warning on standard error; `message` is plain text, not markup."""
    _console(stderr=True).print(f"[yellow]warning:[/yellow] {_as_it_is(message)}", soft_wrap=True)


def show_error(message: str) -> None:
    """Prints an error on standard error; `message` is plain text, not markup."""
    _console(stderr=True).print(f"[red]error:[/red] {_as_it_is(message)}", soft_wrap=True)


def show_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], shorten: int | None = None
) -> None:
    """Prints a table on standard output; a column of numbers is aligned to the right, empty cells aside.

    Args:
        title: stands above it.
        columns: their heads.
        rows: their cells, one for each column.
        shorten: the column whose cells are cut in the middle where the table would be wider than the screen; None
            breaks cells over lines instead.
    """
    console = _console(stderr=False)
    cells = [[_format(cell) for cell in row] for row in rows]
    if shorten is not None:
        _shorten_column(cells, columns, shorten, console.width)
    table = Table(title=_as_it_is(title), title_justify="left", title_style="bold")
    for index, column in enumerate(columns):
        told = [row[index] for row in rows if row[index] != ""]
        numeric = bool(told) and all(map(_is_number, told))
        table.add_column(_as_it_is(column), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(_as_it_is(cell) for cell in row))
    console.print(table)


def _shorten_column(cells: list[list[str]], columns: Sequence[str], shorten: int, width: int) -> None:
    widths = [max(map(cell_len, (head, *(row[index] for row in cells)))) for index, head in enumerate(columns)]
    # Each column has a blank on either side and a line after it; there is one more line at the left.
    others = sum(widths) - widths[shorten] + 3 * len(columns) + 1
    for row in cells:
        row[shorten] = shorten_middle(row[shorten], max(width - others, NARROWEST_SHORTENED))


def shorten_middle(text: str, width: int) -> str:
    """Cuts a name in the middle, which leaves both ends, where names differ; `width` is in columns of the screen."""
    if cell_len(text) <= width:
        return text
    head = (width - 1) // 2
    # A wide letter that is cut in two becomes a blank.
    return f"{set_cell_size(text, head)}…{set_cell_size(text[::-1], width - 1 - head)[::-1]}"


def show_count(number: float) -> str:
    """A number with its thousands apart."""
    return f"{int(number):,}"


def count_of(number: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 video", "8 videos"."""
    return f"{show_count(number)} {one if number == 1 else many or one + 's'}"


@contextmanager
def progress(description: str, total: float | None, unit: str = "") -> Iterator[Advance]:
    """Shows a bar on standard error while the block runs, and one line at the end.

    Where there is no terminal, as in a log, there is a line every `SECS_BETWEEN_LINES` instead of the bar.

    Args:
        description: what is being done, a few words.
        total: how many units there are; None when nobody knows.
        unit: what is counted, in the plural ("pictures").

    Yields:
        `advance(n=1)`, to be called from any thread as units are done.
    """
    console = _console(stderr=True)
    started = told = time.monotonic()
    done, lock = 0.0, threading.Lock()

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn(_as_it_is(unit)),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(_as_it_is(description), total=total)

        def advance(n: float = 1) -> None:
            nonlocal done, told
            with lock:
                done += n
                is_due = bars.disable and time.monotonic() - told >= SECS_BETWEEN_LINES
                told = time.monotonic() if is_due else told
            bars.advance(task, n)
            if is_due:
                say(f"{description}: {_tell_part(done, total)} {unit}".rstrip())

        yield advance
    seconds = time.monotonic() - started
    rate = f", {_show_rate(done / seconds)} a second" if done and seconds >= 0.1 else ""
    noun = unit.removesuffix("s") if round(done) == 1 else unit
    say(f"{description}: {done:,.0f} {noun} in {seconds:.1f} s{rate}".replace("  ", " "))


def _tell_part(done: float, total: float | None) -> str:
    return f"{done:,.0f}" if total is None else f"{done:,.0f} of {total:,.0f}"


def _show_rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _as_it_is(text: str) -> str:
    """Text that rich prints to the letter: no markup, and no signs that a terminal would obey, whoever named a file."""
    return escape(text.translate(_UNSHOWN))


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or (isinstance(cell, str) and cell.replace(".", "", 1).rstrip("%").isdigit())


def _format(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return str(cell)
