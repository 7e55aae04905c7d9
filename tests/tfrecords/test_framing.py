import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecords.errors import CorruptShardError
from tfrecords.framing import (
    framed_size,
    iterate_records,
    mask_crc,
    read_record_at,
    scan_records,
    scan_spans,
    write_record,
)

# The check value of CRC-32C in every catalogue of CRCs: that of the nine digits.
DIGITS, DIGITS_CRC = b"123456789", 0xE3069283


def write_file(path: Path, payloads) -> Path:
    with open(path, "wb") as file:
        for payload in payloads:
            write_record(file, payload)
    return path


@pytest.fixture
def three(tmp_path):
    """Records of 3, 0 and 5 bytes: they begin at 0, 19 and 35, and the file ends at 56."""
    return write_file(tmp_path / "three.tfrecord", [b"abc", b"", b"defgh"])


def test_mask_rotates_right_by_15_and_adds_the_constant():
    # 0b1 rotated right by 15 is bit 17.
    assert mask_crc(1) == (1 << 17) + 0xA282EAD8
    # Bit 15 becomes bit 0; the sum wraps at 32 bits.
    assert mask_crc(0xFFFFFFFF) == 0xA282EAD7


def test_layout_of_a_record():
    file = io.BytesIO()
    size = write_record(file, DIGITS)
    data = file.getvalue()
    rotated = (DIGITS_CRC >> 15 | DIGITS_CRC << 17) & 0xFFFFFFFF
    assert data[:8] == b"\x09\0\0\0\0\0\0\0"
    assert data[12:21] == DIGITS
    assert data[21:] == struct.pack("<I", (rotated + 0xA282EAD8) % 2**32)
    assert size == framed_size(9) == len(data) == 25


@given(payloads=st.lists(st.binary(max_size=200)), chunk_bytes=st.integers(1, 300))
def test_round_trip_with_any_chunk_size(tmp_path_factory, payloads, chunk_bytes):
    path = write_file(tmp_path_factory.mktemp("framing") / "records", payloads)
    assert list(iterate_records(path, chunk_bytes=chunk_bytes)) == payloads


def test_scan_gives_offsets_and_they_lead_back(three):
    records = list(scan_records(three))
    assert [(record.offset, record.payload) for record in records] == [(0, b"abc"), (19, b""), (35, b"defgh")]
    assert [read_record_at(three, record.offset) for record in records] == [b"abc", b"", b"defgh"]


def test_an_empty_file_has_no_records(tmp_path):
    assert list(iterate_records(write_file(tmp_path / "empty", []))) == []


@pytest.mark.parametrize("position", range(35, 56))
def test_a_flipped_bit_anywhere_in_a_record_is_found_and_named(three, position):
    data = bytearray(three.read_bytes())
    data[position] ^= 0x10
    three.write_bytes(data)
    with pytest.raises(CorruptShardError, match=r"three\.tfrecord: record 2 at byte 35: .*checksum differs"):
        list(iterate_records(three))


@pytest.mark.parametrize("size", [size for size in range(56) if size not in (0, 19, 35)])
def test_a_truncated_file_is_found_and_named(three, size):
    three.write_bytes(three.read_bytes()[:size])
    with pytest.raises(CorruptShardError, match=r"three\.tfrecord: record \d at byte \d+: the file is truncated"):
        list(iterate_records(three))


def test_records_before_the_damage_are_given(three):
    three.write_bytes(three.read_bytes()[:-1])
    records = iterate_records(three)
    assert [next(records), next(records)] == [b"abc", b""]
    with pytest.raises(CorruptShardError):
        next(records)


def test_without_check_a_damaged_payload_passes_but_a_damaged_length_does_not(three):
    data = bytearray(three.read_bytes())
    data[12] ^= 1
    three.write_bytes(data)
    assert next(iterate_records(three, check=False)) == b"`bc"
    data[0] ^= 1
    three.write_bytes(data)
    with pytest.raises(CorruptShardError, match="length's checksum"):
        next(iterate_records(three, check=False))


def test_a_file_of_another_kind_is_no_tfrecord_file(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<html><body>Not found</body></html>")
    with pytest.raises(CorruptShardError, match="no TFRecord file at all"):
        list(iterate_records(path))


def test_an_enormous_length_with_a_good_checksum_reads_no_more_than_the_file(tmp_path):
    file = io.BytesIO()
    write_record(file, struct.pack("<Q", 1 << 60))
    payload_with_crc = file.getvalue()[12:]  # eight bytes and their checksum: a header that is believed
    path = tmp_path / "huge"
    path.write_bytes(payload_with_crc)
    with pytest.raises(CorruptShardError, match=f"truncated: {1 << 60} bytes expected, 0 left"):
        list(iterate_records(path))


def test_read_at_a_wrong_offset_is_an_error(three):
    with pytest.raises(CorruptShardError, match="record at byte 7"):
        read_record_at(three, 7)


def test_spans_are_where_the_records_lie(three):
    with open(three, "rb") as file:
        assert list(scan_spans(file)) == [(0, 12, 15), (19, 31, 31), (35, 47, 52)]


def test_spans_do_not_depend_on_where_the_file_stands(three):
    with open(three, "rb") as file:
        found = []
        for span in scan_spans(file):
            found.append(span.offset)
            file.seek(0)
    assert found == [0, 19, 35]


@pytest.mark.parametrize(("size", "missing"), [(55, 1), (48, 8), (50, 6)])
def test_a_record_that_is_cut_has_no_span(three, size, missing):
    three.write_bytes(three.read_bytes()[:size])
    with open(three, "rb") as file:
        match = rf"three\.tfrecord: record 2 at byte 35: the file is truncated: {missing} bytes are missing"
        with pytest.raises(CorruptShardError, match=match):
            list(scan_spans(file))


@pytest.mark.parametrize("size", range(36, 47))
def test_a_header_that_is_cut_has_no_span(three, size):
    three.write_bytes(three.read_bytes()[:size])
    with open(three, "rb") as file:
        match = f"record 2 at byte 35: the file is truncated: 12 bytes expected, {size - 35} left"
        with pytest.raises(CorruptShardError, match=match):
            list(scan_spans(file))


def test_a_length_with_a_flipped_bit_has_no_span(three):
    data = bytearray(three.read_bytes())
    data[20] ^= 1
    three.write_bytes(data)
    with (
        open(three, "rb") as file,
        pytest.raises(CorruptShardError, match="record 1 at byte 19: the length's checksum"),
    ):
        list(scan_spans(file))


def test_a_record_at_an_offset_is_read_in_three_pieces(tmp_path, monkeypatch):
    path, pieces = write_file(tmp_path / "large.tfrecord", [bytes(30_000)]), []

    class Counting(io.FileIO):
        def read(self, size=-1, /):
            pieces.append(size)
            return super().read(size)

    monkeypatch.setattr("tfrecords.framing.open", lambda path, mode, buffering: Counting(path), raising=False)
    assert read_record_at(path, 0) == bytes(30_000)
    assert pieces == [12, 30_000, 12]
