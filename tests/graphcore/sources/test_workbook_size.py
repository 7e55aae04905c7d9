from __future__ import annotations

import io
import zipfile

import pytest

from graphcore.sources import workbook_size
from graphcore.sources.workbook_size import find_excess


def pack(name, data, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def make_sheet(*rows):
    return pack("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>")


def make_ods(*rows):
    body = "".join(
        f'<table:table-row table:number-rows-repeated="{repeats}"><table:table-cell '
        f'table:number-columns-repeated="{columns}">{text}</table:table-cell></table:table-row>'
        for repeats, columns, text in rows
    )
    spaces = 'xmlns:table="t" xmlns:text="x" xmlns:office="o"'
    return pack("content.xml", f"<office:body {spaces}><table:table>{body}</table:table></office:body>")


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("<c r='XFD1048576'><v>1</v></c>", 16_384 * 1_048_576),
        ('<c r = "a9999999999"><v>1</v></c>', 9_999_999_999),
        ('<x:c r="B70000000"><x:v>1</x:v></x:c>', 140_000_000),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_places_are_found_however_they_are_written(cell, count, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><row r="1">{cell}</row></worksheet>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("anywhere.xml", text.encode(encoding))
    assert find_excess(file.getvalue()).startswith(f"has a sheet that spans {count} cells")


def test_an_ordinary_sheet_is_not_too_large():
    assert find_excess(make_sheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c><v>1</v></c></row>')) == ""
    assert find_excess(make_ods((1, 3, "<text:p>a</text:p>"))) == ""


def test_cells_that_are_only_formatted_do_not_count():
    assert find_excess(make_sheet('<row r="1048576"><c r="XFD1048576" s="1"/></row>')) == ""
    assert find_excess(make_ods((1, 1, "<text:p>a</text:p>"), (1_048_575, 16_384, ""))) == ""


def test_empty_rows_between_filled_ones_count():
    rows = (1, 1000, "<text:p>a</text:p>"), (1_000_000, 16_384, ""), (1, 1, "<text:p>b</text:p>")
    assert find_excess(make_ods(*rows)) == "has a sheet that spans 1000002000 cells, more than 5000000"


def test_cells_without_a_place_follow_one_another(monkeypatch):
    monkeypatch.setattr(workbook_size, "LARGEST_CELLS", 5)
    row = "<row><c><v>1</v></c><c/><c><v>1</v></c></row>"
    assert find_excess(make_sheet(row)) == ""
    assert find_excess(make_sheet(row, row)) == "has a sheet that spans 6 cells, more than 5"


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(workbook_size, "LARGEST_BYTES", 1 << 20)
    assert find_excess(pack("a.bin", bytes(1 << 21))) == "unpacks to more than 1 MiB"
    assert find_excess(bytes(1 << 21)) == "is larger than 1 MiB"


@pytest.mark.parametrize(
    "part",
    [
        "<worksheet>",
        '<worksheet><row r="x"/></worksheet>',
        f'<worksheet><row r="{"9" * 5000}"/></worksheet>',
        '<!DOCTYPE a [<!ENTITY b "' + "c" * 5000 + '">]><a>' + "&b;" * 500_000 + "</a>",
    ],
)
def test_sheets_that_are_no_xml_are_damage(part):
    assert find_excess(pack("sheet.xml", part)).startswith("is damaged: ")


def test_what_is_no_zip_is_left_to_the_library():
    assert find_excess(b"\xd0\xcf\x11\xe0") == ""
