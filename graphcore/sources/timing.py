"""Annotations on the clocks of their recordings: chapters placed one after the other, and everything checked
against how long the files really are. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphcore.sources.annotations.clock import suspect_minutes
from graphcore.sources.annotations.timeline import BEYOND_TOLERANCE_SECS, resolve_overlaps
from graphcore.sources.frames.probe import END_TOLERANCE_SECS, VideoInfo
from graphcore.sources.item import Rejected, Segment
from graphcore.sources.matching import Mark
from graphcore.sources.recordings import Recording, chapter_offsets

_RATE_TOLERANCE = 0.01
"""Relative. 29.97 and 30 are the same rate to those who write it down; 25 and 30 are not."""

_SHORT = 0.05
"""How much of a file annotations that count its frames may leave out at its end."""


@dataclass(frozen=True)
class Marked:
    """A recording ready to be sampled.

    Attributes:
        recording: its files.
        offsets_secs: where each file begins on the recording's clock.
        durations_secs: how long each file is; 0 where nobody knows.
        declared_secs: how long the annotations say the recording is.
        segments: on the recording's clock, in order, without overlaps.
        subject: whom it shows.
        split: the split that the annotations give.
    """

    recording: Recording
    offsets_secs: tuple[float, ...]
    durations_secs: tuple[float, ...]
    declared_secs: float | None
    segments: tuple[Segment, ...]
    subject: str = ""
    split: str = ""

    @property
    def end_secs(self) -> float | None:
        """Where the recording ends; None where nobody knows."""
        return sum(self.durations_secs) if all(self.durations_secs) else None


def mark_recordings(
    recordings: Sequence[Recording],
    marks: Mapping[str, Sequence[Mark]],
    infos: Mapping[str, VideoInfo | str],
    overlap: str,
    check_rates: bool = True,
) -> tuple[list[Marked], list[Rejected], list[str]]:
    """Places all annotations.

    Args:
        recordings: the annotated ones.
        marks: their annotations by the recording's name.
        infos: what each file's header says, by file name; a text says why it cannot be used.
        overlap: see `resolve_overlaps`.
        check_rates: whether frame rates that the annotations declare must be the files'.

    Returns:
        The recordings that can be sampled, files that cannot, and faults, each a line for a person.
    """
    marked, rejected, faults = [], [], []
    for recording in recordings:
        unusable = _find_unusable(recording, marks[recording.name], infos)
        rejected += unusable
        if unusable:
            # What is wrong with the annotations is wrong whether the video can be read or not. Where its files begin
            # is not known, so what stands on the clock of one is not held against what stands on another's.
            faults += [
                fault
                for clock in _divide_by_clock(marks[recording.name])
                for fault in _mark(recording, clock, {}, overlap)[1]
            ]
            continue
        one, found = _mark(recording, marks[recording.name], infos, overlap)
        marked.append(one)
        faults += found
        if check_rates:
            faults += _find_rate_faults(recording, marks[recording.name], infos)
    return marked, rejected, faults


def _divide_by_clock(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks on the recording's clock, and on those of its files."""
    clocks: dict[int | None, list[Mark]] = {}
    for mark in marks:
        clocks.setdefault(mark.file_index, []).append(mark)
    return list(clocks.values())


def _find_unusable(recording: Recording, marks: Sequence[Mark], infos: Mapping[str, VideoInfo | str]) -> list[Rejected]:
    """Why a recording's files are left out: one bad chapter leaves the times of all later ones unknown."""
    own: dict[str, str] = {}
    for index, file in enumerate(recording.files):
        info = infos[file.name]
        if isinstance(info, str):
            own[file.name] = info
        elif info.duration_secs is None and index + 1 < len(recording.files):
            own[file.name] = "its length is unknown, and with it the times of later chapters"
        elif (problem := _explain_cut(info, marks)) and not recording.is_chaptered:
            own[file.name] = problem
    if not own:
        return []
    bad = next(iter(own))
    return [
        Rejected(file.name, own.get(file.name, f"chapter {bad} of the same recording cannot be used"))
        for file in recording.files
    ]


def _explain_cut(info: VideoInfo, marks: Sequence[Mark]) -> str:
    for mark in marks:
        own, declared = info.duration_secs, mark.entry.duration_secs
        if info.is_measured and own is not None and declared is not None and own < declared - END_TOLERANCE_SECS:
            return f"truncated: it lasts {own:.3f} s of {declared:.3f} s"
    return ""


