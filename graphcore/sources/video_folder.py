"""A folder of videos and the JSON of their segments: one frame every few seconds, labelled by its own time.

Everything that can be said without decoding is said before decoding: faults of the annotations in one error,
missing and unreadable videos among the rejected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from graphcore.errors import DatasetError
from graphcore.sources.errors import PictureError, VideoError
from graphcore.sources.files import explain_os_error, list_files, printable
from graphcore.sources.freshness import hash_file
from graphcore.sources.item import Chunk, ChunkRejected, InputFile, Item, Rejected, Taken
from graphcore.sources.normalise import PictureOptions, encode_rgb
from graphcore.sources.segments import (
    AnnotatedVideo,
    find_segments_beyond,
    label_at,
    name_labels,
    raise_faults,
    read_annotations,
)
from graphcore.sources.video import END_TOLERANCE_SECS, SUFFIXES, VideoInfo, probe_video, sample_frames

_VERSION = 1
"""Raised when the same video gives other frames, so that no older conversion's leftovers are taken up."""


@dataclass(frozen=True)
class FrameOptions:
    """Which frames are taken and how they are encoded.

    Attributes:
        every_secs: at most one frame in so many seconds.
        outside: label of times outside every segment.
        pictures: size, format and quality.
    """

    every_secs: float
    outside: str
    pictures: PictureOptions


