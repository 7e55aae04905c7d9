"""The order in which a person counts names: video 10 comes after video 9."""

from __future__ import annotations

import re


def natural_order(name: str) -> list[tuple[int, str]]:
    """A key to sort names by; names that differ only in leading zeros are equal."""
    # By their digits: Python makes no number of more than 4300, and not of every character that counts as one.
    parts = ((part, part.lstrip("0")) for part in re.split(r"(\d+)", name))
    return [(len(digits), digits) if part.isdecimal() else (-1, part) for part, digits in parts]
