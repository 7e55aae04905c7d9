from __future__ import annotations

import pytest

from graphcore.sources.sniff import name_content


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<!DOCTYPE html><html>404</html>", "not a picture: an HTML page"),
        (b"\xef\xbb\xbf\n <HTML>", "not a picture: an HTML page"),
        (b"%PDF-1.7", "not a picture: a PDF document"),
        (b"PK\x03\x04....", "not a picture: a ZIP archive"),
        (
            b"\x00\x00\x00\x18ftypheic....",
            "not a picture that is read: a HEIC picture; convert it to JPEG or PNG",
        ),
        (b"\x00\x00\x00\x18ftypisom....", "not a picture: a video"),
        (b"just some words\n", "not a picture: text"),
        (b"\x00" * 100, "not a picture: nothing but zeros"),
        (b"\x01\x02\x03\x80", "not a picture: unknown content"),
        (b"\x89PNG", "damaged: the first bytes of a PNG, or a damaged one"),
        (b"<?xml version='1.0'?><svg>", "not a picture that is read: an SVG drawing; convert it to PNG"),
    ],
)
def test_content_is_named(data, expected):
    assert name_content(data) == expected