@dataclass(frozen=True)
class VideoFolder:
    """Videos and annotations, found but not read. Made by `open_video_folder`."""

    folder: Path
    annotations: Path
    inputs: Mapping[str, InputFile]
    every_secs: float
    options: PictureOptions
    rejected: tuple[Rejected, ...] = ()
    unit: str = "frames"

    def plan_chunks(self, workers: int) -> tuple[list[Chunk], list[Rejected]]:
        """Reads the annotations and every video's header; a chunk is a video. See `Source`."""
        videos, faults = read_annotations(self.annotations)
        files, unusable = self._match(videos, faults)
        infos, unreadable = _probe(
            [(video, files[video.video_id]) for video in videos if video.video_id in files], workers
        )
        durations = {key: info.duration_secs for key, info in infos.items() if info.duration_secs is not None}
        raise_faults(self.annotations, faults + find_segments_beyond(videos, durations))
        rejected = [*self.rejected, *unusable, *unreadable]
        usable = [video for video in videos if video.video_id in infos]
        if not usable:
            reasons = "\n".join(f"  {one.path}: {one.reason}" for one in rejected[:20])
            total = f"of the {len(videos)} in {self.annotations}"
            raise DatasetError(
                f"dataset.videos={self.folder} holds no usable video {total}:\n{reasons}",
                next_step="Put the videos there as <videoId>.mp4, or correct dataset.videos.",
            )
        options = FrameOptions(self.every_secs, name_labels(videos)[1], self.options)
        threads = max(1, workers // min(workers, len(usable)))
        chunks = [_make_chunk(v, files[v.video_id], infos[v.video_id], options, threads) for v in usable]
        return [*chunks, _note_annotations(self.inputs[self.annotations.name])], rejected

    def name_classes(self, items: Sequence[Item]) -> tuple[str, ...]:
        """The annotated labels, then "not-<label>", or "background" if a frame shows it."""
        videos, _ = read_annotations(self.annotations)
        labels, outside = name_labels(videos)
        if outside in labels or (len(labels) > 1 and all(item.text != outside for item in items)):
            return labels
        return (*labels, outside)

    def _match(
        self, videos: Sequence[AnnotatedVideo], faults: list[str]
    ) -> tuple[dict[str, InputFile], list[Rejected]]:
        """Finds each annotated video's file; names videos without a file and files without annotations."""
        by_stem: dict[str, list[InputFile]] = {}
        for file in self.inputs.values():
            if file.path != self.annotations:
                by_stem.setdefault(PurePosixPath(file.name).stem, []).append(file)
        files: dict[str, InputFile] = {}
        rejected: list[Rejected] = []
        for video in videos:
            found = by_stem.pop(video.video_id, [])
            if len(found) > 1:
                names = " and ".join(file.name for file in found)
                faults.append(f"video {video.video_id}: which file is it, {names}?")
            if found:
                files[video.video_id] = found[0]
            elif video.video_id not in files:
                rejected.append(
                    Rejected(video.video_id, f"missing: no {video.video_id}.mp4 or other video of that name")
                )
        strays = [file.name for found in by_stem.values() for file in found]
        return files, rejected + [Rejected(printable(name), "no annotations for this video") for name in sorted(strays)]


def open_video_folder(
    folder: Path, annotations: Path | None, every_secs: float, options: PictureOptions
) -> VideoFolder:
    """Lists the videos of a folder.

    Args:
        folder: where `<videoId>.<ending>` lie.
        annotations: the JSON of segments; None takes `annotations.json` in `folder`.
        every_secs: at most one frame in so many seconds.
        options: how frames are encoded.

    Raises:
        DatasetError: the folder or the annotations are missing.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DatasetError(f"dataset.videos={folder} {what}.", next_step="Give the folder that holds the videos.")
    annotations = annotations or folder / "annotations.json"
    try:
        state = annotations.stat()
    except OSError as error:
        raise DatasetError(
            f"dataset.annotations={annotations} {explain_os_error(error)}.",
            next_step="Give the JSON file of segments.",
        ) from None
    listing = list_files(folder, "", recursive=False)
    inputs = {file.name: file for file in listing.files if file.path.suffix.lower() in SUFFIXES}
    inputs[annotations.name] = InputFile(
        annotations.name, annotations, state.st_size, state.st_mtime_ns, state.st_ctime_ns
    )
    rejected = tuple(one for one in listing.rejected if PurePosixPath(one.path).suffix.lower() in SUFFIXES)
    return VideoFolder(folder, annotations, inputs, every_secs, options, rejected)


def _probe(
    videos: Sequence[tuple[AnnotatedVideo, InputFile]], workers: int
) -> tuple[dict[str, VideoInfo], list[Rejected]]:
    """Headers of the readable videos, and the others."""

    def probe(pair: tuple[AnnotatedVideo, InputFile]) -> VideoInfo | str:
        try:
            info = probe_video(pair[1].path)
        except VideoError as error:
            return str(error)
        own, declared = info.duration_secs, pair[0].duration_secs
        if info.is_measured and own is not None and declared is not None and own < declared - END_TOLERANCE_SECS:
            return f"truncated: it lasts {own:.3f} s of {declared:.3f} s"
        return info

    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(probe, videos))
    infos = {
        video.video_id: result
        for (video, _), result in zip(videos, results, strict=True)
        if isinstance(result, VideoInfo)
    }
    rejected = [
        Rejected(file.name, result)
        for (_, file), result in zip(videos, results, strict=True)
        if isinstance(result, str)
    ]
    return infos, rejected


def _make_chunk(video: AnnotatedVideo, file: InputFile, info: VideoInfo, options: FrameOptions, threads: int) -> Chunk:
    # The number of threads changes nothing but the time.
    deciding = [_VERSION, file.name, file.size_bytes, file.mtime_ns, file.ctime_ns, asdict(video), asdict(options)]
    fingerprint = hashlib.sha256(json.dumps(deciding).encode()).hexdigest()
    frames = int((info.duration_secs or video.duration_secs or 0) / options.every_secs) + 1
    return Chunk(f"video-{video.video_id}", fingerprint, frames, partial(_take_video, video, file, options, threads))


def _note_annotations(file: InputFile) -> Chunk:
    """Has the annotations' digest noted, so that a copy of them is known to be the same."""

    def take() -> Iterator[Taken]:
        yield Taken(input_name=file.name, info=file.describe(hash_file(file.path)))

    return Chunk("annotations", f"{file.name} {file.size_bytes} {file.mtime_ns} {file.ctime_ns}", 0, take)


def _take_video(video: AnnotatedVideo, file: InputFile, options: FrameOptions, threads: int) -> Iterator[Taken]:
    pictures = options.pictures
    info = file.describe()
    try:
        info = file.describe(hash_file(file.path))
        for frame in sample_frames(
            file.path, options.every_secs, pictures.size, threads, pictures.max_pixels, video.duration_secs
        ):
            encoded = encode_rgb(frame.image, pictures.format, pictures.quality)
            height, width = frame.image.shape[:2]
            yield _make_taken(video, file, frame.time_secs, options, encoded, height, width)
    except (VideoError, PictureError, OSError) as error:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        raise ChunkRejected([Taken(rejected=Rejected(file.name, reason), input_name=file.name, info=info)]) from None
    yield Taken(input_name=file.name, info=info)


def _make_taken(
    video: AnnotatedVideo, file: InputFile, time_secs: float, options: FrameOptions,
    encoded: bytes, height: int, width: int,
) -> Taken:  # fmt: skip
    key = f"{video.video_id}@{time_secs:.3f}"
    item = Item(
        key=key,
        identity=key,
        text=label_at(video.segments, time_secs, options.outside),
        filename=file.name,
        format=options.pictures.format,
        height=height,
        width=width,
        size_bytes=len(encoded),
        digest=hashlib.sha256(encoded).hexdigest(),
        video_id=video.video_id,
        time_secs=time_secs,
        subject=video.subject,
    )
    return Taken(item, encoded)
