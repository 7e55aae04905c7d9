"""What a person sees of a classic command line: its help, what graphcore runs instead, and what differs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from graphcore.compat.flag import Difference, Flag, Script
from graphcore.compat.quoting import write_command

_WIDTH = 100


def write_help(script: Script) -> str:
    """The text of `--help`."""
    lines = [script.purpose, "", f"  python -m graphcore.compat.{script.name} {script.example}", ""]
    text = "Flags are those of the classic script with its defaults; nothing unknown is passed over."
    if script.takes_options:
        text += " name=value without dashes is an option of graphcore and wins over what the flags say."
    lines += textwrap.wrap(text, _WIDTH)
    for section in dict.fromkeys(flag.section for flag in script.flags):
        lines += ["", section or "Flags:"]
        for flag in script.flags:
            lines += _describe(flag) if flag.section == section else []
    return "\n".join(lines)


def _describe(flag: Flag) -> list[str]:
    shown = flag.kind.__name__ if flag.default in (None, "") else str(flag.default)
    head = f"  --[no]{flag.name}" if flag.kind is bool else f"  --{flag.name}={shown}"
    text = flag.help + (f" ({', '.join(flag.choices)})" if flag.choices else "")
    if flag.becomes:
        text += f" -> {flag.becomes}"
    if flag.refused:
        text += f"; only the default: {flag.refused}"
    if flag.now:
        text += f"; now: {flag.now}"
    return [head, *textwrap.wrap(text, _WIDTH, initial_indent="      ", subsequent_indent="      ")]


def show_plan(
    program: str,
    overrides: Sequence[str],
    differences: Sequence[Difference],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Prints the command that does the same, and a table of what differs from the script on purpose."""
    from graphcore.console import show_table

    print(f"The same with graphcore:\n\n{write_command(program, overrides, environment)}\n", flush=True)
    if differences:
        rows = [(one.flag or "-", one.did, one.now) for one in differences]
        show_table("What differs on purpose", ("flag", "the script", "graphcore"), rows)
