"""What writers ask before they write: names that files can have, labels that a format can hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from graphcore.errors import DatasetError
from graphcore.sources.annotations.documents import name_video, show
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""What breaks lines, and what XML cannot spell."""


def name_files(videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[str]:
    """A file name without its ending for each video, as its own file has it.

    Raises:
        DatasetError: a video has no name that a file can have, or two have the same.
    """
    names: list[str] = []
    for video in videos:
        media = options.media_of(video.video) if video.video else ""
        name = PurePosixPath(name_video(media)).stem
        if not name:
            known = video.video or video.recording or video.subject or video.camera
            raise DatasetError(f"video {show(known)}: annotations of it cannot be named after a file ({show(media)}).")
        if name in names:
            raise DatasetError(f"video {show(video.video)}: annotations of another video have the name {name} already.")
        names.append(name)
    return names


def check_names(videos: Sequence[AnnotatedVideo]) -> None:
    """Refuses what a format that goes by the names of videos cannot tell apart.

    Raises:
        DatasetError: a video without a name, as recordings have none, or two of one name.
    """
    names: set[str] = set()
    for video in videos:
        if name_video(video.video) != video.video or not video.video:
            known = video.video or video.recording or video.subject or video.camera
            raise DatasetError(f"video {show(known)}: annotations cannot be written of what is not the name of a file.")
        if video.video in names:
            raise DatasetError(f"video {video.video}: annotations cannot be written twice under one name.")
        names.add(video.video)


def check_labels(videos: Sequence[AnnotatedVideo], format: str) -> None:
    """Refuses labels that would not come back as they are.

    Raises:
        DatasetError: a label has outer blanks or control characters.
    """
    for label in sorted({segment.label for video in videos for segment in video.segments}):
        if label.strip() != label or not label or _CONTROLS.search(label):
            raise DatasetError(
                f"label {show(label)} cannot be written as {format}: it has outer blanks or control characters.",
                next_step="Rename it with 'dataset.labels={OLD: NEW}'.",
            )
