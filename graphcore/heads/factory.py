"""From the name in a configuration to a last layer that can be built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graphcore.config import HEADS as OPTIONS
from graphcore.config import HeadConfig, TemporalHeadConfig
from graphcore.errors import ConfigError
from graphcore.heads import cosine, gru, hmm, linear, median, mlp, ms_tcn, multi_label, tecno
from graphcore.heads.head import Head as Head  # where the rest of the project finds it
from graphcore.heads.temporal import SmoothingHead

# Name -> (its options, num_classes, seed) -> the head.
HEADS: dict[str, Callable[[Any, int, int], Head]] = {
    "linear": linear.make_head,
    "mlp": mlp.make_head,
    "cosine": cosine.make_head,
    "multi_label": multi_label.make_head,
    "median": median.make_head,
    "hmm": hmm.make_head,
    "gru": gru.make_head,
    "ms_tcn": ms_tcn.make_head,
    "tecno": tecno.make_head,
}


def get_head(config: HeadConfig, num_classes: int, seed: int = 0) -> Head:
    """Looks a head up.

    Args:
        config: which head, and its options.
        num_classes: how many logits.
        seed: of its initial weights, and of all that is random in it.

    Raises:
        ConfigError: there is no such head, its options are another's, or there are fewer than two classes (one is
            enough for a multi-label head).
    """
    if config.name not in HEADS:
        raise ConfigError(f"head.name={config.name} is not known.", choices=sorted(HEADS))
    if not isinstance(config, OPTIONS[config.name]):
        raise ConfigError(
            f"head.name={config.name} is a head with options of its own.", next_step=f"Choose it by head={config.name}."
        )
    fewest = 1 if is_multi_label(config) else 2
    if num_classes < fewest:
        raise ConfigError(f"A classifier needs at least {fewest} classes, and the dataset has {num_classes}.")
    return _identify(HEADS[config.name](config, num_classes, seed), config, num_classes, seed)


def _identify(head: Head, config: HeadConfig, num_classes: int, seed: int) -> Head:
    # Weight decay is the loss's business.
    built_of = replace(config, weight_decay=0.0)
    identity, unseeded = repr((built_of, num_classes, seed)), repr((built_of, num_classes))
    if isinstance(head, SmoothingHead):
        frame = replace(head.frame, identity=f"frame of {identity}", unseeded=f"frame of {unseeded}")
        head = replace(head, frame=frame)
    if getattr(config, "dropout", 0.0):  # which draws by the seed at every step
        unseeded = ""
    return replace(head, identity=identity, unseeded=unseeded)


def is_multi_label(config: HeadConfig) -> bool:
    """Whether a head gives each class a score of its own, so that a picture may have several labels or none."""
    return config.name == "multi_label"


def is_temporal(config: HeadConfig) -> bool:
    """Whether a head judges the frames of a video among their neighbours; see `heads.temporal`."""
    return isinstance(config, TemporalHeadConfig)


def require_fitting_head(config: HeadConfig, multi_label: bool) -> None:
    """Finds that a head would be given samples it cannot learn from.

    The other way round is no mistake: a multi-label head learns from samples of one label as well; see
    `labels.to_multi_hot`.

    Args:
        config: the options of the head.
        multi_label: whether samples of the dataset have several labels, or none.

    Raises:
        ConfigError: they have, and the head gives each exactly one.
    """
    if multi_label and not is_multi_label(config):
        raise ConfigError(
            f"Samples of this dataset have several labels or none; head={config.name} gives each exactly one.",
            next_step="Set head=multi_label, or add dataset.multi_label=false to hear which rows have more.",
        )
