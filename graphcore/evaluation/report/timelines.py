"""The timelines of the test videos: what is there and what it was called, with pictures of where the two differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report.content import ReportContent
from graphcore.evaluation.report.drawing import Drawing
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.palette import make_class_styles
from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.videos import MOST_SHOWN, choose_videos, make_videos_table
from graphcore.timelines.timeline import find_outside

# Of the page's pictures so many are of disagreements; the rest is for mistakes and the spot check.
MOST_PICTURES = 28
MOST_PICTURES_A_VIDEO = 6


def make_timelines_section(content: ReportContent, album: Album) -> Section | None:
    """Every video where there are few, the worst where there are many; nothing of pictures."""
    timelines = [timeline for timeline in content.timelines if len(timeline)]
    if not timelines:
        return None
    joined = _find_joined(content)
    shown = choose_videos(timelines)
    names = content.metrics.class_names
    keys = _list_keys(content.predictions)
    drawings = [Drawing(one, joined.get(one.video), keys.get(one.video, ()), names) for one in shown]
    labels = sorted({label for drawing in drawings for label in drawing.list_labels()})
    most = min(MOST_PICTURES_A_VIDEO, MOST_PICTURES // len(shown))
    parts = [
        tag("style", Html(make_class_styles(labels, find_outside(names)))),
        make_note(_explain(len(timelines), bool(joined), bool(album.left))),
        *(drawing.make(album, most) for drawing in drawings),
    ]
    if len(timelines) > 1:
        parts.append(make_videos_table(timelines, joined))
    return Section("Video by video", join(parts, "\n"), "videos")


def _find_joined(content: ReportContent) -> dict[str, np.ndarray]:
    """What the frames were called after post-processing, by video."""
    if content.segmented is None:
        return {}
    return {one.video: np.asarray(labels) for one, labels in zip(content.timelines, content.segmented, strict=True)}


def _list_keys(predictions: Predictions) -> dict[str, Sequence[str]]:
    """The keys of each video's frames, in the order of time."""
    if predictions.marks is None:
        return {}
    return {
        video: [predictions.keys[row] for row in rows.tolist()]
        for video, rows in predictions.marks.find_videos().items()
    }


def _explain(count: int, is_joined: bool, has_pictures: bool) -> str:
    which = "" if count <= MOST_SHOWN else f"The {MOST_SHOWN} worst of {count:,} videos; the table below has all. "
    third = "The third is what is left after short stretches were joined or dropped. " if is_joined else ""
    pictures = " Letters mark the frames that are shown below." if has_pictures else ""
    return (
        f"{which}The first row is what is there, the second what each frame was called. {third}"
        f"Black marks where the second differs from the first.{pictures} "
        "Confidence is the score, from 0 to 100 %, of what a frame was called."
    )
