from __future__ import annotations

import pytest

from graphcore.sources.annotations.documents import (
    DEEPEST_ELEMENT,
    UnreadableError,
    decode_head,
    list_folder,
    name_video,
    read_json,
    read_text,
    read_xml,
    show,
)


@pytest.fixture
def store(tmp_path):
    def write(data):
        (tmp_path / "a.file").write_bytes(data)
        return tmp_path / "a.file"

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_with_and_without_its_mark(store, encoding):
    assert read_text(store("Nähen\n".encode(encoding))) == "Nähen\n"
    assert decode_head("Nähen\n".encode(encoding)) == "Nähen\n"


def test_big_endian_text_is_read(store):
    assert read_text(store(b"\xfe\xff" + "é".encode("utf-16-be"))) == "é"


def test_a_character_cut_in_two_does_not_spoil_a_head():
    assert decode_head("xé".encode()[:2]) == "x\ufffd"


@pytest.mark.parametrize("data", [b"PK\x03\x04 a zip", b"a\0b", b"\xff\xfe\x00\x00"])
def test_binary_files_have_no_head(data):
    assert decode_head(data) == ""


def test_what_is_no_text_is_named(store):
    with pytest.raises(UnreadableError, match=r"a\.file is not text: byte 2 is no UTF-8\.\nSave it as UTF-8"):
        read_text(store(b"ab\xe9"))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(UnreadableError, match="cannot be read: No such file"):
        read_text(tmp_path / "none")
    with pytest.raises(UnreadableError, match="cannot be read: Is a directory"):
        read_xml(tmp_path)
    with pytest.raises(UnreadableError, match="cannot be read: No such file"):
        list_folder(tmp_path / "none")


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"1" * 10_000, b"\0" * 1_000_000])
def test_what_is_no_json_is_an_error_with_the_next_step(store, data):
    with pytest.raises(UnreadableError, match=r"is not JSON: .*\.\nDo this"):
        read_json(store(data), "Do this")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_is_read_in_the_encoding_it_has(store, encoding):
    assert read_xml(store("<l>Nähen</l>".encode(encoding))).text == "Nähen"


BOMB = """<?xml version="1.0"?>
<!-- <l> --><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<l>&b;</l>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_before_they_swell(store, encoding):
    with pytest.raises(UnreadableError, match='declares a document type \\("l"\\)'):
        read_xml(store(BOMB.encode(encoding)))


def test_endless_nesting_is_refused(store):
    assert read_xml(store(b"<a>" * DEEPEST_ELEMENT + b"</a>" * DEEPEST_ELEMENT)).tag == "a"
    with pytest.raises(UnreadableError, match="nests more than 64 elements"):
        read_xml(store(b"<a>" * 400_000))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"\0" * 1_000_000,
        b"\xe9" * 1_000_000,
        b'<?xml version="1.0" encoding="nonsense"?><l/>',
        b'<?xml version="1.0" encoding="utf-7"?><l/>',
        b'<?xml version="1.0" encoding="zlib"?><l/>',
    ],
)
def test_what_is_no_xml_is_an_error(store, data):
    with pytest.raises(UnreadableError, match="is not XML"):
        read_xml(store(data))


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("v.mp4", "v.mp4"),
        (" ./v.mp4", "v.mp4"),
        ("/data/upload/abc-v.mp4", "abc-v.mp4"),
        ("C:\\films\\a b.mp4", "a b.mp4"),
        ("file:///C:/films/a%20b.mp4", "a b.mp4"),
        ("file:///films/take#2.mp4", "take#2.mp4"),
        ("https://host/a%20b.mp4?size=1#t=3", "a b.mp4"),
        ("s3://bucket/v.mp4", "v.mp4"),
        ("50%20.mp4", "50%20.mp4"),
        ("file:///..%2F", ""),
        ("", ""),
        ("..", ""),
        ("films/.", ""),
        ("a\0b", ""),
        ("a\nb", ""),
        ("\ud800", ""),
    ],
)
def test_a_video_is_named_by_the_last_part_of_its_path(stored, name):
    assert name_video(stored) == name


def test_a_folder_is_listed_by_name_without_what_is_hidden(tmp_path):
    for name in ("b.EAF", "a.eaf", ".c.eaf", "d.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in list_folder(tmp_path, ".eaf")] == ["a.eaf", "b.EAF"]
    assert [path.name for path in list_folder(tmp_path)] == ["a.eaf", "b.EAF", "d.txt"]


def test_values_are_shown_as_json_and_cut():
    assert show({"a": None}) == '{"a": null}'
    assert show("x" * 99) == '"' + "x" * 56 + "..."
    assert show(10**5000) == "a int"
