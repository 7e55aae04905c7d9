"""What to do with the annotations that a run made: correct them, and train on them beside what it was trained on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from graphcore.composing import VARIANTS
from graphcore.config import ProceduresConfig, VideoConfig
from graphcore.errors import GraphcoreError
from graphcore.evaluation.report.facts import CONFIG, read_command
from graphcore.sources.choose import locate_videos
from graphcore.sources.samples.procedures import PATTERN

_MOVED = ("dataset.videos", "dataset.annotations", "dataset.annotation_format")
_SHOWN = 3


def advise_another_round(run: Path, annotations: Path, videos: Sequence[Path], every_secs: float) -> str:
    """How to train on corrected annotations beside the old ones.

    Args:
        run: the folder of the run that made them, or its graph, which knows nothing of a training.
        annotations: where they were written.
        videos: of which.
        every_secs: how often the videos were looked at, for a training of which no command is known.

    Returns:
        Lines for a person: what to put where, and the run's own command for what is there.
    """
    dataset = read_video_options(run)
    named = ", ".join(str(video) for video in videos[:_SHOWN]) + (" ..." if len(videos) > _SHOWN else "")
    if dataset is None:
        old_videos, old_marks = "the videos you have", "the marks you have"
    else:
        old_videos, old_marks = (str(place) for place in locate_videos(dataset))
    lines = [
        "Correct it. To train on it too, put all marks into one folder, and all videos into one:",
        f"  MARKS: {old_marks}, {annotations} as it was corrected",
        f"  VIDEOS: {old_videos}, {named}",
        f"then: {name_command(run, dataset, every_secs)}",
    ]
    if dataset is not None and dataset.tiers:
        lines.append("with dataset.tiers naming the tiers of the new marks as well")
    if dataset is not None and (dataset.recordings is not None or _has_pattern(dataset)):
        lines.append("with dataset.recordings fitting the names of the new videos as well")
    return "\n".join(lines)


def name_command(run: Path, dataset: VideoConfig | None, every_secs: float) -> str:
    """The run's own command for other videos and marks, or what comes nearest where it is not known."""
    words = shlex.split(read_command(run)) if dataset is not None else []
    if words:
        kept = [word for word in words if word.lstrip("+").partition("=")[0] not in _MOVED]
    else:
        step = every_secs if dataset is None else dataset.every_secs
        kept = ["train", "dataset=video", "split.group_by=video", f"dataset.every_secs={step:g}"]
    if dataset is not None and _has_pattern(dataset):
        kept.append(f"dataset.recordings={PATTERN}")
    return shlex.join([*kept, "dataset.videos=VIDEOS", "dataset.annotations=MARKS"])


def _has_pattern(dataset: VideoConfig) -> bool:
    """Whether names tell recordings though nobody says so, as those of samples do."""
    return isinstance(dataset, ProceduresConfig) and dataset.videos is None


def read_video_options(run: Path) -> VideoConfig | None:
    """What a run was told of its videos; None where it was trained on something else, or nobody knows on what."""
    try:
        given = OmegaConf.select(OmegaConf.load(run / CONFIG), "dataset")
        kind = VARIANTS["dataset"][1][given["kind"]]
        dataset = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(kind), given))
        if not isinstance(dataset, VideoConfig):
            return None
        locate_videos(dataset)
    except (OSError, ValueError, TypeError, KeyError, YAMLError, OmegaConfBaseException, GraphcoreError):
        return None
    return dataset
