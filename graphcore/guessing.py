"""What a misspelt option was probably meant to be."""

from __future__ import annotations

import difflib


def explain_unknown_key(key: str, choices: list[str]) -> str:
    """Says that there is no option `key`, which there are beside it, and which is nearest."""
    parent, _, last = key.rpartition(".")
    return with_guess(f"There is no option {key}.", last, choices, f"{parent}." if parent else "")


def with_guess(problem: str, given: str, choices: list[str], prefix: str) -> str:
    """Adds to `problem` the choices, and the one nearest to `given`, as it would be written: `prefix` and its name."""
    lines = [problem]
    if choices:
        lines.append(f"Choices: {', '.join(choices)}.")
    close = difflib.get_close_matches(given, choices, n=1, cutoff=0.5)
    if close:
        lines.append(f"Did you mean {prefix}{close[0]}?")
    return "\n".join(lines)
