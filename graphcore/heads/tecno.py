"""The TeCNO head: MS-TCN on what has been seen so far, and smaller; for videos that are still being recorded."""

from __future__ import annotations

from typing import Any

from graphcore.config.network import TecnoHeadConfig
from graphcore.heads.sequence import make_sequence_head
from graphcore.heads.tcn_stages import build_tcn_stages, list_tcn_weights
from graphcore.heads.temporal import SequenceHead

# Part of every checkpoint's contract: the head's variables are found under it.
SCOPE = "head/tecno"


def make_head(config: TecnoHeadConfig, num_classes: int, seed: int) -> SequenceHead:
    """Makes the head; see `factory.get_head`."""

    def build_network(features: Any, mask: Any, is_training: bool, dropout: float) -> tuple[Any, ...]:
        return build_tcn_stages(features, mask, config, num_classes, SCOPE, seed, is_training, dropout)

    return make_sequence_head(config, num_classes, seed, SCOPE, list_tcn_weights(config, SCOPE), build_network)
