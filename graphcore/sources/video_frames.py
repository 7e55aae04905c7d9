"""Frames of one video file as samples: sampled, labelled by their own time on the recording's clock, encoded."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial

from graphcore import console
from graphcore.sources.annotations.timeline import label_at, near_change
from graphcore.sources.errors import PictureError, VideoError
from graphcore.sources.files import explain_os_error
from graphcore.sources.frames.sample import SamplingOptions, SamplingStats, sample_frames
from graphcore.sources.freshness import hash_file
from graphcore.sources.item import UNREADABLE, InputFile, Item, Rejected, Segment, Taken, Unit, UnitRejected
from graphcore.sources.normalise import PictureOptions, encode_rgb

_VERSION = 2
"""Raised when the same video gives other frames, so that nothing an older conversion knew is taken up."""


@dataclass(frozen=True)
class FrameOptions:
    """Which frames are taken, and how they are labelled and encoded.

    Attributes:
        sampling: which frames.
        outside: label of times outside every segment.
        margin_secs: frames this close to a change of label are left out.
        pictures: format and quality.
    """

    sampling: SamplingOptions
    outside: str
    margin_secs: float
    pictures: PictureOptions


@dataclass(frozen=True)
class FilePart:
    """One file of a recording, and what is marked in it.

    Attributes:
        file: the file.
        recording: the recording's name.
        session: what was recorded, whichever camera took it.
        offset_secs: where the file begins on the recording's clock.
        end_secs: where the recording ends; None where nobody knows.
        declared_secs: how long the annotations say it is.
        segments: of the whole recording, on its clock; they do not overlap.
        subject: whom it shows.
        camera: which camera took it.
        split: the split that the annotations give.
    """

    file: InputFile
    recording: str
    session: str
    offset_secs: float
    end_secs: float | None
    declared_secs: float | None
    segments: tuple[Segment, ...]
    subject: str = ""
    camera: str = ""
    split: str = ""


def make_unit(part: FilePart, options: FrameOptions, threads: int) -> Unit:
    """What is to be read of one file; the number of threads changes nothing but the time."""
    file = part.file
    stamp = [file.name, file.size_bytes, file.mtime_ns, file.ctime_ns]
    rest = {name: value for name, value in asdict(part).items() if name != "file"}
    text = json.dumps([_VERSION, stamp, rest, asdict(options)])
    return Unit(file.name, hashlib.sha256(text.encode()).hexdigest(), partial(_take, part, options, threads))


def _take(part: FilePart, options: FrameOptions, threads: int) -> Iterator[Taken]:
    file, pictures = part.file, options.pictures
    info = file.describe()
    try:
        info = file.describe(hash_file(file.path))
        end_secs = math.inf if part.end_secs is None else part.end_secs
        stats, shown = SamplingStats(), 0
        frames = sample_frames(file.path, options.sampling, threads, part.declared_secs, part.offset_secs, stats)
        for frame in frames:
            shown += 1
            time_secs = round(part.offset_secs + frame.time_secs, 6)
            if near_change(part.segments, time_secs, options.margin_secs, end_secs):
                continue
            encoded = encode_rgb(frame.image, pictures.format, pictures.quality)
            yield Taken(_make_item(part, time_secs, options, encoded, frame.image.shape), encoded)
    except (VideoError, PictureError, OSError) as error:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        info = file.describe(UNREADABLE) if isinstance(error, OSError) else info
        raise UnitRejected([Taken(rejected=Rejected(file.name, reason), input_name=file.name, info=info)]) from None
    if stats.missed > shown:
        reason = (
            f"{stats.missed} of {stats.missed + shown} frames: no keyframe is near enough to their times; raise "
            "dataset.keyframe_tolerance_secs or dataset.every_secs, or take dataset.sampling=exact"
        )
        yield Taken(rejected=Rejected(file.name, reason))
    elif stats.missed:
        console.warn(f"{file.name}: {stats.missed} of the asked times have no keyframe near enough and give no frame; "
                     "dataset.sampling=exact takes them all")  # fmt: skip
    yield Taken(input_name=file.name, info=info)


def _make_item(part: FilePart, time_secs: float, options: FrameOptions, encoded: bytes, shape: tuple[int, ...]) -> Item:
    key = f"{part.recording}@{time_secs:.3f}"
    return Item(
        key=key,
        identity=key,
        text=label_at(part.segments, time_secs, options.outside),
        filename=part.file.name,
        format=options.pictures.format,
        height=shape[0],
        width=shape[1],
        size_bytes=len(encoded),
        digest=hashlib.sha256(encoded).hexdigest(),
        video_id=part.recording,
        time_secs=time_secs,
        recording=part.session,
        subject=part.subject,
        camera=part.camera,
        split=part.split,
    )
