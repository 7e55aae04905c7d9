"""What a split needs to know of a sample. Nothing of its path or its place on disk, so that neither decides."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.config import SplitConfig

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class SplitItem:
    """One sample, as the splits see it.

    Attributes:
        identity: samples of the same identity stay together (copies of one picture).
        label: name of its class, or the names of all its classes.
        group: samples of the same group stay together; empty when there is none.
        given: the split that the inputs themselves give; empty where they give none.
        weight: how much it counts where classes are evened out: 1 for a sample, or its seconds.
    """

    identity: str
    label: str | tuple[str, ...]
    group: str = ""
    given: str = ""
    weight: float = 1.0


def list_labels(label: str | tuple[str, ...]) -> tuple[str, ...]:
    """All class names of a sample."""
    return (label,) if isinstance(label, str) else label


def name_groups(config: SplitConfig, count: int = 2) -> str:
    """What stays together, in words that fit a count: "subjects", "distinct samples"."""
    noun = "distinct sample" if config.grouping == "file" else config.grouping
    return noun if count == 1 else f"{noun}s"
