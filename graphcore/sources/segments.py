"""The JSON of annotated segments, and every fault in it at once.

    [{"annotations": [{"endSeconds": 2115.215, "label": "suturing", "startSeconds": 2051.0}],
      "durationSeconds": 2975, "videoId": 5}]

Segments may stand in any order, and those of one label may overlap. `subject` and `camera` may be added to a
video.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.errors import DatasetError
from graphcore.sources.item import Segment

BEYOND_TOLERANCE_SECS = 0.5
"""Durations are written down in whole seconds, and containers round to their last frame."""

_VIDEO_KEYS = {
    "annotations": True,
    "durationSeconds": False,
    "videoId": True,
    "subject": False,
    "camera": False,
}
_SEGMENT_KEYS = {"endSeconds": True, "label": True, "startSeconds": True}
"""Known keys, and whether each must be there."""


@dataclass(frozen=True)
class AnnotatedVideo:
    """What the annotations say of one video; `duration_secs` is None when they do not say it."""

    video_id: str
    duration_secs: float | None
    segments: tuple[Segment, ...]
    subject: str = ""


def read_annotations(path: Path) -> tuple[list[AnnotatedVideo], list[str]]:
    """Reads the annotations of a folder of videos.

    Returns:
        The videos in the file's order, and the faults found, each a line for a person.

    Raises:
        DatasetError: the file is missing or is no JSON list.
    """
    next_step = "See README: [{videoId, durationSeconds, annotations: [{label, startSeconds, endSeconds}]}]"
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DatasetError(
            f"dataset.annotations={path} cannot be read: {error.strerror}.", next_step=next_step
        ) from None
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"dataset.annotations={path} is not JSON: {error}.", next_step=next_step) from None
    if not isinstance(values, list) or not values:
        raise DatasetError(f"dataset.annotations={path} is not a list of videos.", next_step=next_step)
    return parse_annotations(values)


def parse_annotations(values: Sequence[Any]) -> tuple[list[AnnotatedVideo], list[str]]:
    """Makes videos of decoded JSON; pure. Returns them and the faults."""
    videos: list[AnnotatedVideo] = []
    faults: list[str] = []
    for position, value in enumerate(values):
        video, found = _parse_video(value, position)
        faults += found
        if video is not None:
            if any(other.video_id == video.video_id for other in videos):
                faults.append(f"video {video.video_id}: annotated more than once")
            videos.append(video)
    if not faults and not any(video.segments for video in videos):
        faults.append("not one segment in the whole file: there is nothing to learn")
    return videos, faults


def find_segments_beyond(videos: Iterable[AnnotatedVideo], durations: Mapping[str, float]) -> list[str]:
    """Segments that end after their video does; pure.

    Args:
        videos: the annotations.
        durations: the files' own durations in seconds, by video id, where they are known.
    """
    faults = []
    for video in videos:
        own, declared = durations.get(video.video_id), video.duration_secs
        known = [secs for secs in (own, declared) if secs is not None]
        for segment in video.segments:
            if known and segment.end_secs > min(known) + BEYOND_TOLERANCE_SECS:
                says = [f"the file lasts {own:.3f} s"] if own is not None else []
                says += [f"durationSeconds is {declared:g}"] if declared is not None else []
                faults.append(f"{_describe(segment)}: ends beyond the video ({', '.join(says)})")
    return faults


def name_labels(videos: Iterable[AnnotatedVideo]) -> tuple[tuple[str, ...], str]:
    """The classes that segments have, and the one of times outside every segment.

    One label makes (label,) and "not-<label>"; several make themselves and "background".
    """
    labels = tuple(sorted({segment.label for video in videos for segment in video.segments}))
    return labels, f"not-{labels[0]}" if len(labels) == 1 else "background"


def label_at(segments: Iterable[Segment], time_secs: float, outside: str) -> str:
    """The label at a moment; `outside` when no segment holds it. A segment's end is outside of it."""
    for segment in segments:
        if segment.start_secs <= time_secs < segment.end_secs:
            return segment.label
    return outside


def raise_faults(path: Path, faults: Sequence[str]) -> None:
    """Raises one error that names all faults, if there are any.

    Raises:
        DatasetError: there is a fault.
    """
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise DatasetError(
            f"dataset.annotations={path} has {count}:\n{lines}",
            next_step="Mend them and run again; no video was decoded.",
        )


