"""Names what a file really is when it is no picture, so that its owner knows what went wrong."""

from __future__ import annotations

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"%!PS", "a PostScript document"),
    (b"8BPS", "a Photoshop document"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture, which is not read"),
    (b"\x00\x00\x01\x00", "an icon, which is not read"),
    (b"\xff\xd8", "the first bytes of a JPEG"),
    (b"\x89PNG", "the first bytes of a PNG, or a damaged one"),
    (b"GIF8", "the first bytes of a GIF, or a damaged one"),
    (b"BM", "the first bytes of a BMP, or a damaged one"),
    (b"II*\x00", "the first bytes of a TIFF, or a damaged one"),
    (b"MM\x00*", "the first bytes of a TIFF, or a damaged one"),
)
_BRANDS = {
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIF picture",
    b"avif": "an AVIF picture",
}
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")


def name_content(data: bytes) -> str:
    """Says "not a picture: ..." as precisely as the first bytes allow."""
    head = data[:512]
    if head[4:8] == b"ftyp":
        brand = _BRANDS.get(head[8:12])
        return f"not a picture that is read: {brand}; convert it to JPEG or PNG" if brand else "not a picture: a video"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "damaged: the first bytes of a WebP"
    for start, what in _STARTS:
        if head.startswith(start):
            return f"damaged: {what}" if "first bytes" in what else f"not a picture: {what}"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_HTML):
        return "not a picture: an HTML page"
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in data[:4096].lower():
        return "not a picture that is read: an SVG drawing; convert it to PNG"
    if not head.strip(b"\x00"):
        return "not a picture: nothing but zeros"
    return "not a picture: text" if _is_text(head) else "not a picture: unknown content"


def _is_text(head: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\r\n\f" for byte in head)
