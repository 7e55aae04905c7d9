"""One video's time, label by label: which labels count, which of two holds, and what holds at a moment.

Between the readers, which give what people marked, and the frames, which have one label each.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault
from graphcore.sources.annotations.overlaps import describe, resolve_overlaps
from graphcore.sources.item import Segment

__all__ = ["choose_labels", "find_segments_beyond", "label_at", "name_labels", "near_change", "resolve_overlaps"]

BEYOND_TOLERANCE_SECS = 0.5
"""Durations are written down in whole seconds, and containers round to their last frame."""


def choose_labels(annotations: Annotations, labels: Sequence[str] | Mapping[str, str | None] | None) -> Annotations:
    """Leaves out and renames labels; pure. Faults of a label that is left out go with it.

    Args:
        annotations: as read.
        labels: `dataset.labels`: those to keep, or new names by old ones with None for those to leave out, where
            others stay as they are; None keeps all.

    Returns:
        The annotations that are left; a label that occurs nowhere, or that nothing is left, is a fault.
    """
    if labels is None:
        return annotations
    renamed = labels if isinstance(labels, Mapping) else {label: label for label in labels}
    present = sorted(_name_present(annotations))
    kept = {label: renamed.get(label, label if isinstance(labels, Mapping) else None) for label in present}
    faults = [fault for fault in annotations.faults if not fault.label or kept[fault.label] is not None]
    for label in renamed:
        if label not in kept:
            choices = ", ".join(present) or "none"
            faults.append(Fault(f"dataset.labels names {label!r}, which is nowhere annotated. Choices: {choices}."))
    videos = tuple(replace(video, segments=tuple(_rename(video.segments, kept))) for video in annotations.videos)
    if not faults and not any(video.segments for video in videos):
        faults.append(Fault(f"dataset.labels leaves none of the labels: {', '.join(present)}"))
    return replace(annotations, videos=videos, faults=tuple(faults))


def name_labels(videos: Iterable[AnnotatedVideo]) -> tuple[tuple[str, ...], str]:
    """The classes that segments have, and the one of times outside every segment.

    One label makes (label,) and "not-<label>"; several make themselves and "background".
    """
    labels = tuple(sorted({segment.label for video in videos for segment in video.segments}))
    return labels, f"not-{labels[0]}" if len(labels) == 1 else "background"


def label_at(segments: Sequence[Segment], time_secs: float, outside: str) -> str:
    """The label at a moment; `outside` when no segment holds it. A segment's end is outside of it.

    Args:
        segments: in order of time and without overlaps, as `resolve_overlaps` gives them.
        time_secs: the moment.
        outside: label of times outside every segment.
    """
    before = bisect_right(segments, time_secs, key=_get_start)
    return segments[before - 1].label if before and time_secs < segments[before - 1].end_secs else outside


def near_change(
    segments: Sequence[Segment], time_secs: float, margin_secs: float, duration_secs: float = math.inf
) -> bool:
    """Whether the label changes less than `margin_secs` before or after a moment.

    Where segments of one label touch nothing changes, nor where the video begins and ends.

    Args:
        segments: in order of time and without overlaps, as `resolve_overlaps` gives them.
        time_secs: the moment.
        margin_secs: how close is too close; 0 is never.
        duration_secs: of the video, where it is known.
    """
    # Ends are in order too, so those that matter lie side by side.
    first = bisect_right(segments, time_secs - margin_secs, key=_get_end)
    for number in range(first, len(segments)):
        segment = segments[number]
        if segment.start_secs >= time_secs + margin_secs:
            break
        changes = [segment.start_secs] if segment.start_secs > 0 and not _follows(segments, number) else []
        if segment.end_secs < duration_secs and not _follows(segments, number + 1):
            changes.append(segment.end_secs)
        if any(abs(time_secs - change) < margin_secs for change in changes):
            return True
    return False


def find_segments_beyond(videos: Iterable[AnnotatedVideo], durations: Mapping[str, float]) -> list[str]:
    """Segments that end after their video does; pure.

    Args:
        videos: the annotations.
        durations: the files' own durations in seconds, by video, where they are known.
    """
    faults = []
    for video in videos:
        own, declared = durations.get(video.video), video.duration_secs
        known = [secs for secs in (own, declared) if secs is not None]
        for segment in video.segments:
            if known and segment.end_secs > min(known) + BEYOND_TOLERANCE_SECS:
                says = [f"the file lasts {own:.3f} s"] if own is not None else []
                says += [f"annotated as {declared:g} s"] if declared is not None else []
                faults.append(f"{describe(segment)}: ends beyond the video ({', '.join(says)})")
    return faults


def _name_present(annotations: Annotations) -> set[str]:
    marked = {segment.label for video in annotations.videos for segment in video.segments}
    return marked | {fault.label for fault in annotations.faults if fault.label}


def _rename(segments: Iterable[Segment], names: Mapping[str, str | None]) -> Iterator[Segment]:
    for segment in segments:
        name = names[segment.label]
        if name is not None:
            yield replace(segment, label=name)


def _follows(segments: Sequence[Segment], number: int) -> bool:
    """Whether a segment goes on where the one before it ends, under the same label."""
    if not 0 < number < len(segments):
        return False
    before, here = segments[number - 1], segments[number]
    return before.end_secs == here.start_secs and before.label == here.label


def _get_start(segment: Segment) -> float:
    return segment.start_secs


def _get_end(segment: Segment) -> float:
    return segment.end_secs
