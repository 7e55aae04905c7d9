"""Heads that judge a frame among its neighbours in time, on the features of whole videos.

Of two kinds. A `SmoothingHead` is an ordinary head that learns from single frames, and smooths what it says of a video
afterwards; what it needs for that is counted or chosen once, when the training is over. A `SequenceHead` learns from
stretches of videos. To whoever uses them both are a `Head` whose `build` takes the consecutive frames of one video:
float32 [frames, dimension] to logits [frames, classes].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphcore.heads.head import Head


@dataclass(frozen=True)
class ScoredVideo:
    """A video as the frame head sees it.

    Attributes:
        scores: float32 [frames, classes], in the order of time.
        labels: int32 [frames].
    """

    scores: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Fitting:
    """What a smoothing head is fitted to.

    Attributes:
        train: the training videos. Their labels may be counted; the scores are of samples that were learnt from.
        validation: videos to choose on; empty where there are none.
        step_secs: seconds from a frame to the next; 0 where it is not known.
    """

    train: Sequence[ScoredVideo]
    validation: Sequence[ScoredVideo]
    step_secs: float


@dataclass(frozen=True)
class SmoothingHead(Head):
    """A head for single frames with a way to smooth.

    Attributes:
        frame: what is trained, on single frames; its variables are among those of the whole.
        fit: gives the values of the variables that `build` has and `frame` does not, by name.
    """

    frame: Head = field(kw_only=True)
    fit: Callable[[Fitting], Mapping[str, np.ndarray]] = field(kw_only=True)


@dataclass(frozen=True)
class SequenceHead(Head):
    """A head that is trained on stretches of videos.

    Attributes:
        window: the most frames of a stretch.
        build_stages: (features float32 [sequences, frames, dimension], mask bool [sequences, frames],
            is_training=False, step=None) -> logits float32 [sequences, frames, classes] of each stage, the last being
            the answer. Where the mask is false there is no frame, and nothing there reaches those that are.
            `is_training` and `step` as in `Head.build`.
        smoothing: weight of the loss for changes of score from frame to frame; see `sequence_loss`.
        smoothing_clamp: where a change of log score costs no more.
    """

    window: int = field(kw_only=True)
    build_stages: Callable[..., tuple[Any, ...]] = field(kw_only=True)
    smoothing: float = field(kw_only=True, default=0.0)
    smoothing_clamp: float = field(kw_only=True, default=4.0)
