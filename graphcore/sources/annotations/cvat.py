"""CVAT's XML, "for video 1.1" and "for images 1.1": what a track shows while it is inside, or frames with a tag.

Frames are numbered as in the whole video, from 0, also where a task takes every Nth of them or starts later. A
track is seen from a shape with outside="0" up to the one with outside="1"; the shapes between need not be written.
Source: https://docs.cvat.ai/docs/manual/advanced/xml_format/
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphcore.sources.annotations.collect import Collector, Heading, to_file_name
from graphcore.sources.annotations.documents import UnreadableError, read_xml, show
from graphcore.sources.annotations.model import Annotations, Head, ReadOptions
from graphcore.sources.annotations.rates import choose_rate

TIERS = ("track", "tag")
"""What `dataset.tiers` chooses from."""

_EXPECTED = "Expected is CVAT's export 'for video 1.1', unzipped: <annotations><meta>...<track label=...>."


@dataclass(frozen=True)
class _Task:
    """What the file says of one video.

    Attributes:
        heading: its name.
        step: frames from one annotated frame to the next.
    """

    heading: Heading
    step: int = 1


def recognise(head: Head) -> bool:
    """XML whose root and first parts are CVAT's."""
    return "<annotations>" in head.text and "<version>1." in head.text and "<meta>" in head.text


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads one file: of a task, of a job, or of a project with several tasks.

    Raises:
        UnreadableError: it is no XML of CVAT.
    """
    root = read_xml(path, _EXPECTED)
    if root.tag != "annotations":
        raise UnreadableError(path, f"begins with <{root.tag}>, not with <annotations>", _EXPECTED)
    collector = Collector("cvat")
    collector.check_tiers(options.tiers, TIERS)
    tasks = _read_tasks(root, collector)
    if not tasks:
        raise UnreadableError(path, "names no video: no task or job with a source or a name", _EXPECTED)
    for task in tasks.values():
        collector.declare(task.heading)
    if options.tiers is None or "track" in options.tiers:
        _take_tracks(root, tasks, collector, options)
    if options.tiers is None or "tag" in options.tiers:
        _take_tags(root, tasks, collector, options)
    if root.find("track") is None and root.find("image/tag") is None and root.find("image") is not None:
        collector.note("its pictures have shapes, but no tag and no track says of a whole frame what it shows")
    return collector.finish()


def find_spans(shapes: Iterable[tuple[int, bool]], step: int = 1) -> list[tuple[int, int]]:
    """First and last frame, both inside, of each stretch in which something is to be seen; pure.

    Args:
        shapes: frame number, and whether it has left the picture there.
        step: frames from one annotated frame to the next.
    """
    spans, first, last = [], None, 0
    for frame, is_outside in sorted(shapes):
        last = frame
        if first is None and not is_outside:
            first = frame
        elif first is not None and is_outside:
            spans += [(first, frame - 1)] if frame > first else []
            first = None
    return spans if first is None else [*spans, (first, last + step - 1)]


def merge_frames(frames: Iterable[int], step: int = 1) -> list[tuple[int, int]]:
    """First and last frame, both inside, of each run of frames that follow one another; pure."""
    spans: list[tuple[int, int]] = []
    for frame in sorted(set(frames)):
        if spans and frame <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], frame + step - 1)
        else:
            spans.append((frame, frame + step - 1))
    return spans


def _read_tasks(root: ET.Element, collector: Collector) -> dict[str, _Task]:
    """Tasks by their id; that of a file with only one is ""."""
    meta = root.find("meta")
    found = [] if meta is None else [one for one in meta.iter() if one.tag in ("task", "job")]
    tasks = {}
    for one in found:
        stored = one.findtext("source") or root.findtext("meta/source") or one.findtext("name")
        video = to_file_name(stored)
        if video is None:
            collector.note(f"a task's video {show(stored)} cannot be the name of a file")
        elif video:
            step = re.search(r"\bstep\s*=\s*([1-9][0-9]{0,5})\b", one.findtext("frame_filter") or "")
            tasks[(one.findtext("id") or "").strip()] = _Task(Heading(video), int(step[1]) if step else 1)
    return {"": next(iter(tasks.values()))} if len(tasks) == 1 else tasks


def _take_tracks(root: ET.Element, tasks: dict[str, _Task], collector: Collector, options: ReadOptions) -> None:
    for number, track in enumerate(root.iterfind("track"), start=1):
        where = f"track {track.get('id', number)}"
        task = _find_task(track, tasks, collector, where)
        if task is None:
            continue
        shapes = []
        for shape in track:
            frame = _number_frame(shape.get("frame"), options)
            if frame is None:
                problem = f"frame={show(shape.get('frame'))} is no frame number"
                collector.note_video(task.heading, problem, where, track.get("label"))
            else:
                shapes.append((frame, shape.get("outside") == "1"))
        _add_spans(collector, task, track.get("label"), find_spans(shapes, task.step), options, where)


def _take_tags(root: ET.Element, tasks: dict[str, _Task], collector: Collector, options: ReadOptions) -> None:
    tagged: dict[tuple[str, str | None], list[int]] = {}
    known: dict[str, _Task] = {}
    for number, image in enumerate(root.iterfind("image"), start=1):
        tags = image.findall("tag")
        where = f"image {image.get('id', number)}"
        task = _find_task(image, tasks, collector, where) if tags else None
        if task is None:
            continue
        frame = _number_frame(image.get("id"), options)
        if frame is None:
            collector.note_video(task.heading, f"id={show(image.get('id'))} is no frame number", where)
            continue
        known[task.heading.video] = task
        for tag in tags:
            tagged.setdefault((task.heading.video, tag.get("label")), []).append(frame)
    for (video, label), frames in tagged.items():
        _add_spans(collector, known[video], label, merge_frames(frames, known[video].step), options, "tags")


def _add_spans(
    collector: Collector,
    task: _Task,
    label: str | None,
    spans: Sequence[tuple[int, int]],
    options: ReadOptions,
    where: str,
) -> None:
    fps = choose_rate(options, task.heading.video)
    for span in spans:
        collector.add_frames(task.heading, label, span, fps, where)


def _find_task(element: ET.Element, tasks: dict[str, _Task], collector: Collector, where: str) -> _Task | None:
    task = tasks.get("") or tasks.get(element.get("task_id", ""))
    if task is None:
        collector.note(f"{where}: task_id={show(element.get('task_id'))} is no task of this file")
    return task


def _number_frame(text: str | None, options: ReadOptions) -> int | None:
    """Counted from 0; None where it is no such number."""
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        return None
    frame = int(text) - (options.frame_base or 0)
    return frame if frame >= 0 else None
