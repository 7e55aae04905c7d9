"""ActivityNet's JSON, which THUMOS, HACS and others took over: times in seconds, and a subset that gives the split.

Ids stay as they are. The files of many of these collections are called "v_<id>.mp4"; which file an id stands for is
decided where files are matched, not here.
Source: the ground truth of the ActivityNet challenge, version 1.3 (http://activity-net.org).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.sources.annotations.documents import UnreadableError, name_video, read_json, show
from graphcore.sources.annotations.gathering import Gathering
from graphcore.sources.annotations.model import (
    AnnotatedVideo,
    Annotations,
    Fault,
    Head,
    ReadOptions,
    WriteOptions,
    to_number,
)
from graphcore.sources.annotations.outputs import check_names

_SPLITS = {
    "training": "train",
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "testing": "test",
    "test": "test",
    "": "",
}
_SUBSETS = {"train": "training", "validation": "validation", "test": "testing"}


def recognise(head: Head) -> bool:
    """A JSON object with a "database", or with the "taxonomy" that may stand before it."""
    return head.text.lstrip().startswith("{") and ('"database"' in head.text or '"taxonomy"' in head.text)


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads one file.

    Raises:
        UnreadableError: it is missing, or no JSON object with a database.
    """
    document = read_json(path)
    database = document.get("database") if isinstance(document, dict) else None
    if not isinstance(database, dict) or not database:
        raise UnreadableError(path, 'is not of ActivityNet: no {"database": {id: {annotations: [...]}}}')
    videos: list[AnnotatedVideo] = []
    faults: list[Fault] = []
    for key, entry in database.items():
        name = name_video(key)
        if not name or name != key or not isinstance(entry, dict):
            what = "is not an object" if name and name == key else "is not the name of a video"
            faults.append(Fault(f"database: {show(key)} {what}"))
            continue
        video, found = _parse_entry(name, entry)
        videos.append(video)
        faults += found
    return Annotations("activitynet", tuple(videos), tuple(faults))


def write(path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes one file; a video's id is its name in the annotations.

    Raises:
        DatasetError: a video without a name, or two of one name.
    """
    check_names(videos)
    database = {video.video: _dump_video(video) for video in videos}
    # The official evaluation refuses files without the other two.
    atomic.write_json(path, {"version": "VERSION 1.3", "taxonomy": [], "database": database})
    return [path]


def _parse_entry(name: str, entry: Mapping[str, Any]) -> tuple[AnnotatedVideo, tuple[Fault, ...]]:
    gathering = Gathering(name)
    duration = to_number(entry.get("duration"))
    if entry.get("duration") is not None and (duration is None or duration <= 0):
        gathering.note("the duration is no positive number of seconds", f"duration={show(entry['duration'])}")
        duration = None
    subset = entry.get("subset") or ""
    split = _SPLITS.get(subset.strip().lower()) if isinstance(subset, str) else None
    if split is None:
        gathering.note(f"subset={show(subset)} is none of {', '.join(_SUBSETS.values())}", "subset")
    rows = entry.get("annotations") or []
    if not isinstance(rows, list):
        gathering.note("annotations is not a list", show(rows))
        rows = []
    for number, row in enumerate(rows, start=1):
        _gather_row(row, f"annotation {number}", gathering)
    return AnnotatedVideo(name, tuple(gathering.segments), duration, split=split or ""), gathering.faults()


def _gather_row(row: Any, where: str, gathering: Gathering) -> None:
    if not isinstance(row, dict):
        gathering.note("an annotation that is not an object", f"{where}: {show(row)}")
        return
    span = row.get("segment")
    start, end = span if isinstance(span, list) and len(span) == 2 else (None, None)
    gathering.add(row.get("label"), to_number(start), to_number(end), f"{where}, segment={show(span)}")


def _dump_video(video: AnnotatedVideo) -> dict[str, Any]:
    rows = [{"segment": [one.start_secs, one.end_secs], "label": one.label} for one in video.segments]
    known = {} if video.duration_secs is None else {"duration": video.duration_secs}
    subset = {"subset": _SUBSETS[video.split]} if video.split else {}
    return {**known, **subset, "annotations": rows}
