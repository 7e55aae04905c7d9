"""What a head is to the rest of the project: something to build on features, and what its logits mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Head:
    """A last layer, ready to be built in any graph; a second build in one graph shares the variables.

    Attributes:
        name: as in the configuration.
        num_classes: how many logits.
        scope: variable scope; what its variables' names begin with.
        decayed: names of the variables that weight decay acts on.
        build: (features float32 [batch, dimension], is_training=False, step=None) -> (logits float32 [batch,
            num_classes], end_points with "logits" and "probabilities"). `is_training` is a bool; `step`, an int64
            scalar, then decides what is random, so that a resumed training draws what an unbroken one would. Moving
            statistics are updated in place: whoever runs the logits runs the updates. With is_training and no step
            the build is for looking only: nothing is random and nothing is updated.
        multi_label: whether each logit is a question of its own (sigmoid) rather than one answer among all (softmax).
        temporal: whether the rows of a batch are the consecutive frames of one video, each judged among its
            neighbours; otherwise each row is judged alone, and their order means nothing. See `heads.temporal`.
        causal: whether no frame is judged by a later one: what can be had while the video is still being recorded.
        identity: all that decides what `build` adds, as text; "" where nobody says. Heads of one identity build the
            same graph, so that one of them can be trained in the graph of another.
        unseeded: likewise but for the seed, where all that it decides is what the variables begin with; "" otherwise.
    """

    name: str
    num_classes: int
    scope: str
    decayed: tuple[str, ...]
    build: Callable[..., tuple[Any, dict[str, Any]]]
    multi_label: bool = False
    temporal: bool = False
    causal: bool = True
    identity: str = ""
    unseeded: str = ""
