from __future__ import annotations

import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

from graphcore.errors import DatasetError
from graphcore.sources.tables import Row, make_table, read_rows, read_table, split_text


def write(tmp_path, data, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def write_ods(path, rows):
    document, table = OpenDocumentSpreadsheet(), OdfTable(name="one")
    for cells in rows:
        row = TableRow()
        for kind, value, text in cells:
            given = {} if value is None else {f"{kind}value" if kind != "float" else "value": value}
            cell = TableCell(valuetype=kind, **given)
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def write_xlsx(path, cells):
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_decides_what_separates_columns(tmp_path, delimiter):
    path = write(tmp_path, f"video{delimiter}start{delimiter}end\n5{delimiter}1{delimiter}2\n")
    assert read_table(path).columns == ("video", "start", "end")
    assert read_table(path).rows == (Row(2, ("5", "1", "2")),)


def test_commas_in_cells_do_not_outvote_the_header(tmp_path):
    path = write(tmp_path, "video;start;end\n5;1,25;2,5\n5;3,25;4,5\n")
    assert read_table(path).rows[1].cells == ("5", "3,25", "4,5")


def test_quoted_cells_may_hold_delimiters_and_line_breaks(tmp_path):
    table = read_table(write(tmp_path, '"a;b",label\n"x, y","one\ntwo"\n5,"say ""hi"""\n'))
    assert table.columns == ("a;b", "label")
    assert table.rows == (Row(2, ("x, y", "one\ntwo")), Row(4, ("5", 'say "hi"')))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(tmp_path, encoding):
    path = write(tmp_path, "Vidéo,début\nnähen,1\n".encode(encoding))
    assert read_table(path).columns == ("Vidéo", "début")
    assert read_table(path).rows[0].cells == ("nähen", "1")


def test_another_encoding_is_refused_rather_than_guessed(tmp_path):
    with pytest.raises(DatasetError, match=r"is not UTF-8 text.*byte 3(.|\n)*CSV UTF-8"):
        read_table(write(tmp_path, "vid\xe9o,start\n".encode("latin-1")))
    with pytest.raises(DatasetError, match="holds zero bytes"):
        read_table(write(tmp_path, "video,start\n".encode("utf-16-le")))


def test_blank_lines_are_skipped_and_still_counted(tmp_path):
    table = read_table(write(tmp_path, "\n\na,b\n\n , \n1,2\n"))
    assert table.rows == (Row(6, ("1", "2")),)


def test_ragged_rows_are_filled_or_named(tmp_path):
    table = read_table(write(tmp_path, "a,b,\n1\n1,2,3,4\n1,2,,,\n"))
    assert table.columns == ("a", "b")
    assert [row.cells for row in table.rows] == [("1", None), ("1", "2"), ("1", "2")]
    assert table.faults == ("row 3: 4 cells, where the header has 2",)


def test_excels_own_mark_names_the_delimiter(tmp_path):
    assert read_table(write(tmp_path, "sep=;\na,x;b\n1;2\n")).rows == (Row(3, ("1", "2")),)


def test_a_header_further_down_can_be_pointed_out(tmp_path):
    path = write(tmp_path, "about;this, that, and, more\nTime;Behavior\n1;x\n")
    rows = read_rows(path, is_header=lambda line: "Behavior" in line)
    assert make_table(rows, 1).rows == (Row(3, ("1", "x")),)


def test_an_endless_cell_is_an_error_with_its_line(tmp_path):
    with pytest.raises(DatasetError, match=r"t\.csv cannot be read from line 2"):
        read_table(write(tmp_path, 'a,b\n1,"' + "x" * 200_000))


@pytest.mark.parametrize("data", ["", "\n \n", "\ufeff"])
def test_a_table_without_rows_is_an_error(tmp_path, data):
    with pytest.raises(DatasetError, match="has no rows"):
        read_table(write(tmp_path, data))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_table(tmp_path / "t.csv")


@given(st.text(max_size=300))
def test_any_text_is_rows_or_an_error(text):
    try:
        rows = split_text(text)
    except DatasetError:
        return
    assert all(any(cell is not None for cell in row.cells) for row in rows)


def test_cells_of_a_workbook_keep_their_kind(tmp_path):
    cells = {
        **{"B3": "video", "C3": "start", "D3": "end"},
        **{"B4": 7, "C4": datetime.time(0, 12, 30), "D4": datetime.timedelta(hours=30), "F4": "beyond"},
        **{"B6": "x", "C6": 1.5, "D6": datetime.datetime(2024, 1, 2)},
    }
    table = read_table(write_xlsx(tmp_path / "t.xlsx", cells))
    assert table.columns == ("", "video", "start", "end")
    assert table.rows == (
        Row(4, (None, 7.0, datetime.time(0, 12, 30), datetime.timedelta(hours=30))),
        Row(6, (None, "x", 1.5, datetime.datetime(2024, 1, 2))),
    )
    assert table.faults == ("row 4: 6 cells, where the header has 4",)


def test_open_document_spreadsheets_are_read(tmp_path):
    rows = [
        [("string", None, "video"), ("string", None, "start")],
        [("float", "7", "7"), ("time", "PT00H12M30S", "12:30")],
        [("float", "7.5", "7.5"), ("time", "PT30H00M00S", "30:00")],
    ]
    table = read_table(write_ods(tmp_path / "t.ods", rows))
    assert table.rows == (Row(2, (7.0, datetime.time(0, 12, 30))), Row(3, (7.5, "PT30H00M00S")))


def test_merged_cells_and_formats_to_the_right_are_no_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.active.merge_cells("C1:F2")
    book.active["XFD1048576"].number_format = "h:mm"
    book.save(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx").columns == ("a", "b")
