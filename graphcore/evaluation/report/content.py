"""What a report is made from, as plain values; every part but the figures may be missing, and is then left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from graphcore.evaluation.curves import Curve
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.predictions import Predictions
from graphcore.timelines.timeline import Timeline


@dataclass(frozen=True)
class Fact:
    """One line on how the run was made, such as ("backbone", "mobilenet_v1 0.25/128")."""

    name: str
    value: str


@dataclass(frozen=True)
class SplitFacts:
    """What one split holds.

    Attributes:
        name: "train", "validation" or "test".
        samples: pictures or frames.
        counts: samples by class name; a sample of several labels counts in each.
        videos: how many videos they are from; 0 of pictures.
        subjects: how many people or animals they show; 0 where nobody said.
    """

    name: str
    samples: int
    counts: Mapping[str, int] = field(default_factory=dict)
    videos: int = 0
    subjects: int = 0


@dataclass(frozen=True)
class DatasetFacts:
    """What the classifier was trained and tested on.

    Attributes:
        name: the dataset's.
        kind: how it was read, such as "image_folder" or "video".
        labels: class names.
        splits: train, validation, test.
        digest: the content identity of the records.
        every_secs: of videos, the time between two frames in seconds; None of pictures.
        size: the longer side that pictures were shrunk to, in pixels; None where they were left as they were.
        grouped_by: what was kept on one side of the splits, such as "video" or "subject".
        rejected: inputs that were left out.
        rejected_file: where they are listed, relative to the project; "" where none were.
        audit: the verdict on leakage between the splits, sentence by sentence; none where nothing was audited.
        leaks: whether it is that they leak.
        whole: whether all of it was tested, by a run that was trained on something else; `audit` then says whether it
            has copies of that.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    splits: tuple[SplitFacts, ...]
    digest: str = ""
    every_secs: float | None = None
    size: int | None = None
    grouped_by: str = ""
    rejected: int = 0
    rejected_file: str = ""
    audit: tuple[str, ...] = ()
    leaks: bool = False
    whole: bool = False


@dataclass(frozen=True)
class ReportContent:
    """Everything a report may show.

    Attributes:
        title: the run's name, what it was tested on, and when.
        metrics: the figures of one split.
        predictions: the scores that the figures come from; with marks, samples are told by file and time.
        timelines: of videos, one each, with what the frames were called; empty of pictures.
        segmented: of each timeline int64 [frames], the classes after post-processing; None where there was none.
        curves: what training recorded.
        best_step: the step whose weights were kept.
        facts: how the run was made.
        read_picture: from a sample's key to its JPEG or PNG; what it raises leaves the picture out.
        dataset: what the run was trained and tested on.
        whole: the other dataset all of which was tested; "" where a split of the run's own was.
        command: what was typed for the run, to type it again.
        evaluation: what was typed for these figures; "" where it was the same.
        versions: of programs and libraries, by name.
    """

    title: str
    metrics: Metrics
    predictions: Predictions
    timelines: Sequence[Timeline] = ()
    segmented: Sequence[np.ndarray] | None = None
    curves: Sequence[Curve] = ()
    best_step: int | None = None
    facts: Sequence[Fact] = ()
    read_picture: Callable[[str], bytes] | None = None
    dataset: DatasetFacts | None = None
    whole: str = ""
    command: str = ""
    evaluation: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
