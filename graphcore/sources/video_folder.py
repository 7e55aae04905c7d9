"""A folder of videos and what people marked in them: one frame every few seconds, labelled by its own time.

Everything that can be said without decoding is said before decoding: faults of the annotations and of the
recordings in one error, missing and unreadable videos among the rejected.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any

from graphcore import console, storage
from graphcore.errors import DatasetError
from graphcore.sources.annotations.gathering import raise_faults
from graphcore.sources.annotations.model import Annotations, ReadOptions
from graphcore.sources.annotations.registry import check_options, read_annotations
from graphcore.sources.annotations.timeline import choose_labels, find_segments_beyond, name_labels
from graphcore.sources.errors import VideoError
from graphcore.sources.files import explain_os_error, list_files
from graphcore.sources.frames.probe import SUFFIXES, VideoInfo, probe_video
from graphcore.sources.frames.sample import SamplingOptions
from graphcore.sources.freshness import hash_file
from graphcore.sources.item import Chunk, InputFile, Item, Rejected, Taken, Unit
from graphcore.sources.matching import match_recordings
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.recordings import Recording, needs_folders, plan_recordings
from graphcore.sources.timing import Marked, mark_recordings
from graphcore.sources.video_frames import FilePart, FrameOptions, make_unit

_SHOWN = 20


@dataclass(frozen=True)
class VideoFolderOptions:
    """How videos and their annotations are read.

    Attributes:
        sampling: which frames are taken.
        pictures: how they are encoded.
        format: of the annotations; "auto" recognises it.
        reading: see `ReadOptions`; its `rate_of` is set here.
        labels: chosen, renamed or dropped ones, see `timeline.choose_labels`.
        overlap: which of two labels holds at one time, see `timeline.resolve_overlaps`.
        margin_secs: frames this close to a change of label are left out.
        recordings: which files make up a recording, see `plan_recordings`.
    """

    sampling: SamplingOptions
    pictures: PictureOptions = field(default_factory=PictureOptions)
    format: str = "auto"
    reading: ReadOptions = field(default_factory=ReadOptions)
    labels: Any = None
    overlap: str = "error"
    margin_secs: float = 0.0
    recordings: Any = None


@dataclass(frozen=True)
class VideoFolder:
    """Videos and annotations, found but not read. Made by `open_video_folder`."""

    folder: Path
    annotations: Path
    inputs: Mapping[str, InputFile]
    videos: tuple[InputFile, ...]
    options: VideoFolderOptions
    rejected: tuple[Rejected, ...] = ()
    unit: str = "frames"
    multi_label: bool = False

    def plan_chunks(self, workers: int) -> tuple[list[Chunk], list[Rejected]]:
        """Reads the annotations and every video's header; a chunk is a video. See `Source`."""
        recordings = plan_recordings(self.videos, self.options.recordings)
        annotations = self._chosen
        matches = match_recordings(annotations.videos, recordings.recordings)
        annotated = [recording for recording in recordings.recordings if recording.name in matches.marks]
        infos = self._probe(annotated, workers)
        marked, unusable, faults = mark_recordings(
            annotated, matches.marks, infos, self.options.overlap, check_rates=self.options.reading.fps is None
        )
        unmatched = find_segments_beyond([entry for entry, _ in matches.missing], {})
        told = [fault.text for fault in annotations.faults]
        faults = [*told, *recordings.faults, *matches.faults, *faults, *unmatched]
        if faults:  # then those without a video are heard of too, and not only the next time
            faults += [f"{one.path}: {one.reason}" for _, one in matches.missing]
        raise_faults(self.annotations, faults, _advise(faults))
        if matches.missing:
            names = ", ".join(one.path for _, one in matches.missing[:_SHOWN])
            console.warn(f"annotated, but not in dataset.videos={self.folder}: {names}")
        strays = [
            Rejected(file.name, "no annotations for this video")
            for recording in recordings.recordings
            if recording.name not in matches.marks
            for file in recording.files
        ]
        missing = [rejected for _, rejected in matches.missing]
        rejected = [*self.rejected, *recordings.rejected, *missing, *unusable, *strays]
        if not marked:
            self._refuse_nothing(len(annotations.videos), rejected)
        threads = max(1, workers // min(workers, sum(len(one.recording.files) for one in marked)))
        return [*self._make_chunks(marked, threads), *self._note_annotations()], rejected

    def name_classes(self, items: Sequence[Item]) -> tuple[str, ...]:
        """The annotated labels, then "not-<label>", or "background" if a frame shows it."""
        labels, outside = name_labels(self._chosen.videos)
        if outside in labels or (len(labels) > 1 and all(item.text != outside for item in items)):
            return labels
        return (*labels, outside)

    @cached_property
    def _chosen(self) -> Annotations:
        """The annotations, with the labels that are asked for."""
        reading = self.options.reading
        options = ReadOptions(reading.fps, reading.frame_base, reading.columns, reading.tiers, self._find_rate)
        read = read_annotations(self.annotations, self.options.format, options)
        check_options(read.formats or (read.format,), reading)
        return choose_labels(read, self.options.labels)

    def _find_rate(self, video: str) -> float | None:
        """Frames a second of the file that a name of the annotations stands for."""
        named = [
            file
            for file in self.videos
            if video in (file.name, PurePosixPath(file.name).name)
            or PurePosixPath(video).stem == PurePosixPath(file.name).stem
        ]
        try:
            frame_secs = probe_video(named[0].path).frame_secs if named else 0.0
        except VideoError:
            return None
        return 1 / frame_secs if frame_secs else None

    def _probe(self, recordings: Sequence[Recording], workers: int) -> dict[str, VideoInfo | str]:
        """Headers of the files by name; a text says why one cannot be used."""

        def probe(file: InputFile) -> VideoInfo | str:
            try:
                return probe_video(file.path)
            except VideoError as error:
                return str(error)

        files = [file for recording in recordings for file in recording.files]
        with ThreadPoolExecutor(workers) as pool:
            return {file.name: info for file, info in zip(files, pool.map(probe, files), strict=True)}

    def _make_chunks(self, marked: Sequence[Marked], threads: int) -> Iterator[Chunk]:
        _, outside = name_labels(self._chosen.videos)
        frames = FrameOptions(self.options.sampling, outside, self.options.margin_secs, self.options.pictures)
        for one in marked:
            for index, file in enumerate(one.recording.files):
                part = FilePart(
                    file=file,
                    recording=one.recording.name,
                    session=one.recording.session,
                    offset_secs=one.offsets_secs[index],
                    end_secs=one.end_secs,
                    declared_secs=None if one.recording.is_chaptered else one.declared_secs,
                    segments=one.segments,
                    subject=one.subject,
                    camera=one.recording.camera,
                    split=one.split,
                )
                unit = make_unit(part, frames, threads)
                expected = count_asked(part.offset_secs, one.durations_secs[index], self.options.sampling.every_secs)
                yield Chunk(f"video-{file.name}", unit.fingerprint, expected, partial(_iterate_one, unit))

    def _note_annotations(self) -> Iterator[Chunk]:
        """Has the annotations' digests noted, so that a copy of them is known to be the same."""
        for file in self.inputs.values():
            if file not in self.videos:
                stamp = f"{file.name} {file.size_bytes} {file.mtime_ns} {file.ctime_ns}"
                fingerprint = hashlib.sha256(stamp.encode()).hexdigest()
                unit = Unit(f"annotations/{file.name}", fingerprint, partial(_note, file))
                yield Chunk(f"annotations-{file.name}", fingerprint, 0, partial(_iterate_one, unit))

    def _refuse_nothing(self, annotated: int, rejected: Sequence[Rejected]) -> None:
        reasons = "\n".join(f"  {one.path}: {one.reason}" for one in rejected[:_SHOWN])
        more = f"\n  and {len(rejected) - _SHOWN} more" if len(rejected) > _SHOWN else ""
        raise DatasetError(
            f"dataset.videos={self.folder} holds no usable video of the {annotated} in {self.annotations}:\n"
            f"{reasons}{more}",
            next_step="Put the videos there as <videoId>.mp4, or correct dataset.videos."
            if self.options.recordings is None
            else "Say in dataset.recordings which files make up which recording, whose subject and camera they are.",
        )


def count_asked(offset_secs: float, duration_secs: float, every_secs: float) -> int:
    """How many of the times 0, every_secs, 2 * every_secs ... of a recording lie in one of its files."""
    first, end = (math.ceil(round(secs / every_secs, 6)) for secs in (offset_secs, offset_secs + duration_secs))
    return max(1, end - first)


def _advise(faults: Sequence[str]) -> str:
    advice = "Mend them and run again; no video was decoded."
    if any("overlaps" in fault for fault in faults):
        advice += " Where labels overlap, dataset.overlap=first, last or shortest says which holds."
    return advice


def _iterate_one(unit: Unit) -> Iterator[Unit]:
    yield unit


def _note(file: InputFile) -> Iterator[Taken]:
    yield Taken(input_name=file.name, info=file.describe(hash_file(file.path)))


def open_video_folder(folder: Path, annotations: Path | None, options: VideoFolderOptions) -> VideoFolder:
    """Lists the videos of a folder.

    Args:
        folder: where the videos lie.
        annotations: the file or folder of annotations; None takes `annotations.json` in `folder`.
        options: how they are read.

    Raises:
        DatasetError: the folder or the annotations are missing.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DatasetError(f"dataset.videos={folder} {what}.", next_step="Give the folder that holds the videos.")
    annotations = annotations or folder / "annotations.json"
    listing = list_files(folder, "", recursive=needs_folders(options.recordings))
    videos = tuple(file for file in listing.files if file.path.suffix.lower() in SUFFIXES)
    inputs = {file.name: file for file in videos}
    for file in _list_annotations(annotations):
        inputs[file.name] = file
    rejected = tuple(one for one in listing.rejected if PurePosixPath(one.path).suffix.lower() in SUFFIXES)
    return VideoFolder(folder, annotations, inputs, videos, options, rejected)


def _list_annotations(annotations: Path) -> list[InputFile]:
    """The file, or all files of the folder but videos."""
    try:
        with storage.explaining(annotations):
            is_folder = annotations.is_dir()
        if is_folder:
            listing = list_files(annotations, annotations.name)
            return [file for file in listing.files if file.path.suffix.lower() not in SUFFIXES]
        state = annotations.stat()
    except OSError as error:
        raise DatasetError(
            f"dataset.annotations={annotations} {explain_os_error(error)}.",
            next_step="Give the file of segments; README lists the formats.",
        ) from None
    ctime = getattr(state, "st_ctime_ns", 0)
    return [InputFile(annotations.name, annotations, state.st_size, state.st_mtime_ns, ctime)]
