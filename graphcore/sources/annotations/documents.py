"""Text, JSON and XML of annotation files, read without trusting them.

What the readers of all formats share before they look at what a file says. Files are opened through their path
alone, so that they may lie in an object store.
"""

from __future__ import annotations

import codecs
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import is_text
from graphcore.sources.files import explain_os_error

DEEPEST_ELEMENT = 64
"""No tool nests a tenth as deep; a file that does is made to exhaust the stack."""

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/")
"""A scheme of one letter is a disk of Windows."""


class UnreadableError(DatasetError):
    """A file of annotations of which nothing can be read."""

    def __init__(self, path: Path, reason: str, next_step: str | None = None) -> None:
        """Builds the message; `reason` goes on after the file's name."""
        super().__init__(f"dataset.annotations={path} {reason}.", next_step=next_step)
        self.reason = reason


def read_text(path: Path) -> str:
    """A file of UTF-8, or of UTF-16 with its mark, without the mark.

    Raises:
        UnreadableError: it cannot be read or is no text.
    """
    data = _read_bytes(path)
    encoding = _find_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"is not text: byte {error.start} is no {encoding.removesuffix('-sig').upper()}"
        raise UnreadableError(path, reason, "Save it as UTF-8, or name its dataset.annotation_format.") from None


def decode_head(data: bytes) -> str:
    """The first bytes of a file as text, a character that was cut in two replaced; "" when they are no text."""
    text = data.decode(_find_encoding(data), errors="replace")
    return "" if "\0" in text or data.startswith(b"PK\x03\x04") else text


def read_json(path: Path, next_step: str | None = None) -> Any:
    """The value of a JSON file.

    Raises:
        UnreadableError: it cannot be read or is no JSON.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(path, f"is not JSON: {error}", next_step) from None


def read_xml(path: Path, next_step: str | None = None) -> ET.Element:
    """The root of an XML file. Document types are refused: entities make a gigabyte of a kilobyte.

    Raises:
        UnreadableError: it cannot be read, is no XML, declares a document type or nests without end.
    """
    data = _read_bytes(path)
    parser = ET.XMLParser(target=_WaryBuilder())
    try:
        parser.feed(data)
        return parser.close()
    except _RefusedError as error:
        raise UnreadableError(path, str(error), next_step) from None
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnreadableError(path, f"is not XML: {error}", next_step) from None


def list_folder(path: Path, suffix: str = "") -> list[Path]:
    """What lies in a folder under names that end so, by name; hidden ones are passed over.

    Raises:
        UnreadableError: it cannot be listed.
    """
    try:
        entries = [one for one in path.iterdir() if not one.name.startswith(".") and one.name.lower().endswith(suffix)]
    except OSError as error:
        raise UnreadableError(path, explain_os_error(error)) from None
    return sorted(entries, key=lambda one: one.name)


def name_video(stored: str) -> str:
    """The file's own name in a path of any system or a URL; "" when there is none that a file can have."""
    text = stored.strip()
    url = _URL.match(text)
    if url:
        # A server's address goes on after the name; a file may really be called "take#2.mp4".
        text = unquote(text if url["scheme"].lower() == "file" else re.split("[?#]", text)[0])
    name = re.split(r"[/\\]", text)[-1]
    return "" if name in ("", ".", "..") or set(name) & set("\0\r\n") or not is_text(name) else name


def show(value: Any) -> str:
    """A value of a file as JSON spells it, cut to 60 characters."""
    try:
        text = json.dumps(value, default=str)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


class _RefusedError(Exception):
    pass


class _WaryBuilder(ET.TreeBuilder):
    """Stops at the first sign of an attack, in whatever encoding it is written."""

    depth = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise _RefusedError(f"declares a document type ({show(name)}), which no labelling tool does")

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.depth += 1
        if self.depth > DEEPEST_ELEMENT:
            raise _RefusedError(f"nests more than {DEEPEST_ELEMENT} elements")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(path, explain_os_error(error)) from None


def _find_encoding(data: bytes) -> str:
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
