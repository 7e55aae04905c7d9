"""Values as Hydra reads them on a command line, and whole commands as a shell does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

# What Hydra takes as it stands, and as text: it would read 5, 1e3, true and null as something else.
_PLAIN = re.compile(r"[A-Za-z_/.][\w/.+-]*")
_MEANINGFUL = re.compile(r"(?i)true|false|null|nan|inf|[.\d]+(e[+-]?\d+)?|\.?\d[\d_]*\.?[\d_]*")
_INDENT = " \\\n    "


def make_override(option: str, value: Any) -> str:
    """An option and its value as one argument: "trainer.steps=500", 'dataset.dir="my photos"'.

    Args:
        option: the full name.
        value: text, a number, true or false, None, or a list of texts.
    """
    return f"{option}={_quote(value)}"


def _quote(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(_quote(one) for one in value)}]"
    text = str(value)
    if _PLAIN.fullmatch(text) and not _MEANINGFUL.fullmatch(text):
        return text
    # A backslash means something before a quote, and at the end where the closing quote comes.
    text = re.sub(r'(\\*)("|$)', lambda match: match[1] * 2 + ("\\" if match[2] else "") + match[2], text)
    return f'"{text.replace("${", chr(92) + "${")}"'


def write_command(
    program: str, overrides: Sequence[str], environment: Mapping[str, str] | None = None, wrapped: bool = True
) -> str:
    """A command that a person can paste into a shell.

    Args:
        program: what is run, such as "train".
        overrides: its arguments.
        environment: variables to set for it.
        wrapped: whether each argument gets a line of its own.
    """
    head = " ".join([*(f"{name}={shlex.quote(value)}" for name, value in (environment or {}).items()), program])
    return (_INDENT if wrapped else " ").join([head, *map(shlex.quote, overrides)])
