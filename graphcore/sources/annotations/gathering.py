"""The segments of one video as a reader finds them, and what is wrong with the others, told once a kind.

A tool that marks moments marks thousands; a person wants one line for them, with the first to look at.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from graphcore.errors import DatasetError
from graphcore.sources.annotations.documents import show
from graphcore.sources.annotations.model import Fault, is_text
from graphcore.sources.item import Segment

DECIMALS = 6
"""Of seconds: beyond any tool's clock, and coarse enough that a time survives being written and read."""

_MEND = "Mend them and run again; no video was decoded."


class Gathering:
    """Collects one video's segments, and its faults by kind and label."""

    def __init__(self, video: str, subject: str = "", camera: str = "") -> None:
        """Begins a video.

        Args:
            video: its name, for the segments and for the faults.
            subject: whom it shows.
            camera: which camera took it.
        """
        self.segments: list[Segment] = []
        self._video, self._subject, self._camera = video, subject, camera
        self._found: dict[tuple[str, str], list[str]] = {}

    def add(self, label: Any, start_secs: float | None, end_secs: float | None, where: str) -> None:
        """Takes a segment, or notes why it is none.

        Args:
            label: what the file gives; text is expected.
            start_secs: None when the file does not say.
            end_secs: likewise.
            where: the row or element, for the fault.
        """
        if not isinstance(label, str) or not label.strip() or not is_text(label):
            self.note(f"a label that is no name: {show(label)}", where)
            return
        problem = _refuse_times(start_secs, end_secs, label)
        if problem or start_secs is None or end_secs is None:
            self.note(problem, f"{where}, {_span(start_secs, end_secs)}", label)
            return
        start_secs, end_secs = round(start_secs, DECIMALS), round(end_secs, DECIMALS)
        self.segments.append(Segment(self._video, start_secs, end_secs, label, self._subject, self._camera))

    def note(self, problem: str, where: str, label: str = "") -> None:
        """Notes a fault; those of one problem and label become one line."""
        self._found.setdefault((problem, label), []).append(where)

    def faults(self) -> tuple[Fault, ...]:
        """One for each kind and label, in the order they were met."""
        return tuple(
            Fault(f"{self._describe(label)}: {problem} ({count_places(places)})", label)
            for (problem, label), places in self._found.items()
        )

    def _describe(self, label: str) -> str:
        shown = label if len(label) <= 60 else label[:57] + "..."
        return f"video {self._video}, {shown!r}" if label else f"video {self._video}"


def count_places(places: Sequence[str]) -> str:
    """One place, or how many there are and the first."""
    return places[0] if len(places) == 1 else f"{len(places)} times, the first: {places[0]}"


def find_unknown_tiers(wanted: Sequence[str] | None, present: Iterable[str]) -> list[Fault]:
    """A fault for each name in `dataset.tiers` that the annotations do not have."""
    choices = tuple(sorted(set(present)))
    told = ", ".join(choices) or "none"
    return [
        Fault(f"dataset.tiers names {tier!r}, which is not there. Choices: {told}.", tier=tier, tiers=choices)
        for tier in wanted or ()
        if tier not in choices
    ]


def raise_faults(path: Path, faults: Sequence[Fault | str], next_step: str = _MEND) -> None:
    """Raises one error that names all faults, if there are any, and says what to do.

    Raises:
        DatasetError: there is a fault.
    """
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise DatasetError(
            f"dataset.annotations={path} has {count}:\n{_join(faults)}",
            next_step=next_step,
        )


def _join(faults: Iterable[Fault | str]) -> str:
    return "\n".join(f"  {fault.text if isinstance(fault, Fault) else fault}" for fault in faults)


def _refuse_times(start_secs: float | None, end_secs: float | None, label: str) -> str:
    if start_secs is None or end_secs is None or not math.isfinite(start_secs + end_secs):
        return "times are missing"
    if start_secs < 0:
        return "starts before the video begins"
    if end_secs < start_secs:
        return "ends before it starts"
    if round(end_secs, DECIMALS) == round(start_secs, DECIMALS):
        return f"a point event, which fills no time; leave it out with 'dataset.labels={{{label}: null}}'"
    return ""


def _span(start_secs: float | None, end_secs: float | None) -> str:
    start, end = ("?" if secs is None else f"{secs:g}" for secs in (start_secs, end_secs))
    return f"at {start} s" if start == end != "?" else f"{start}-{end} s"
