"""Entries of a list of pictures in JSON: a list of objects, one object a line, or one object of paths and labels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from graphcore import storage
from graphcore.errors import DatasetError
from graphcore.sources.files import explain_os_error
from graphcore.sources.tables import decode_text

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")

_EXPECTED = 'Write [{"path": "a.jpg", "label": "cat"}, ...] or {"a.jpg": "cat", ...}; one object a line in .jsonl.'


def read_entries(path: Path) -> list[tuple[str, Any]]:
    """Reads the entries, each with its place: "entry 3", or "line 3" where each has its own line.

    Raises:
        DatasetError: it cannot be read or is no such JSON.
    """
    try:
        text = decode_text(path, storage.read_bytes(path))
    except OSError as error:
        raise DatasetError(f"dataset.list={path} {explain_os_error(error)}.") from None
    return list(_read_whole(path, text) if path.suffix.lower() == ".json" else _read_lines(path, text))


def _read_whole(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    # Of two equal paths a dict would keep the second only, and nobody would hear of the contradiction.
    content = _parse(path, text, "", _Pairs)
    if isinstance(content, _Pairs):
        entries: list[Any] = [{"path": name, "label": labels} for name, labels in content]
    elif isinstance(content, list):
        entries = [dict(entry) if isinstance(entry, _Pairs) else entry for entry in content]
    else:
        raise DatasetError(
            f"dataset.list={path} holds neither a list nor an object.",
            next_step=_EXPECTED,
        )
    return ((f"entry {number}", entry) for number, entry in enumerate(entries, start=1))


def _read_lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"line {number}", _parse(path, line, f", line {number}", dict)


class _Pairs(list):
    """An object of JSON as it stands there."""


def _parse(path: Path, text: str, where: str, make_object: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    try:
        return json.loads(text, object_pairs_hook=make_object)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"dataset.list={path}{where} is not JSON: {error}.", next_step=_EXPECTED) from None
