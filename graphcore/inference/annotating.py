"""The segments that were found in videos, as annotations: for a person to correct, and for another round of training.

What would be refused after hours of work is found before it: names, labels and formats are tried out first.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from graphcore.config import WRITTEN_FORMATS
from graphcore.console import warn
from graphcore.errors import ConfigError, DatasetError, InputError
from graphcore.inference.outputs import Predicted
from graphcore.inference.video import VideoPrediction
from graphcore.sources.annotations.model import AnnotatedVideo, ReadOptions, WriteOptions
from graphcore.sources.annotations.registry import read_annotations, write_annotations
from graphcore.sources.item import Segment
from graphcore.timelines.timeline import find_outside

# ELAN counts whole milliseconds.
_PER_SECOND = 1000
_TRIED_FPS = 25.0
_FOLDERS = ("ms_tcn", "elan")
_SHOWN = 5
_MODEL = "graphcore"


# What can be in a file of each ending; other endings say nothing.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    ".eaf": ("elan",),
    ".json": ("graphcore", "label_studio", "via", "activitynet"),
    ".csv": ("via",),
    **dict.fromkeys((".tsv", ".txt", ".xlsx", ".ods", ".xml"), ()),
}


def choose_format(path: Path, format: str | None) -> str:
    """The format that annotations are written in.

    Args:
        path: where they are to be written.
        format: one of `graphcore.config.WRITTEN_FORMATS`; None for what the path's ending says, else our own JSON.

    Raises:
        ConfigError: the path's ending is that of other formats.
    """
    suffix = path.suffix.lower()
    held = _ENDINGS.get(suffix)
    if held is None:
        return format or "graphcore"
    if format in held or (format is None and held):
        return format or held[0]
    if format is None:
        raise ConfigError(
            f"annotations={path}: nothing that is written ends in {suffix}.",
            choices=WRITTEN_FORMATS,
            next_step="Give a file that ends in .json, .eaf or .csv, or choose an annotation_format.",
        )
    kind = f"that of {' and '.join(held)}" if held else "of none that is written"
    endings = [ending for ending, formats in _ENDINGS.items() if format in formats]
    other = f"a path that ends in {' or '.join(endings)}" if endings else "the path of a folder"
    raise ConfigError(
        f"annotations={path} is to be {format} by annotation_format, and its ending is {kind}.",
        next_step=f"Give {other}, or leave annotation_format out." if held else f"Give {other}.",
    )


def check_target(path: Path, format: str, videos: Sequence[Path]) -> None:
    """Finds what is wrong with where annotations are to be written, whatever they will say.

    Args:
        path: the file, or the folder for formats of several files.
        format: one of `graphcore.config.WRITTEN_FORMATS`.
        videos: those that are going to be annotated.

    Raises:
        InputError: something is there, which a person may have corrected; there are no videos; or two of them have one
            name.
    """
    is_folder = format in _FOLDERS and path.suffix.lower() != ".eaf"
    if path.exists() and not (is_folder and path.is_dir() and not any(path.iterdir())):
        raise InputError(
            f"annotations={path} exists, and may hold somebody's corrections: it is not overwritten.",
            next_step="Give another path, or move it away.",
        )
    if not videos:
        raise InputError(f"annotations={path} is for segments of videos, and inputs has no video.")
    named: dict[str, Path] = {}
    for video in videos:
        first = named.setdefault(video.stem, video)
        if first != video:
            raise InputError(
                f"{first} and {video} have the same name, and annotations go by names: nobody could tell which is "
                "meant.",
                next_step="Give their annotations files of their own: predict them one after the other.",
            )


def rehearse(path: Path, format: str, videos: Sequence[Path], labels: Sequence[str], several: bool) -> None:
    """Writes made-up segments of every label aside and reads them back.

    Args:
        path: where annotations are going to be written.
        format: one of `graphcore.config.WRITTEN_FORMATS`.
        videos: those that are going to be annotated.
        labels: the classes.
        several: whether segments of different labels may overlap.

    Raises:
        InputError: the format cannot hold the names, the labels or overlapping segments.
    """
    outside = find_outside(labels)
    inside = [label for number, label in enumerate(labels) if number != outside]
    spans = [(0.0 if several else float(number), number + 1.0) for number in range(len(inside))]
    made_up = [
        AnnotatedVideo(
            video.stem,
            tuple(Segment(video.stem, *span, label) for span, label in zip(spans, inside, strict=True)),
            float(len(inside)),
        )
        for video in videos
    ]
    media = {video.stem: video.name for video in videos}
    options = WriteOptions(lambda _: _TRIED_FPS, media.__getitem__, model=_MODEL)
    aside = Path()
    try:
        with tempfile.TemporaryDirectory() as folder:
            aside = Path(folder) / path.name
            write_annotations(aside, format, made_up, options)
            faults = read_annotations(aside, format, ReadOptions(rate_of=lambda _: _TRIED_FPS)).faults
    except DatasetError as error:
        # They were tried out aside, at a path that nobody gave.
        told = str(error).replace(f"dataset.annotations={aside}", str(path)).replace(str(aside), str(path))
        raise InputError(
            f"annotation_format={format} cannot hold these annotations. {told}",
            next_step="annotation_format=graphcore holds any, in a path that ends in .json.",
        ) from error
    if faults:
        told = "\n".join(f"  {fault.text}" for fault in faults[:_SHOWN])
        raise InputError(f"Annotations of these videos could not be read again as {format}:\n{told}")


def write_segments(path: Path, format: str, predicted: Predicted, model: str = _MODEL) -> list[Path]:
    """Writes the segments of all videos; those of none are there as well, without any, but in VIA's CSV.

    Args:
        path: the file, or the folder for formats of several files.
        format: one of `graphcore.config.WRITTEN_FORMATS`.
        predicted: what was found.
        model: what found them, for formats that tell guesses from what a person marked.

    Returns:
        The files that were written.

    Raises:
        DatasetError: the disk does not take them, or the format cannot hold them; see `rehearse`.
    """
    videos = {video.path.stem: video for video in predicted.videos}
    outside = find_outside(predicted.labels)
    scores = {segment: score for video in videos.values() for segment, score in _list_scored(video)}
    options = WriteOptions(
        fps_of=lambda name: videos[name].fps,
        media_of=lambda name: videos[name].path.name,
        outside="background" if outside is None else predicted.labels[outside],
        path_of=lambda name: videos[name].path,
        model=model,
        score_of=scores.get,
    )
    annotated = [to_annotated(video) for video in videos.values()]
    empty = [video.video for video in annotated if not video.segments]
    if empty and format == "via" and path.suffix.lower() != ".json":
        warn(
            f"A CSV of VIA has a row for each segment, so {len(empty)} videos without any are not in it, such as "
            f"{empty[0]}; a project holds them: annotations={path.with_suffix('.json')}."
        )
    return write_annotations(path, format, annotated, options)


def to_annotated(video: VideoPrediction) -> AnnotatedVideo:
    """The segments of a video with times in whole milliseconds.

    They are cut, not rounded: the first frame of a segment then stays in it and the first frame after it out of it, in
    formats that are no finer than that as well.
    """
    segments = tuple(segment for segment, _ in _list_scored(video))
    return AnnotatedVideo(video.path.stem, segments, video.duration_secs)


def _list_scored(video: VideoPrediction) -> Iterator[tuple[Segment, float]]:
    for one in video.segments:
        start, end = _cut(one.segment.start_secs), _cut(one.segment.end_secs)
        if end > start:
            yield Segment(video.path.stem, start, end, one.segment.label), one.score


def _cut(secs: float) -> float:
    # What is a whole number of milliseconds but for the last bits of a float is that number.
    return math.floor(round(secs * _PER_SECOND, 3)) / _PER_SECOND
