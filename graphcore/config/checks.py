"""What a value may be, said alike for every option."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphcore.errors import ConfigError

LARGEST_SEED = 2**31 - 1


UNBOUNDED = 2**40
"""A limit that only keeps arithmetic safe; messages do not mention it."""


def one_of(option: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuses a value that is not among the choices."""
    if value not in choices:
        raise ConfigError(f"{option}={value} is not known.", choices=choices)


def between(option: str, value: float, low: float, high: float, meaning: str = "") -> None:
    """Refuses a number outside [low, high]; `meaning` says after the range what is counted."""
    if not (low <= value <= high) or math.isnan(value):
        allowed = f"{_show(low)} or more" if high >= UNBOUNDED else f"{_show(low)} to {_show(high)}"
        raise ConfigError(f"{option}={_show(value)} is out of range: {allowed}{' ' + meaning if meaning else ''}.")


def _show(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def known_keys(option: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuses a mapping with keys that mean nothing."""
    for key in given:
        one_of(option, key, known)
