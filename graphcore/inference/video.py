"""A video to scores at regular times, and from them to segments.

Frames go through the same scaling and encoding as at conversion, so that the network sees what it was trained on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from graphcore.errors import InputError
from graphcore.inference.classifier import DEFAULT_BATCH_SIZE, Classifier
from graphcore.sources.errors import VideoError
from graphcore.sources.frames.probe import VideoInfo, probe_video
from graphcore.sources.frames.sample import SamplingOptions, sample_frames
from graphcore.sources.normalise import PictureOptions, encode_rgb
from graphcore.timelines.scored_segments import ScoredSegment, plan_segments
from graphcore.timelines.segmenting import Segmenting


@dataclasses.dataclass(frozen=True)
class VideoPrediction:
    """What a classifier says of a video.

    Attributes:
        path: the video.
        times_secs: presentation times of the frames looked at, ascending.
        scores: float32 [n, classes].
        segments: stretches of one label, without the label of times outside every segment; those of a multi-label
            classifier may overlap.
        end_secs: until when the last frame stands.
        duration_secs: how long the video lasts, as its header says; None where that says nothing.
        fps: frames a second of the video.
        problem: why the video could not be read to its end; empty when it could.
    """

    path: Path
    times_secs: tuple[float, ...]
    scores: np.ndarray
    segments: tuple[ScoredSegment, ...]
    end_secs: float
    duration_secs: float | None = None
    fps: float = 25.0
    problem: str = ""


def classify_video(
    classifier: Classifier,
    path: Path,
    every_secs: float,
    batch_size: int = DEFAULT_BATCH_SIZE,
    segmenting: Segmenting | None = None,
) -> VideoPrediction:
    """Decodes a video once and classifies a frame every `every_secs` seconds.

    Args:
        classifier: of frames, or of videos as a whole.
        path: the video.
        every_secs: how often it is looked at.
        batch_size: frames a forward pass.
        segmenting: how frames become segments; None for as the classifier's run chose.

    Raises:
        InputError: not one frame can be read.
    """
    frames = _Frames(path, every_secs, classifier.picture_options)
    scores = classifier.predict_video(frames, batch_size)
    info, times = frames.info, frames.times_secs
    if info is None or not times:
        raise InputError(f"{path}: {frames.problem or 'not one frame can be decoded'}.")
    end_secs = times[-1] + every_secs
    if info.duration_secs is not None:
        end_secs = min(end_secs, max(info.duration_secs, times[-1]))
    chosen = classifier.traits.segmenting if segmenting is None else segmenting
    segments = plan_segments(path.stem, times, scores, end_secs, classifier.labels, chosen, classifier.thresholds)
    fps = 1 / info.frame_secs if info.frame_secs else VideoPrediction.fps
    return VideoPrediction(
        path, tuple(times), scores, tuple(segments), end_secs, info.duration_secs, fps, frames.problem
    )


class _Frames:
    """A video's frames, encoded one after the other as they are asked for.

    Attributes:
        info: what its header says, once it was read.
        times_secs: of the frames that were given.
        problem: what ended them before the video's end. It is kept rather than raised: what is there is classified.
    """

    def __init__(self, path: Path, every_secs: float, options: PictureOptions) -> None:
        self.info: VideoInfo | None = None
        self.times_secs: list[float] = []
        self.problem = ""
        self._path, self._options = path, options
        self._sampling = SamplingOptions(every_secs, size=options.size, max_pixels=options.max_pixels)

    def __iter__(self) -> Iterator[bytes]:
        try:
            self.info = probe_video(self._path)
            for frame in sample_frames(self._path, self._sampling):
                self.times_secs.append(frame.time_secs)
                yield encode_rgb(frame.image, self._options.format, self._options.quality)
        except (VideoError, OSError) as error:
            self.problem = str(error)
