"""Our own JSON of annotated segments.

    [{"annotations": [{"endSeconds": 2115.215, "label": "suturing", "startSeconds": 2051.0}],
      "durationSeconds": 2975, "videoId": 5}]

Segments may stand in any order and overlap. A video may also have `subject`, `camera`, `recording` and `split`;
with one of the first three it may do without `videoId`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.sources.annotations.documents import UnreadableError, read_json, show
from graphcore.sources.annotations.model import (
    AnnotatedVideo,
    Annotations,
    Fault,
    Head,
    ReadOptions,
    WriteOptions,
    is_text,
    to_number,
)
from graphcore.sources.item import Segment

_NAMES = ("subject", "camera", "recording")
_SPLITS = ("train", "validation", "test")
_VIDEO_KEYS = ("annotations", "durationSeconds", "videoId", *_NAMES, "split")
_SEGMENT_KEYS = ("endSeconds", "label", "startSeconds")
_NEXT_STEP = "See README: [{videoId, durationSeconds, annotations: [{label, startSeconds, endSeconds}]}]"


def recognise(head: Head) -> bool:
    """A JSON list whose beginning has our spelling of a key."""
    return head.text.lstrip().startswith("[") and any(
        f'"{key}"' in head.text for key in ("videoId", "startSeconds", "endSeconds")
    )


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads one file.

    Raises:
        UnreadableError: the file is missing or is no JSON list.
    """
    values = read_json(path, _NEXT_STEP)
    if not isinstance(values, list) or not values:
        raise UnreadableError(path, "is not a list of videos", _NEXT_STEP)
    videos: list[AnnotatedVideo] = []
    faults: list[Fault] = []
    for number, value in enumerate(values, start=1):
        video, found = _parse_video(value, number)
        videos += [video] if video is not None else []
        faults += found
    return Annotations("graphcore", tuple(videos), tuple(faults))


def write(path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes one file that holds everything but the frame rate, which seconds do without."""
    atomic.write_json(path, [_dump_video(video) for video in videos])
    return [path]


def _parse_video(value: Any, number: int) -> tuple[AnnotatedVideo | None, list[Fault]]:
    where = f"entry {number}"
    if not isinstance(value, dict):
        return None, [Fault(f"{where}: {show(value)} is not an object")]
    where = f"video {show(value['videoId'])}" if "videoId" in value else where
    faults = [Fault(f"{where}: {problem}") for problem in _check_video(value)]
    video_id = _parse_id(value["videoId"]) if "videoId" in value else ""
    rows = value.get("annotations")
    if video_id is None or not isinstance(rows, list):
        return None, faults
    subject, camera, recording, split = (_parse_name(value.get(key, "")) or "" for key in (*_NAMES, "split"))
    segments = []
    for position, row in enumerate(rows, start=1):
        found = _check_segment(row, f"{where}, segment {position}")
        faults += found
        if not found:
            start, end = float(row["startSeconds"]), float(row["endSeconds"])
            segments.append(Segment(video_id, start, end, row["label"], subject, camera))
    duration = _parse_secs(value.get("durationSeconds"))
    return AnnotatedVideo(video_id, tuple(segments), duration, recording, subject, camera, split), faults


def _check_video(value: Mapping[str, Any]) -> list[str]:
    """What is wrong with a video but for its segments."""
    problems = _check_keys(value, _VIDEO_KEYS, ["annotations"])
    if "videoId" not in value and not any(value.get(key) for key in _NAMES):
        problems.append("videoId is missing")
    if "videoId" in value and _parse_id(value["videoId"]) is None:
        problems.append("videoId must be a whole number or a file's name without its ending")
    duration = value.get("durationSeconds")
    if duration is not None and (_parse_secs(duration) or 0) <= 0:
        problems.append(f"durationSeconds={show(duration)} is not a positive number")
    problems += [f"{key}={show(value[key])} is not a name" for key in _NAMES if _parse_name(value.get(key, "")) is None]
    if value.get("split", "") not in ("", *_SPLITS):
        problems.append(f"split={show(value['split'])} is none of {', '.join(_SPLITS)}")
    if not isinstance(value.get("annotations", []), list):
        problems.append("annotations is not a list")
    return problems


def _check_segment(row: Any, where: str) -> list[Fault]:
    if not isinstance(row, dict):
        return [Fault(f"{where}: {show(row)} is not an object")]
    texts = [f"{where}: {problem}" for problem in _check_keys(row, _SEGMENT_KEYS, _SEGMENT_KEYS)]
    label, start, end = row.get("label"), _parse_secs(row.get("startSeconds")), _parse_secs(row.get("endSeconds"))
    for key, secs in {"startSeconds": start, "endSeconds": end}.items():
        if key in row and secs is None:
            texts.append(f"{where}: {key}={show(row[key])} is not a number of seconds")
    is_name = isinstance(label, str) and bool(label.strip()) and is_text(label)
    if "label" in row and not is_name:
        texts.append(f"{where}: label={show(label)} is not a name")
    if start is not None and start < 0:
        texts.append(f"{where}: startSeconds={start:g} is before the video begins")
    if start is not None and end is not None and end <= start:
        texts.append(f"{where} ({show(label)}): endSeconds={end:g} is not after startSeconds={start:g}")
    return [Fault(text, str(label) if is_name else "") for text in texts]


def _check_keys(value: Mapping[str, Any], known: Sequence[str], needed: Sequence[str]) -> list[str]:
    missing = [f"{key} is missing" for key in needed if key not in value]
    choices = ", ".join(known)
    return missing + [f"unknown key {show(key)}; known are {choices}" for key in value if key not in known]


def _parse_id(value: Any) -> str | None:
    """A video's id as text; None where it cannot be the name of a file beside the others."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value)
    bad = not text.strip() or text.startswith(".") or set(text) & set("/\\\0\n\r") or not is_text(text)
    return None if bad else text


def _parse_secs(value: Any) -> float | None:
    return None if isinstance(value, str) else to_number(value)


def _parse_name(value: Any) -> str | None:
    good = isinstance(value, (str, int)) and not isinstance(value, bool) and is_text(str(value))
    return str(value) if good else None


def _dump_video(video: AnnotatedVideo) -> dict[str, Any]:
    rows = [{"endSeconds": s.end_secs, "label": s.label, "startSeconds": s.start_secs} for s in video.segments]
    value: dict[str, Any] = {"annotations": rows}
    if video.duration_secs is not None:
        value["durationSeconds"] = video.duration_secs
    if video.video:
        # As a number where it reads as one, which is how these files come.
        is_number = re.fullmatch("0|[1-9][0-9]{0,17}", video.video)
        value["videoId"] = int(video.video) if is_number else video.video
    named = {**{key: getattr(video, key) for key in _NAMES}, "split": video.split}
    return value | {key: name for key, name in named.items() if name}
