"""Collects what one file says of all its videos, and cleans the names that tools store.

Between a format's own parsing and the `Annotations` that leave the reader: a table's rows and a project's regions
come in any order, and those of one video, subject and camera belong together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphcore.sources.annotations.documents import name_video
from graphcore.sources.annotations.gathering import Gathering, find_unknown_tiers
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault, is_text
from graphcore.sources.annotations.rates import find_start, find_unknown_rates


@dataclass(frozen=True)
class Heading:
    """What stands over a group of segments, see `AnnotatedVideo`."""

    video: str = ""
    recording: str = ""
    subject: str = ""
    camera: str = ""
    split: str = ""

    def describe(self) -> str:
        """As faults name it."""
        kinds = ("video",) if self.video else ("recording", "subject", "camera")
        named = [f"{kind} {getattr(self, kind)}" for kind in kinds if getattr(self, kind)]
        return ", ".join(named) or "a video without a name"


@dataclass
class _Group:
    """Mutable while a file is read."""

    gathering: Gathering
    duration_secs: float | None = None
    fps: float | None = None


@dataclass
class Collector:
    """What was read of one file so far. Takes its own values, and turns bad ones into faults."""

    format: str
    _groups: dict[Heading, _Group] = field(default_factory=dict)
    _faults: list[Fault] = field(default_factory=list)
    _without_rate: list[str] = field(default_factory=list)

    def note(self, text: str, label: str = "") -> None:
        """Notes a fault of the file rather than of one of its videos."""
        self._faults.append(Fault(text, label))

    def declare(self, heading: Heading, duration_secs: float | None = None, fps: float | None = None) -> None:
        """Makes a video known, with segments or without; of several durations or rates the first holds."""
        group = self._group(heading)
        if group.duration_secs is None and duration_secs:
            group.duration_secs = duration_secs
        if group.fps is None and fps:
            group.fps = fps

    def add(self, heading: Heading, label: Any, start_secs: float | None, end_secs: float | None, where: str) -> None:
        """Takes a segment; see `Gathering.add`. Of no duration it is a point event."""
        text = to_text(label)
        self._group(heading).gathering.add(label if text is None else text, start_secs, end_secs, where)

    def add_frames(self, heading: Heading, label: Any, frames: tuple[int, int], fps: float | None, where: str) -> None:
        """Takes a segment of whole frames.

        Args:
            heading: whose it is.
            label: what the file gives.
            frames: numbers of its first and last frame, both inside, from 0.
            fps: frames a second; None adds the video to the one fault that asks for them.
            where: for the fault.
        """
        first, last = frames
        if fps is None:
            if heading.describe() not in self._without_rate:
                self._without_rate.append(heading.describe())
        elif last < first:
            self.note_video(heading, "ends before it starts", f"{where}, frames {first}-{last}", label)
        else:
            self.add(heading, label, find_start(first, fps), find_start(last + 1, fps), where)

    def note_video(self, heading: Heading, problem: str, where: str, label: Any = "") -> None:
        """Notes a fault of one video; those of one problem and label become one line."""
        self._group(heading).gathering.note(problem, where, to_text(label) or "")

    def check_tiers(self, wanted: Sequence[str] | None, present: Iterable[str]) -> None:
        """Notes the names in `dataset.tiers` that the file does not have."""
        self._faults += find_unknown_tiers(wanted, present)

    def finish(self) -> Annotations:
        """All that was collected, in the order it came."""
        faults = [*self._faults, *(_rename(fault) for fault in find_unknown_rates(self._without_rate))]
        videos = []
        for heading, group in self._groups.items():
            faults += [_rename(fault) for fault in group.gathering.faults()]
            segments = tuple(replace(segment, video=heading.video) for segment in group.gathering.segments)
            videos.append(
                AnnotatedVideo(
                    heading.video,
                    segments,
                    group.duration_secs,
                    heading.recording,
                    heading.subject,
                    heading.camera,
                    heading.split,
                    group.fps,
                )
            )
        return Annotations(self.format, tuple(videos), tuple(faults))

    def _group(self, heading: Heading) -> _Group:
        if heading not in self._groups:
            gathering = Gathering(heading.describe(), heading.subject, heading.camera)
            self._groups[heading] = _Group(gathering)
        return self._groups[heading]


def _rename(fault: Fault) -> Fault:
    # A gathering calls everything a video; a heading may be a recording, or only a subject.
    return replace(fault, text=re.sub(r"^video (?=video |recording |subject |camera |a video )", "", fault.text))


def to_text(value: Any) -> str | None:
    """A name as a cell or JSON gives it, without outer blanks; "" for nothing, None where it cannot be one.

    Whole floats, which is how spreadsheets keep every number, lose their point: 7.0 is "7".
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    try:
        text = str(value).strip()
    except ValueError:  # a whole number of more than 4300 digits
        return None
    return text if is_text(text) and not set(text) & set("\0\n\r") else None


def to_name(value: Any) -> str | None:
    """Like `to_text`, for what is matched with files: None also for what could lead out of their folder."""
    text = to_text(value)
    return None if text in (".", "..") or set(text or "") & set("/\\") else text


def to_file_name(value: Any) -> str | None:
    """A file's name, out of the path or URL that a tool stored; "" for nothing, None where it cannot be one."""
    text = to_text(value)
    if not text:
        return text
    return name_video(text) or None
