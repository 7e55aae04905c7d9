"""Whether a workbook may be opened at all: how much it unpacks to, and how many cells its sheets span.

The library that reads workbooks lays a sheet out from its first used cell to its last. Two cells at opposite
corners, 5 KB as a file, ask it for 512 GiB and end the whole process; so their places are looked up beforehand.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.parsers import expat

LARGEST_BYTES = 256 * 1024**2
"""Of a workbook, unpacked."""
LARGEST_CELLS = 5_000_000
"""Of a sheet, from its first row and column to its last."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError)
_PLACE = re.compile(r"([A-Za-z]*)([0-9]+)")


def find_excess(data: bytes) -> str:
    """What is too large in a workbook, as a phrase after its name; "" if nothing is.

    Of old .xls files, which are no zip, only the bytes are looked at.
    """
    if len(data) > LARGEST_BYTES:
        return f"is larger than {LARGEST_BYTES >> 20} MiB"
    if not data.startswith(b"PK"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_BYTES:
                return f"unpacks to more than {LARGEST_BYTES >> 20} MiB"
            # Reading stops at the declared size and then checks the sum: a directory that lies ends here, too.
            cells = max((_count_cells(name, archive.read(name)) for name in archive.namelist()), default=0)
    except _DAMAGED as error:
        return f"is damaged: {error}"
    return f"has a sheet that spans {cells} cells, more than {LARGEST_CELLS}" if cells > LARGEST_CELLS else ""


def _count_cells(name: str, part: bytes) -> int:
    """Rows times columns of a sheet, counted from the first; 0 for what is none."""
    if not name.lower().endswith(".xml"):
        return 0
    sheet = _OdsSheet() if name.endswith("content.xml") else _XlsxSheet()
    parser = expat.ParserCreate()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise ValueError(f"{name} is not XML: {error}") from None
    return sheet.cells


class _XlsxSheet:
    """Follows <row r="2"><c r="B2"><v>; cells without a value are only formatted, and do not count."""

    def __init__(self) -> None:
        self.cells = 0
        self._row = self._column = self._width = self._height = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif kind == "c":
            self._column += 1
            place = _PLACE.fullmatch(attributes.get("r", ""))
            if place:
                self._column, self._row = _number_column(place[1]) or self._column, int(place[2])
        elif kind in ("v", "is", "f") and self._row:
            self._width, self._height = max(self._width, self._column), max(self._height, self._row)
            self.cells = self._width * self._height

    def end(self, name: str) -> None:
        """A cell counts from its value on."""


class _OdsSheet:
    """Follows <table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>."""

    def __init__(self) -> None:
        self.cells = 0
        self._width = self._height = self._empty_rows = self._repeats = self._columns = self._filled = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._width = self._height = self._empty_rows = 0
        elif name == "table:table-row":
            self._repeats, self._columns, self._filled = int(attributes.get("table:number-rows-repeated", 1)), 0, 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._columns += int(attributes.get("table:number-columns-repeated", 1))
            if "office:value-type" in attributes:
                self._filled = self._columns
        elif name == "text:p":
            self._filled = self._columns

    def end(self, name: str) -> None:
        if name != "table:table-row":
            return
        if not self._filled:
            self._empty_rows += self._repeats  # of no weight, unless filled ones follow
            return
        self._height += self._empty_rows + self._repeats
        self._width, self._empty_rows = max(self._width, self._filled), 0
        self.cells = max(self.cells, self._width * self._height)


def _number_column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
