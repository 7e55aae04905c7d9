"""Label Studio's JSON: regions on a video's timeline in frames, or on its sound in seconds.

    [{"data": {"video": "/data/upload/1/0a1b2c3d-v.mp4", "fps": 25}, "annotations": [{"result": [
        {"type": "timelinelabels", "value": {"ranges": [{"start": 3, "end": 5}], "timelinelabels": ["cutting"]}}]}]}]

Frames count from 1, and both ends are inside. They are those of the rate that the project's <Video frameRate> says,
which the file does not repeat; where that differs from the video's own, give dataset.annotation_fps. Of a task that
nobody annotated the prediction is read, as if it had been accepted; without one the task is left out. One whose
annotation is empty is a video in which nothing happens.
Source: https://labelstud.io/tags/timelinelabels, https://labelstud.io/guide/task_format
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from graphcore.console import warn
from graphcore.sources.annotations.collect import Collector, Heading, to_file_name, to_name, to_text
from graphcore.sources.annotations.documents import UnreadableError, read_json, show
from graphcore.sources.annotations.label_studio_writer import write
from graphcore.sources.annotations.model import Annotations, Head, ReadOptions, to_number
from graphcore.sources.annotations.rates import choose_rate

__all__ = ["read", "recognise", "write"]

_EXPECTED = "Expected is Label Studio's export as JSON: [{data: {video}, annotations: [{result: [...]}]}]."
_VIDEO_KEYS = ("video", "video_url", "videos", "video_path", "url", "file", "audio")
_RATE_KEYS = ("fps", "frameRate", "framerate", "frame_rate", "framesPerSecond")
_SERVED = re.compile(r"(?P<path>/data/[^?]*)(?:\?(?P<query>.*))?$", re.DOTALL)
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the name of a file that was uploaded. It also made underscores of its blanks."""


def recognise(head: Head) -> bool:
    """A JSON list that speaks of tasks, or of ranges on a timeline."""
    text = head.text
    has_results = '"annotations"' in text or '"predictions"' in text
    is_task = has_results and '"result"' in text and '"data"' in text
    return text.lstrip().startswith("[") and ("timelinelabels" in text or is_task)


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads one export, as JSON or as JSON-MIN.

    Raises:
        UnreadableError: it is no such JSON.
    """
    tasks = read_json(path, _EXPECTED)
    if not isinstance(tasks, list) or not tasks:
        raise UnreadableError(path, "is not a list of tasks", _EXPECTED)
    collector, annotators = Collector("label_studio"), dict[str, None]()
    for number, task in enumerate(tasks, start=1):
        if not isinstance(task, dict):
            collector.note(f"task {number}: {show(task)} is not an object")
            continue
        chosen = _choose_results(task, options.tiers, annotators)
        if chosen is not None:
            _read_task(collector, f"task {show(task.get('id', number))}", task, chosen, options)
    collector.check_tiers(options.tiers, annotators)
    guessed = sum(_is_guessed(task) for task in tasks)
    if 0 < guessed < len(tasks):
        warn(f"{path}: {guessed} of {len(tasks)} tasks have predictions alone, which nobody accepted; they are read.")
    return collector.finish()


@dataclass(frozen=True)
class _Task:
    """What counts the same for all regions of one task."""

    heading: Heading
    fps: float | None
    frame_base: int
    where: str


def _choose_results(
    task: Mapping[str, Any], tiers: Sequence[str] | None, annotators: dict[str, None]
) -> list[Any] | None:
    """Regions of the annotations that count, or None where there is no such annotation.

    Those of all annotators in `tiers`; without, those of the ground truth, else of the first annotator. A model is an
    annotator where no person is; a person who skipped the task is one.
    """
    if "annotations" not in task and "data" not in task:
        return _read_flat(task)
    kept = []
    for annotation in _list(task.get("annotations")) or _list(task.get("predictions")):
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        names = _name_annotator(annotation.get("completed_by", annotation.get("model_version")))
        annotators.update(dict.fromkeys(names))
        if tiers is None or set(names) & set(tiers):
            kept.append(annotation)
    kept.sort(key=lambda annotation: not annotation.get("ground_truth"))
    chosen = kept if tiers is not None else kept[:1]
    return [region for annotation in chosen for region in _list(annotation.get("result"))] if chosen else None


def _is_guessed(task: Any) -> bool:
    return bool(_list(_get(task, "predictions"))) and not _list(_get(task, "annotations"))


def _read_flat(task: Mapping[str, Any]) -> list[Any]:
    """JSON-MIN: each control's values lie beside the video."""
    values = [value for found in task.values() for value in _list(found) if isinstance(value, dict)]
    return [{"type": "timelinelabels" if "ranges" in value else "labels", "value": value} for value in values]


