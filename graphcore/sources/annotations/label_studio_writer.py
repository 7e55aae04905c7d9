"""Writes Label Studio's JSON; see `label_studio`, which reads it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.outputs import check_labels

_SLACK_SECS = 1.5e-6
"""A frame that much before a segment is in it: readers round where frames begin, by a microsecond downwards."""


def write(path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes one export, with the frame rate among each task's data; a segment takes the frames shown in it.

    Raises:
        DatasetError: a label would not come back as it is.
        OSError: the file cannot be written.
    """
    check_labels(videos, "label_studio")
    tasks = []
    for number, video in enumerate(videos, start=1):
        name = video.video or video.recording
        fps = options.fps_of(name)
        regions = [
            _make_region(f"{number}_{place}", _find_frames(segment.start_secs, segment.end_secs, fps), segment.label)
            for place, segment in enumerate(video.segments, start=1)
        ]
        data = {"video": options.media_of(name), "fps": fps, "subject": video.subject, "camera": video.camera}
        annotation = {"id": number, "was_cancelled": False, "result": regions}
        tasks.append({"id": number, "data": {k: v for k, v in data.items() if v != ""}, "annotations": [annotation]})
    atomic.write_json(path, tasks)
    return [path]


def _find_frames(start_secs: float, end_secs: float, fps: float) -> tuple[int, int]:
    """First and last frame shown within start_secs <= time < end_secs, from 0; the next one where none is."""
    slack = _SLACK_SECS * fps
    first = math.ceil(start_secs * fps - slack)
    return first, max(first, math.ceil(end_secs * fps - slack) - 1)


def _make_region(region_id: str, frames: tuple[int, int], label: str) -> dict[str, Any]:
    first, last = frames
    return {
        "id": region_id,
        "type": "timelinelabels",
        "from_name": "timelineLabels",
        "to_name": "video",
        "origin": "manual",
        "value": {"ranges": [{"start": first + 1, "end": last + 1}], "timelinelabels": [label]},
    }
