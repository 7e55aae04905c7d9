"""Writes Label Studio's JSON; see `label_studio`, which reads it.

What a model found is written as predictions, which Label Studio shows for a person to accept or correct, and not as
annotations, which it takes for finished.
Source: https://labelstud.io/guide/predictions
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.outputs import check_labels
from graphcore.sources.item import Segment

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
            _make_region(f"{number}_{place}", segment, fps, options) for place, segment in enumerate(video.segments, 1)
        ]
        data = {"video": options.media_of(name), "fps": fps, "subject": video.subject, "camera": video.camera}
        known = {"id": number, "data": {k: v for k, v in data.items() if v != ""}}
        tasks.append(known | _wrap_regions(number, regions, options.model))
    atomic.write_json(path, tasks)
    return [path]


def _wrap_regions(number: int, regions: Sequence[dict[str, Any]], model: str) -> dict[str, Any]:
    if not model:
        return {"annotations": [{"id": number, "was_cancelled": False, "result": regions}]}
    prediction: dict[str, Any] = {"model_version": model, "result": regions}
    scores = [region["score"] for region in regions if "score" in region]
    if scores:  # by which the tasks can be put in order, those that a person should see first
        prediction["score"] = round(sum(scores) / len(scores), 6)
    return {"predictions": [prediction]}


def _find_frames(start_secs: float, end_secs: float, fps: float) -> tuple[int, int]:
    """First and last frame shown within start_secs <= time < end_secs, from 0; the next one where none is."""
    slack = _SLACK_SECS * fps
    first = math.ceil(start_secs * fps - slack)
    return first, max(first, math.ceil(end_secs * fps - slack) - 1)


def _make_region(region_id: str, segment: Segment, fps: float, options: WriteOptions) -> dict[str, Any]:
    first, last = _find_frames(segment.start_secs, segment.end_secs, fps)
    score = options.score_of(segment) if options.model else None
    return {
        "id": region_id,
        "type": "timelinelabels",
        "from_name": "timelineLabels",
        "to_name": "video",
        "origin": "prediction" if options.model else "manual",
        "value": {"ranges": [{"start": first + 1, "end": last + 1}], "timelinelabels": [segment.label]},
        **({} if score is None else {"score": round(score, 6)}),
    }
