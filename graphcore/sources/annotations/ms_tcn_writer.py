"""Writes the folder of texts that MS-TCN trains on.

A frame has the label of the moment it begins at, which is when it is shown; so a frame grabbed at any of these
moments keeps its label. Lists of splits are written where videos carry one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphcore import atomic
from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.outputs import check_labels, name_files
from graphcore.sources.annotations.timeline import label_at, resolve_overlaps

MOST_FRAMES = 100_000_000
"""Forty days at 30 frames a second; a longer duration is a slip of the pen that would fill the disk."""


def write(path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes `groundTruth`, `mapping.txt` and perhaps `splits` into the folder `path`.

    A video whose duration is not known ends with its last segment.

    Raises:
        DatasetError: overlapping segments, of which a frame can have one; names or labels that cannot be; a video
            without duration and segments.
    """
    check_labels(videos, "ms_tcn")
    names = name_files(videos, options)
    texts = {f"groundTruth/{name}.txt": label_frames(video, options) for name, video in zip(names, videos, strict=True)}
    labels = sorted({segment.label for video in videos for segment in video.segments} - {options.outside})
    texts["mapping.txt"] = [f"{number} {label}" for number, label in enumerate([*labels, options.outside])]
    for split in ("train", "validation", "test"):
        listed = [f"{name}.txt" for name, video in zip(names, videos, strict=True) if video.split == split]
        if listed:
            texts[f"splits/{split}.split1.bundle"] = listed
    for name, lines in texts.items():
        atomic.write_text(path / name, "\n".join(lines) + "\n")
    return [path / name for name in texts]


def label_frames(video: AnnotatedVideo, options: WriteOptions) -> list[str]:
    """The label of each frame; pure.

    Raises:
        DatasetError: see `write`.
    """
    segments, faults = resolve_overlaps(video.segments, "error")
    if faults:
        raise DatasetError(
            f"{faults[0]} ms_tcn has one label a frame.",
            next_step="Choose one with dataset.overlap=first|last|shortest.",
        )
    ends = [segment.end_secs for segment in segments]
    duration = max(ends, default=None) if video.duration_secs is None else video.duration_secs
    fps = options.fps_of(video.video)
    frames = 0 if duration is None else round(min(duration * fps, MOST_FRAMES + 1.0))
    if not 0 < frames <= MOST_FRAMES:
        lasts = "neither duration nor segments" if duration is None else f"{duration:g} s at {fps:g} frames a second"
        raise DatasetError(f"video {video.video}: {lasts} makes no number of frames that ms_tcn could list.")
    return [label_at(segments, frame / fps, options.outside) for frame in range(frames)]