def _name_annotator(value: Any) -> list[str]:
    fields = [value.get("id"), value.get("email")] if isinstance(value, dict) else [value]
    return [text for text in map(to_text, fields) if text]


def _read_task(
    collector: Collector, where: str, task: Mapping[str, Any], regions: Sequence[Any], options: ReadOptions
) -> None:
    data = task["data"] if isinstance(task.get("data"), dict) else task
    video = _find_video(task, data)
    subject, camera = to_name(data.get("subject")), to_name(data.get("camera"))
    if not video or subject is None or camera is None:
        collector.note(f"{where}: no video, or a name that cannot be one, in {show(data)}")
        return
    values = [value for region in regions if isinstance(value := _get(region, "value"), dict)]
    duration = next((secs for value in values if (secs := to_number(value.get("duration")) or 0) > 0), None)
    declared = _find_rate(data, values, duration)
    heading = Heading(video, subject=subject, camera=camera)
    collector.declare(heading, duration, declared)
    base = 1 if options.frame_base is None else options.frame_base
    known = _Task(heading, choose_rate(options, video, declared), base, where)
    told = [_read_region(collector, known, region) for region in regions]
    if told and not any(told):
        kinds = sorted({str(_get(region, "type")) for region in regions})
        collector.note_video(heading, f"no region holds a stretch of time, only {', '.join(kinds)}", where)


def _read_region(collector: Collector, task: _Task, region: Any) -> bool:
    """Takes a region's segments; whether it is of a kind that has any."""
    value, kind = _get(region, "value"), _get(region, "type")
    if not isinstance(value, dict) or kind not in ("timelinelabels", "labels"):
        return False
    where = f"{task.where}, region {show(_get(region, 'id'))}"
    for label in _list(value.get(kind)) or [None]:
        if kind == "timelinelabels":
            for span in _list(value.get("ranges")):
                _take_range(collector, task, label, span, where)
        else:
            times = [to_number(value.get(key)) for key in ("start", "end")]
            collector.add(task.heading, label, times[0], times[1], where)
    return True


def _take_range(collector: Collector, task: _Task, label: Any, span: Any, where: str) -> None:
    numbers = [to_number(_get(span, key)) for key in ("start", "end")]
    frames = [int(number) - task.frame_base for number in numbers if number is not None and number.is_integer()]
    if len(frames) < 2 or min(frames) < 0:
        problem = f"its frames are not whole numbers from {task.frame_base} on"
        problem += "; where they count from 0, set dataset.frame_base=0" if -1 in frames else ""
        collector.note_video(task.heading, problem, f"{where}: {show(span)}", label)
    else:
        collector.add_frames(task.heading, label, (frames[0], frames[1]), task.fps, where)


def _find_rate(data: Mapping[str, Any], values: Sequence[Mapping[str, Any]], duration: float | None) -> float | None:
    """Frames a second: among the task's data, or by the count that regions of boxes note."""
    for key in _RATE_KEYS:
        rate = to_number(data.get(key))
        if rate is not None and rate > 0:
            return rate
    counts = [count for value in values if (count := to_number(value.get("framesCount"))) is not None and count > 0]
    # The length is that of the container, a little more or less than that of the frames.
    return round(counts[0] / duration, 3) if counts and duration else None


def _find_video(task: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The file's name as it was before it was uploaded; "" when there is none."""
    for stored in _list_videos(task, data):
        name = to_file_name(_find_path(stored))
        if name:
            return _UPLOADED.sub("", name) if "/upload/" in stored or stored == task.get("file_upload") else name
    return ""


def _find_path(stored: str) -> str:
    """Out of the addresses that Label Studio serves files at; others as they are."""
    address = _SERVED.match(stored)
    if not address:
        return stored
    # A local file is /data/local-files/?d=folder/video.mp4.
    return parse_qs(address["query"] or "").get("d", [unquote(address["path"])])[0]


def _list_videos(task: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    for value in (*(data.get(key) for key in _VIDEO_KEYS), task.get("file_upload"), *data.values()):
        if isinstance(value, str) and value.strip():
            yield value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
