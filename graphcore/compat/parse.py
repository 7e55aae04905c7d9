"""Command lines as argparse and absl read them: `--flag value`, `--flag=value`, `--flag` and `--noflag`.

Unlike both, nothing is guessed from the beginning of a name and nothing unknown is passed over.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from graphcore.compat.flag import Flag, Given, Script
from graphcore.errors import ConfigError

HELP = ("-h", "-help", "--help", "--helpfull", "--helpshort")

_WORDS = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}
_OPTION = re.compile(r"[+~]{0,2}[A-Za-z_][\w./@]*=")
_KINDS = {int: "a whole number", float: "a number", bool: "true or false"}


def parse_flags(arguments: Sequence[str], script: Script) -> Given:
    """Reads a command line.

    Args:
        arguments: after the program's name; name=value without dashes is an option of graphcore and passed on.
        script: whose flags they are.

    Raises:
        ConfigError: an unknown flag, a value that is missing, of the wrong kind or not allowed, or a flag that only
            its default is left of.
    """
    flags = {flag.name: flag for flag in script.flags}
    values: dict[str, Any] = {flag.name: flag.default for flag in script.flags}
    named: set[str] = set()
    options: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if not argument.startswith("-"):
            options.append(_check_option(argument, script))
            continue
        name, equals, text = argument.lstrip("-").partition("=")
        flag, negated = _find(name, flags, script)
        if negated:
            if equals:
                raise ConfigError(f"--{name} takes no value.", next_step=f"Write --{flag.name}={text} or --{name}.")
            values[flag.name] = False
        else:
            given = text if equals else _take_value(flag, rest)
            values[flag.name] = _read(flag, given)
        named.add(flag.name)
        _check(flag, values[flag.name])
    return Given(values, frozenset(named), tuple(options))


def _find(name: str, flags: dict[str, Flag], script: Script) -> tuple[Flag, bool]:
    """The flag, and whether it was negated."""
    if name in flags:
        return flags[name], False
    positive = flags.get(name.removeprefix("no"))
    if name.startswith("no") and positive is not None and positive.kind is bool:
        return positive, True
    close = difflib.get_close_matches(name.replace("-", "_"), flags, n=1, cutoff=0.5)
    guess = f"Did you mean --{close[0]}?\n" if close else ""
    raise ConfigError(
        f"There is no flag --{name}.",
        next_step=f"{guess}See all flags: python -m graphcore.compat.{script.name} --help",
    )


def _take_value(flag: Flag, rest: list[str]) -> str:
    """The value of a flag without an equals sign; a flag that is true or false needs none."""
    if flag.kind is bool:
        return rest.pop(0) if rest and rest[0].lower() in ("true", "false") else "true"
    if not rest or (rest[0].startswith("-") and not _is_number(rest[0])):
        raise ConfigError(f"--{flag.name} has no value.", next_step=f"Write --{flag.name}=VALUE: {flag.help}.")
    return rest.pop(0)


def _read(flag: Flag, text: str) -> Any:
    try:
        return _WORDS[text.lower()] if flag.kind is bool else flag.kind(text)
    except (KeyError, ValueError):
        raise ConfigError(f"--{flag.name}={text} is not {_KINDS[flag.kind]}.") from None


def _check(flag: Flag, value: Any) -> None:
    if flag.choices and value not in flag.choices:
        raise ConfigError(f"{flag.show(value)} is not known.", choices=flag.choices)
    if flag.least is not None and not value >= flag.least:
        raise ConfigError(f"{flag.show(value)} is too small: {flag.least:g} or more.")
    if flag.refused and value != flag.default:
        raise ConfigError(f"{flag.show(value)} cannot be had: {flag.refused}.", next_step=f"Leave out --{flag.name}.")


def _check_option(argument: str, script: Script) -> str:
    if not script.takes_options or not _OPTION.match(argument):
        raise ConfigError(
            f"{argument} stands alone: flags are written --name=value.",
            next_step=f"See all flags: python -m graphcore.compat.{script.name} --help",
        )
    return argument


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
