"""What was predicted, as tables on the screen: pictures and their best classes, videos and their segments."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from graphcore.console import say, show_table, warn
from graphcore.inference.classifier import top_classes
from graphcore.inference.outputs import Predicted
from graphcore.inference.video import VideoPrediction
from graphcore.timelines.timeline import find_outside

_HOUR_SECS = 3600


def show_predicted(predicted: Predicted, top: int, frames: bool = False) -> None:
    """Prints the pictures' best classes, and of each video how its time is shared and its segments.

    Of a multi-label classifier the labels that are given are marked, and shown even where they are not among the best.

    Args:
        predicted: what was found.
        top: how many classes of a picture.
        frames: whether to print each frame of the videos as well.
    """
    if predicted.pictures:
        _show_pictures(predicted, top)
    if predicted.videos and frames:
        _show_frames(predicted)
    if predicted.videos:
        _show_shares(predicted)
        _show_segments(predicted)
    for video in predicted.videos:
        if video.problem:
            warn(f"{video.path}: {video.problem}; what is there of it is above")


def _show_pictures(predicted: Predicted, top: int) -> None:
    several = predicted.thresholds is not None
    rows = []
    for picture in predicted.pictures:
        given = predicted.find_given(picture.scores)
        for rank, (label, score) in enumerate(_choose_shown(picture.scores, predicted, top)):
            mark = ("yes" if label in given else "",) if several else ()
            rows.append(("" if rank else str(picture.path), label, f"{score:.4f}", *mark))
    columns = ("picture", "label", "score", "given") if several else ("picture", "class", "score")
    show_table("Pictures", columns, rows, shorten=0)


def _choose_shown(scores: np.ndarray, predicted: Predicted, top: int) -> list[tuple[str, float]]:
    """The best classes with their scores; of a multi-label classifier also all others that are given."""
    ranked = top_classes(scores, predicted.labels, len(predicted.labels))
    if predicted.thresholds is None:
        return ranked[:top]
    given = predicted.find_given(scores)
    return [(label, score) for rank, (label, score) in enumerate(ranked) if rank < top or label in given]


def _show_frames(predicted: Predicted) -> None:
    several = predicted.thresholds is not None
    rows = []
    for video in predicted.videos:
        for row, (time_secs, scores) in enumerate(zip(video.times_secs, video.scores, strict=True)):
            name = "" if row else str(video.path)
            best = () if several else (f"{scores.max():.4f}",)
            rows.append((name, f"{time_secs:.3f}", predicted.name(scores), *best))
    columns = ("video", "seconds", "labels") if several else ("video", "seconds", "class", "score")
    show_table("Frames of videos", columns, rows, shorten=0)


def _show_shares(predicted: Predicted) -> None:
    """A line for each video and label: in how many segments it is, and for what share of the video's time."""
    longest, names = max(video.end_secs for video in predicted.videos), name_videos(predicted)
    rows = []
    for video in predicted.videos:
        lasts_secs = video.end_secs if video.duration_secs is None else video.duration_secs
        known = (names[video.path], format_time(lasts_secs, longest), str(len(video.times_secs)))
        for row, (label, count, share) in enumerate(share_time(video, predicted)):
            rows.append((*(("", "", "") if row else known), label, count, f"{share:.1%}"))
    columns = ("video", "length", "frames", "label", "segments", "share")
    show_table("Videos", columns, rows, shorten=0)


def share_time(video: VideoPrediction, predicted: Predicted) -> list[tuple[str, str, float]]:
    """Of each label that a video has: in how many segments, and the share of the time that was looked at, in [0, 1].

    Where there is a class of times outside every segment, which makes none, it comes last, with the rest of the time.
    Shares of a multi-label classifier may sum to more than 1.
    """
    whole_secs = video.end_secs - video.times_secs[0]
    outside = find_outside(predicted.labels)
    found = []
    for label in predicted.labels:
        spans = [one.segment for one in video.segments if one.segment.label == label]
        if spans:
            secs = sum(span.end_secs - span.start_secs for span in spans)
            found.append((label, str(len(spans)), min(secs / whole_secs, 1.0)))
    rest = 1.0 - sum(share for _, _, share in found)
    if outside is not None and predicted.thresholds is None and (rest > 0.0005 or not found):
        found.append((predicted.labels[outside], "", rest))
    return found or [("none", "", 1.0)]


def _show_segments(predicted: Predicted) -> None:
    longest, names = max(video.end_secs for video in predicted.videos), name_videos(predicted)
    rows = []
    for video in predicted.videos:
        for row, one in enumerate(video.segments):
            start, end = one.segment.start_secs, one.segment.end_secs
            times = (format_time(start, longest), format_time(end, longest), f"{end - start:.3f}")
            rows.append(("" if row else names[video.path], *times, one.segment.label, f"{one.score:.4f}"))
    if rows:
        columns = ("video", "start", "end", "seconds", "label", "score")
        show_table("Segments of videos", columns, rows, shorten=0)
    empty = [video.path for video in predicted.videos if not video.segments]
    if len(empty) == 1:
        say(f"{empty[0]}: no segments found")
    elif empty:
        say(f"{len(empty)} of {len(predicted.videos)} videos: no segments found")


def name_videos(predicted: Predicted) -> dict[Path, str]:
    """What tables call the videos: by file names where these tell them apart, else by what their paths do not share."""
    paths = [video.path for video in predicted.videos]
    if len({path.name for path in paths}) == len(paths):
        return {path: path.name for path in paths}
    shared = os.path.commonpath([path.absolute().parent for path in paths])
    return {path: os.path.relpath(path.absolute(), shared) for path in paths}


def format_time(secs: float, longest_secs: float) -> str:
    """A moment as people read it off a player: "24:07.500", with hours where any time of the table has some."""
    minutes, rest = divmod(round(secs * 1000), 60_000)
    seconds = f"{rest // 1000:02d}.{rest % 1000:03d}"
    if longest_secs < _HOUR_SECS:
        return f"{minutes:02d}:{seconds}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds}"
