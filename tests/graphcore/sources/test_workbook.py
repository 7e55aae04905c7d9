from __future__ import annotations

import contextlib
import io
import sys
import zipfile

import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

from graphcore.errors import DatasetError
from graphcore.sources import workbook_size
from graphcore.sources.tables import Row, read_table


def write(tmp_path, data, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def write_xlsx(path, cells, sheets=("one",)):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for place, value in cells.items():
        sheet, _, at = place.rpartition("!")
        book[sheet or sheets[0]][at] = value
    book.save(path)
    return path


def test_the_first_sheet_that_is_not_empty_is_read_or_the_one_that_is_named(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"b!A1": "first", "c!A1": "second"}, sheets=("a", "b", "c"))
    assert read_table(path).columns == ("first",)
    assert read_table(path, sheet="c").columns == ("second",)
    with pytest.raises(DatasetError, match=r"no sheet 'd'(.|\n)*a, b, c"):
        read_table(path, sheet="d")


def test_two_cells_at_opposite_corners_are_refused(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"A1": "a", "XFD1048576": "b"})
    with pytest.raises(DatasetError, match="spans 17179869184 cells, more than 5000000"):
        read_table(path)


def test_a_cell_repeated_millionfold_is_refused(tmp_path):
    document, table = OpenDocumentSpreadsheet(), OdfTable(name="one")
    row = TableRow(numberrowsrepeated=1_000_000)
    cell = TableCell(numbercolumnsrepeated=16_384, valuetype="string")
    cell.addElement(P(text="x"))
    row.addElement(cell)
    table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "t.ods"))
    with pytest.raises(DatasetError, match="spans 16384000000 cells"):
        read_table(tmp_path / "t.ods")


def test_empty_rows_repeated_to_the_bottom_are_nothing(tmp_path):
    document, table = OpenDocumentSpreadsheet(), OdfTable(name="one")
    for repeated, text in ((1, "a"), (2, "b"), (1_048_573, "")):
        row = TableRow(numberrowsrepeated=repeated)
        cell = TableCell(valuetype="string") if text else TableCell(numbercolumnsrepeated=16_384)
        if text:
            cell.addElement(P(text=text))
        row.addElement(cell)
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "t.ods"))
    assert read_table(tmp_path / "t.ods").rows == (Row(2, ("b",)), Row(3, ("b",)))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_size, "LARGEST_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (1 << 21))
    with pytest.raises(DatasetError, match="unpacks to more than 1 MiB"):
        read_table(tmp_path / "t.xlsx")


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"a" * 5000)
    data = file.getvalue().replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    with pytest.raises(DatasetError, match="is damaged"):
        read_table(write(tmp_path, data, "t.xlsx"))


@pytest.mark.parametrize("name", ["t.xlsx", "t.ods", "t.xls"])
@pytest.mark.parametrize("data", [b"", b"garbage", b"PK\x03\x04" + b"x" * 99, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99])
def test_garbage_is_an_error_not_a_traceback(tmp_path, name, data):
    with pytest.raises(DatasetError, match=r"is damaged|cannot be read as a spreadsheet"):
        read_table(write(tmp_path, data, name))


def test_flipped_bytes_are_an_error_not_a_traceback(tmp_path):
    whole = write_xlsx(tmp_path / "t.xlsx", {"A1": "a", "A2": 1}).read_bytes()
    for at in range(0, len(whole), 97):
        path = write(tmp_path, whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :], "u.xlsx")
        with contextlib.suppress(DatasetError):
            assert read_table(path).columns


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    path = write_xlsx(tmp_path / "t.xlsx", {"A1": "a"})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(DatasetError, match="pip install python-calamine"):
        read_table(path)