def _mark(
    recording: Recording, marks: Sequence[Mark], infos: Mapping[str, VideoInfo | str], overlap: str
) -> tuple[Marked, list[str]]:
    found = [infos.get(file.name) for file in recording.files]
    durations = tuple((info.duration_secs or 0.0) if isinstance(info, VideoInfo) else 0.0 for info in found)
    offsets = tuple(chapter_offsets(durations))
    faults: list[str] = []
    segments: list[Segment] = []
    for mark in marks:
        known = isinstance(found[mark.file_index or 0], VideoInfo)
        if known:
            faults += _find_beyond(recording, mark, durations)
        segments += _place(mark, recording.name, offsets)
    resolved, contradictions = resolve_overlaps(segments, overlap)
    subjects = _collect("subject", [recording.subject, *(mark.entry.subject for mark in marks)], recording, faults)
    split = _collect("split", [mark.entry.split for mark in marks], recording, faults)
    declared = [mark.entry.duration_secs for mark in marks if mark.entry.duration_secs is not None]
    one = Marked(recording, offsets, durations, max(declared, default=None), tuple(resolved), subjects, split)
    return one, [*faults, *contradictions]


def _place(mark: Mark, video: str, offsets: Sequence[float]) -> list[Segment]:
    """A mark's segments on the recording's clock. What tools round up at a chapter's end stays out of the next."""
    index = mark.file_index
    offset = 0.0 if index is None else offsets[index]
    limit = offsets[index + 1] if index is not None and index + 1 < len(offsets) else math.inf
    if limit <= offset:  # nobody knows how long the file is
        limit = math.inf
    placed = [_shift(segment, video, offset, limit) for segment in mark.entry.segments]
    return [segment for segment in placed if segment.start_secs < segment.end_secs]


def _shift(segment: Segment, video: str, offset_secs: float, limit_secs: float) -> Segment:
    start, end = round(segment.start_secs + offset_secs, 6), round(segment.end_secs + offset_secs, 6)
    return replace(segment, video=video, start_secs=start, end_secs=min(end, limit_secs))


def _find_beyond(recording: Recording, mark: Mark, durations: Sequence[float]) -> list[str]:
    """Segments that end after their file or recording does."""
    index = mark.file_index
    own = durations[index] if index is not None else sum(durations) if all(durations) else 0.0
    declared = mark.entry.duration_secs
    known = [secs for secs in (own or None, declared) if secs is not None]
    what = "recording" if index is None and recording.is_chaptered else "file"
    faults = []
    for segment in mark.entry.segments:
        if known and segment.end_secs > min(known) + BEYOND_TOLERANCE_SECS:
            says = [f"the {what} lasts {own:.3f} s"] if own else []
            says += [f"annotated as {declared:g} s"] if declared is not None else []
            span = f"{segment.start_secs:g}-{segment.end_secs:g} s"
            name = recording.name if index is None else recording.files[index].name
            faults.append(f"video {name}, {segment.label!r} {span}: ends beyond the video ({', '.join(says)})")
    hint = suspect_minutes(time for segment in mark.entry.segments for time in (segment.start_secs, segment.end_secs))
    return [*faults[:-1], f"{faults[-1]}; {hint}"] if faults and hint else faults


def _find_rate_faults(recording: Recording, marks: Sequence[Mark], infos: Mapping[str, VideoInfo | str]) -> list[str]:
    faults = []
    for fps in sorted({mark.entry.fps for mark in marks if mark.entry.fps}):
        for file in recording.files:
            info = infos[file.name]
            own = 1 / info.frame_secs if isinstance(info, VideoInfo) and info.frame_secs else fps
            if abs(own - fps) > _RATE_TOLERANCE * own:
                faults.append(
                    f"video {file.name}: the annotations count {fps:g} frames a second, the file has {own:g}; "
                    f"dataset.annotation_fps={own:g} would count by the file"
                )
    return faults or _find_short(recording, marks, infos)


def _find_short(recording: Recording, marks: Sequence[Mark], infos: Mapping[str, VideoInfo | str]) -> list[str]:
    """Annotations that count frames and end long before their file: counted at half its rate, all are wrong."""
    faults = []
    for mark in marks:
        index = mark.file_index or 0
        info, declared, fps = infos[recording.files[index].name], mark.entry.duration_secs, mark.entry.fps
        own = info.duration_secs if isinstance(info, VideoInfo) else None
        is_alone = mark.file_index is not None or not recording.is_chaptered
        if not (is_alone and own and declared and fps):
            continue
        if own - declared > max(END_TOLERANCE_SECS, _SHORT * own):
            faults.append(
                f"video {recording.files[index].name}: annotated as {declared:g} s at {fps:g} frames a second, the "
                f"file lasts {own:.3f} s; dataset.annotation_fps={fps * declared / own:.6g} would fill it, "
                f"dataset.annotation_fps={fps:g} takes it as it is"
            )
    return faults


def _collect(what: str, values: Sequence[str], recording: Recording, faults: list[str]) -> str:
    """The one value that all agree on."""
    distinct = sorted({value for value in values if value})
    if len(distinct) > 1:
        faults.append(f"video {recording.name}: which {what} is it, {' or '.join(distinct)}?")
    return distinct[0] if distinct else ""