def _parse_video(value: Any, position: int) -> tuple[AnnotatedVideo | None, list[str]]:
    where = f"entry {position + 1}"
    if not isinstance(value, dict):
        return None, [f"{where}: {_show(value)} is not an object"]
    where = f"video {_show(value['videoId'])}" if "videoId" in value else where
    faults = _check_keys(value, _VIDEO_KEYS, where)
    video_id = _parse_id(value.get("videoId"))
    if "videoId" in value and video_id is None:
        faults.append(f"{where}: videoId must be a whole number or a file's name without its ending")
    duration = value.get("durationSeconds")
    if duration is not None and (_number(duration) is None or duration <= 0):
        faults.append(f"{where}: durationSeconds={_show(duration)} is not a positive number")
        duration = None
    extra = {}
    for key in ("subject", "camera"):
        extra[key] = value.get(key, "")
        if not isinstance(extra[key], (str, int)) or isinstance(extra[key], bool):
            faults.append(f"{where}: {key}={_show(extra[key])} is not a name")
    rows = value.get("annotations", [])
    if not isinstance(rows, list):
        return None, [*faults, f"{where}: annotations is not a list"]
    segments = []
    for number, row in enumerate(rows, start=1):
        segment, found = _parse_segment(row, f"{where}, segment {number}", video_id or "", extra)
        faults += found
        segments += [segment] if segment is not None else []
    if video_id is None:
        return None, faults
    faults += _find_contradictions(segments)
    return AnnotatedVideo(video_id, duration, tuple(segments), str(extra["subject"])), faults


def _parse_segment(row: Any, where: str, video_id: str, extra: Mapping[str, Any]) -> tuple[Segment | None, list[str]]:
    if not isinstance(row, dict):
        return None, [f"{where}: {_show(row)} is not an object"]
    faults = _check_keys(row, _SEGMENT_KEYS, where)
    times = {}
    for key in ("startSeconds", "endSeconds"):
        times[key] = _number(row.get(key))
        if key in row and times[key] is None:
            faults.append(f"{where}: {key}={_show(row[key])} is not a number of seconds")
    label = row.get("label")
    if "label" in row and (not isinstance(label, str) or not label.strip() or _is_unwritable(label)):
        faults.append(f"{where}: label={_show(label)} is not a name")
    start, end = times["startSeconds"], times["endSeconds"]
    if start is not None and start < 0:
        faults.append(f"{where}: startSeconds={start:g} is before the video begins")
    if start is not None and end is not None and end <= start:
        faults.append(f"{where} ({_show(label)}): endSeconds={end:g} is not after startSeconds={start:g}")
    if faults or start is None or end is None:
        return None, faults
    return Segment(video_id, start, end, str(label), str(extra["subject"]), str(extra["camera"])), []


def _find_contradictions(segments: Sequence[Segment]) -> list[str]:
    """Pairs of neighbours with different labels at the same time."""
    faults = []
    ordered = sorted(segments, key=lambda one: (one.start_secs, one.end_secs, one.label))
    reaching: dict[str, Segment] = {}  # of each label, the segment so far that ends last
    for segment in ordered:
        for label, other in reaching.items():
            if label != segment.label and other.end_secs > segment.start_secs:
                faults.append(f"{_describe(other)} overlaps {segment.label!r} {_span(segment)}: which is it?")
        if segment.label not in reaching or reaching[segment.label].end_secs < segment.end_secs:
            reaching[segment.label] = segment
    return faults


def _check_keys(value: Mapping[str, Any], known: Mapping[str, bool], where: str) -> list[str]:
    missing = [f"{where}: {key} is missing" for key, needed in known.items() if needed and key not in value]
    choices = ", ".join(known)
    return missing + [f"{where}: unknown key {_show(key)}; known are {choices}" for key in value if key not in known]


def _parse_id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value)
    # The id becomes a file's name: nothing that could lead out of the folder of videos.
    bad = not text.strip() or text.startswith(".") or any(sign in text for sign in "/\\\0\n\r") or _is_unwritable(text)
    return None if bad else text


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _is_unwritable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        return True
    return False


def _show(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _describe(segment: Segment) -> str:
    return f"video {segment.video}, {segment.label!r} {_span(segment)}"


def _span(segment: Segment) -> str:
    return f"{segment.start_secs:g}-{segment.end_secs:g} s"
