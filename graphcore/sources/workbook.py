"""Cells of spreadsheets: .xlsx, .xlsm, .ods and .xls, by python-calamine, which is an extra."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from graphcore.errors import DatasetError
from graphcore.sources.workbook_size import find_excess


def read_grid(path: Path, data: bytes, sheet: str | None = None) -> list[list[Any]]:
    """Reads a sheet from its first row and column on; empty cells are "".

    Args:
        path: the file, for errors.
        data: all of it.
        sheet: a name; None takes the first sheet that is not empty.

    Raises:
        DatasetError: it is damaged, protected, too large, or what reads it is not installed.
    """
    try:
        import python_calamine as calamine
    except ImportError:
        raise DatasetError(
            f"{path} is a spreadsheet, and what reads those is not installed.",
            next_step="pip install python-calamine, or save it as .csv.",
        ) from None
    excess = find_excess(data)
    if excess:
        raise DatasetError(f"{path} {excess}.", next_step="Keep the table alone in the file, or save it as .csv.")
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return _pick_sheet(path, book, sheet)
    except (DatasetError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except calamine.PasswordError:
        raise DatasetError(f"{path} is protected by a password.", next_step="Save it without.") from None
    except BaseException as error:  # a panic of the library underneath is no `Exception`
        raise DatasetError(
            f"{path} cannot be read as a spreadsheet: {error}.", next_step="Save it anew, or as .csv."
        ) from None


def _pick_sheet(path: Path, book: Any, sheet: str | None) -> list[list[Any]]:
    if sheet is not None and sheet not in book.sheet_names:
        raise DatasetError(f"{path} has no sheet {sheet!r}.", choices=book.sheet_names)
    for name in [sheet] if sheet is not None else book.sheet_names:
        grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if any(cell != "" for cells in grid for cell in cells):
            return grid
    return []
