"""Which files are taken at all, by patterns of their names such as "*.jpg"."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence

ALL = ("*",)
"""The patterns that every file name fits."""


def compile_patterns(include: Sequence[str]) -> Callable[[str], bool]:
    """Returns a function that says whether the last part of a POSIX path fits one of the patterns."""
    if "*" in include:
        return lambda path: True
    fits = re.compile("|".join(fnmatch.translate(pattern.lower()) for pattern in include)).match
    return lambda path: fits(path.rpartition("/")[2].lower()) is not None
