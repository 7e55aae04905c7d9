"""What folder and file names say: a template such as '{subject}/{class}/{name}' or 'GH{chapter:2}{recording}'.

A field stands for one or more characters of one path component, `{name}` at the end also for whole folders;
`{chapter}` takes digits only, `{field:2}` exactly two characters, and `*` anything within a component. Each field
takes the shortest text with which the whole fits. The file's ending may be left out.

No regular expression: with several fields in one name, those try every way to divide it. Here the positions from
which each part can reach the end are found first, from right to left, so that nothing is tried twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graphcore.errors import ConfigError

_DIGITS = frozenset("0123456789")
_NUMBERS = ("chapter",)
_MOST_PARTS = 64
_WIDEST = 255  # characters; no file system has longer names
_PIECE = re.compile(r"\{([^{}]*)\}|(\*+)|([^{}*]+)|([{}])")
_ENDING = re.compile(r"\.(?:\*|[A-Za-z0-9]+)$")

_MOST_STEPS = 500
"""Where a field is repeated, ways to divide a path are tried one by one; so many, and it does not fit."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a template: a literal text, a field, or, with neither, a star."""

    literal: str = ""
    field: str = ""
    width: int = 0
    crosses_folders: bool = False

    def takes(self, character: str) -> bool:
        """Whether a field or star may hold a character."""
        if self.field in _NUMBERS:
            return character in _DIGITS
        return self.crosses_folders or character != "/"

    def find_starts(self, text: str, ends: set[int]) -> set[int]:
        """Every position of `text` from which this part reaches one of `ends`."""
        length = len(self.literal) or self.width
        if self.literal:
            return {end - length for end in ends if text.endswith(self.literal, 0, end)}
        if length:
            return {end - length for end in ends if end >= length and all(map(self.takes, text[end - length : end]))}
        starts: set[int] = set()
        for end in ends:
            at = end - 1
            while at >= 0 and at not in starts and self.takes(text[at]):
                starts.add(at)
                at -= 1
        return starts if self.field else starts | ends

    def find_ends(self, text: str, start: int, ends: set[int]) -> Iterator[int]:
        """Those of `ends` that this part reaches from one of its starts, the nearest first."""
        length = len(self.literal) or self.width
        if length:
            yield start + length
            return
        for end in range(start, len(text) + 1):
            if end in ends and (end > start or not self.field):
                yield end
            if end == len(text) or not self.takes(text[end]):
                return


@dataclass(frozen=True)
class Pattern:
    """A template of paths. Made by `parse_pattern`."""

    text: str
    parts: tuple[_Part, ...]
    ending: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it names, in their order."""
        return tuple(dict.fromkeys(part.field for part in self.parts if part.field))

    def match(self, relative_path: str) -> dict[str, str] | None:
        """The fields' texts in a POSIX path; None where it does not fit."""
        stem, ending = split_ending(relative_path)
        if self.ending and ending.lower() == self.ending:
            return _Search(stem).find(self.parts, 0)
        return _Search(stem).find((*self.parts, _Part(self.ending)) if self.ending else self.parts, 0)


def parse_pattern(text: str, known_fields: Sequence[str], option: str) -> Pattern:
    """Reads a template.

    Args:
        text: as the user wrote it.
        known_fields: what may stand between braces.
        option: the full name of the option, for messages.

    Raises:
        ConfigError: no field, an unknown one, unbalanced braces, or a path that no file can have.
    """
    _check_path(text, option)
    ending = _ENDING.search(text)
    body = text[: ending.start()] if ending else text
    parts = [_parse_piece(piece, text, known_fields, option) for piece in _PIECE.finditer(body)]
    if len(parts) > _MOST_PARTS:
        raise ConfigError(f"{option} has {len(parts)} fields, stars and texts between them; {_MOST_PARTS} are allowed.")
    named = [index for index, part in enumerate(parts) if part.field]
    if not named:
        raise ConfigError(f"{option}={text} names no field.", choices=[f"{{{name}}}" for name in known_fields])
    if parts[named[-1]].field == "name" and not parts[named[-1]].width:
        parts[named[-1]] = replace(parts[named[-1]], crosses_folders=True)
    kept = ending.group().lower() if ending and ending.group() != ".*" else ""
    return Pattern(text, tuple(parts), kept)


def split_ending(path: str) -> tuple[str, str]:
    """A path without its file's ending, and that ending with its dot; a leading dot begins none."""
    stem, dot, ending = path.rpartition(".")
    if not dot or "/" in ending or not stem or stem.endswith("/"):
        return path, ""
    return stem, dot + ending


def _check_path(text: str, option: str) -> None:
    if "\\" in text:
        raise ConfigError(f"{option}={text} has a backslash.", next_step="Put / between folders, on every system.")
    if any(part in ("", ".", "..") for part in text.split("/")):
        raise ConfigError(
            f"{option}={text} is no path below a folder.", next_step="Write it like '{subject}/{class}/{name}'."
        )


def _parse_piece(piece: re.Match[str], text: str, known_fields: Sequence[str], option: str) -> _Part:
    inside, star, literal, brace = piece.groups()
    if brace is not None:
        raise ConfigError(f"{option}={text}: a brace has no partner.", next_step="Write fields as {class}.")
    if star is not None:
        return _Part()
    if literal is not None:
        return _Part(literal)
    field, colon, width = inside.partition(":")
    if field not in known_fields:
        raise ConfigError(f"{option}={text}: the field {{{inside}}} is not known.", choices=known_fields)
    if colon and not (width.isascii() and width.isdigit() and 1 <= int(width[:4]) <= _WIDEST):
        raise ConfigError(
            f"{option}={text}: {{{inside}}} has no number of characters, 1 to {_WIDEST}, after its colon."
        )
    return _Part(field=field, width=int(width[:4]) if colon else 0)


class _Search:
    """Looks for the shortest texts of the fields in one path."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._steps = 0

    def find(self, parts: Sequence[_Part], start: int) -> dict[str, str] | None:
        """Matches all of the text from `start` on."""
        reach = [{len(self._text)}]
        for part in reversed(parts):
            reach.append(part.find_starts(self._text, reach[-1]))
        return self._go(parts, reach[::-1], start)

    def _go(self, parts: Sequence[_Part], reach: Sequence[set[int]], start: int) -> dict[str, str] | None:
        if start not in reach[0]:
            return None
        if not parts:
            return {}
        part, rest = parts[0], parts[1:]
        is_repeated = bool(part.field) and any(later.field == part.field for later in rest)
        for end in part.find_ends(self._text, start, reach[1]):
            self._steps += 1
            if self._steps > _MOST_STEPS:
                return None
            own = self._text[start:end]
            # What is repeated is a literal from here on. Without repeats the first end always leads to a match.
            found = self.find(_bind(rest, part.field, own), end) if is_repeated else self._go(rest, reach[1:], end)
            if found is not None:
                return {part.field: own, **found} if part.field else found
        return None


def _bind(parts: Sequence[_Part], field: str, text: str) -> list[_Part]:
    return [_Part(text) if part.field == field else part for part in parts]
