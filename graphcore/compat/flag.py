"""One flag of a classic script: what it was, what it becomes, and what is different about it on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Difference:
    """Something that graphcore does in another way than the script did.

    Attributes:
        flag: whom it concerns; "" for something that no flag decided.
        did: what the script did.
        now: what happens instead.
    """

    flag: str
    did: str
    now: str


@dataclass(frozen=True)
class Flag:
    """A flag as the script had it.

    Attributes:
        name: without dashes.
        kind: of its values: str, int, float or bool.
        default: the script's own.
        help: what it is for.
        option: the one option of graphcore that takes its value as it is; "" where there is none.
        options: what else it decides, in words, for `--help`.
        did: what the script did with it, where that is no longer so.
        now: what happens instead; told when the flag is given.
        refused: why no other value than the default can be had; "" where all can.
        least: the smallest value; None for any.
        choices: all the values there are; empty for any.
        section: the heading it stands under in `--help`.
    """

    name: str
    kind: type
    default: Any
    help: str
    option: str = ""
    options: str = ""
    did: str = ""
    now: str = ""
    refused: str = ""
    least: float | None = None
    choices: tuple[str, ...] = ()
    section: str = ""

    @property
    def becomes(self) -> str:
        """What it decides, for `--help`."""
        return self.option or self.options

    def show(self, value: Any) -> str:
        """The flag with a value, as a person writes it."""
        return f"--{self.name}={str(value).lower() if self.kind is bool else value}"

    def difference(self) -> Difference | None:
        """What is told when it is given; None where nothing differs."""
        return Difference(f"--{self.name}", self.did, self.now) if self.now else None


@dataclass(frozen=True)
class Script:
    """A classic script.

    Attributes:
        name: of the module that stands for it.
        purpose: what it does, a sentence.
        example: a command line after the module's name.
        flags: all of its flags.
        takes_options: whether options of graphcore may stand among them.
    """

    name: str
    purpose: str
    example: str
    flags: tuple[Flag, ...]
    takes_options: bool = True

    def find(self, name: str) -> Flag:
        """The flag of a name; KeyError where there is none."""
        return {flag.name: flag for flag in self.flags}[name]


@dataclass(frozen=True)
class Given:
    """What a command line says.

    Attributes:
        values: of every flag, the default where it was not given.
        named: the flags that were given.
        options: options of graphcore that stood among them, as name=value.
    """

    values: Mapping[str, Any]
    named: frozenset[str] = frozenset()
    options: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.named

    def or_else(self, name: str, value: Any) -> Any:
        """The value of a flag that was given, else `value` instead of its default."""
        return self.values[name] if name in self.named else value


def in_section(title: str, flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """Puts flags under a heading of `--help`."""
    return tuple(Flag(**{**vars(flag), "section": title}) for flag in flags)
