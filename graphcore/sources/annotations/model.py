"""What every reader of annotations gives and every writer takes, whatever the tool.

Readers never raise for what is wrong inside a file: they note a `Fault` and go on, so that a person hears of
all faults at once. They raise `DatasetError` only where nothing can be read at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphcore.sources.item import Segment


@dataclass(frozen=True)
class Fault:
    """Something a person must mend, or choose to leave out.

    Attributes:
        text: one line that names where and what, with the bad value.
        label: the label it concerns; a fault of a label that `dataset.labels` drops is no fault. Empty where
            it concerns more than one label.
        tier: a name in `dataset.tiers` that this file does not have; no fault where another file has it.
        tiers: the tiers that it does have.
    """

    text: str
    label: str = ""
    tier: str = field(default="", compare=False)
    tiers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class AnnotatedVideo:
    """What the annotations say of one video, or of every recording that its names fit.

    Attributes:
        video: a file, as the annotations name it: its name with or without its ending, or a path. Times are
            then those of this file. Empty where `recording`, `subject` or `camera` say what is meant.
        segments: in the order of the file; they may overlap.
        duration_secs: as declared; None when it is not.
        recording: a recording, perhaps of several files; times run over the whole of it.
        subject: whom it shows. Empty where it is not said.
        camera: which camera took it. Empty where it is not said.
        split: "train", "validation" or "test" where the annotations give it, else empty.
        fps: frames a second that the annotations count in; compared with the file's own rate.
    """

    video: str
    segments: tuple[Segment, ...]
    duration_secs: float | None = None
    recording: str = ""
    subject: str = ""
    camera: str = ""
    split: str = ""
    fps: float | None = None


@dataclass(frozen=True)
class Annotations:
    """All that was read.

    Attributes:
        format: the format's name; "several" where files of several lie in one folder.
        videos: in the order of the file.
        faults: everything that is wrong with it.
        formats: the names of those several; of one it is left empty.
    """

    format: str
    videos: tuple[AnnotatedVideo, ...]
    faults: tuple[Fault, ...] = ()
    formats: tuple[str, ...] = ()


def _unknown(asked: Any) -> None:
    return None


@dataclass(frozen=True)
class ReadOptions:
    """How annotations are read.

    Attributes:
        fps: frames a second of formats that count frames (`dataset.annotation_fps`); None takes what the file
            declares, else `rate_of`.
        frame_base: number of the first frame (`dataset.frame_base`); None for the format's own.
        columns: names of a table's columns by their meaning, see `graphcore.config.SEGMENT_COLUMNS`.
        tiers: the tiers, tracks, attributes or behaviours' subjects to read; None for all.
        rate_of: gives the own frame rate of the video that a name stands for; None when there is no such file.
    """

    fps: float | None = None
    frame_base: int | None = None
    columns: dict[str, str] = field(default_factory=dict)
    tiers: tuple[str, ...] | None = None
    rate_of: Callable[[str], float | None] = _unknown


@dataclass(frozen=True)
class WriteOptions:
    """How annotations are written.

    Attributes:
        fps_of: frames a second of a video by its name, for formats that count frames.
        media_of: the file name of a video by its name, for formats that name files.
        outside: label of times outside every segment, for formats that label every frame.
        path_of: where a video lies, by its name; None where that is not known.
        model: the name of the model that found the segments, for formats that tell guesses from what a person
            marked; "" where a person did.
        score_of: how sure the model is of a segment, in [0, 1]; None where that is not known.
    """

    fps_of: Callable[[str], float]
    media_of: Callable[[str], str]
    outside: str = "background"
    path_of: Callable[[str], Path | None] = _unknown
    model: str = ""
    score_of: Callable[[Segment], float | None] = _unknown


@dataclass(frozen=True)
class Head:
    """The beginning of what a format is recognised by.

    Attributes:
        path: the file or folder.
        text: its first 64 KiB as text, with undecodable bytes replaced; "" for a folder or a binary file.
        names: file names in it, when it is a folder.
    """

    path: Path
    text: str = ""
    names: tuple[str, ...] = ()


def to_number(value: Any) -> float | None:
    """A finite number of what JSON or a table gives; None for anything else, booleans too."""
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def is_text(text: str) -> bool:
    """Whether a text can be written to a file: no half of a surrogate pair, which JSON can spell."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
