"""Names of splits as people spell them: train, Training, val, 02_test, test_set."""

from __future__ import annotations

import re

SPELLINGS = {
    "train": ("train", "training", "tr"),
    "validation": ("validation", "val", "valid", "validate", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""What each split may be called; upper case, a number before it and "set" after it change nothing."""

_SPLIT_OF = {word: split for split, words in SPELLINGS.items() for word in words}
_NUMBERING = re.compile(r"^[0-9]{1,3}[\s._-]+")
_NOUN = re.compile(r"[\s_-]?(?:dataset|set|data|images)$")


def parse_split(word: str) -> str:
    """The split that a word means: "train", "validation" or "test"; "" when it means none."""
    plain = _NUMBERING.sub("", word.strip().lower())
    return _SPLIT_OF.get(plain) or _SPLIT_OF.get(_NOUN.sub("", plain), "")


def list_spellings() -> list[str]:
    """All words, for messages."""
    return list(_SPLIT_OF)
