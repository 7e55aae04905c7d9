"""From the name in a configuration to a backbone that can be built."""

from __future__ import annotations

import importlib
from dataclasses import replace

from graphcore.config import BackboneConfig
from graphcore.errors import ConfigError
from graphcore.nets.backbone import Backbone
from graphcore.nets.weights import CheckpointSource, locate_checkpoint

# Name -> the module beside this one whose `make_backbone(name, width, image_size, end_point)` makes it.
BACKBONES: dict[str, str] = {
    "mobilenet_v1": "mobilenet_v1",
}


def get_configured_backbone(config: BackboneConfig) -> tuple[Backbone, CheckpointSource | None]:
    """Looks up the backbone and finds the weights that a configuration names; reads none.

    Where no end point is chosen it is the one that suits the weights: "embedded_fine" is pooled half-way up, a run's
    backbone where that run did, all others at the last layer.

    Raises:
        ConfigError: see `get_backbone`.
        CheckpointError: there is no such checkpoint.
    """
    get_backbone(config.name, config.width, config.image_size)
    source = locate_checkpoint(config.checkpoint) if config.checkpoint else None
    end_point = config.end_point or (source.end_point if source else None)
    backbone = get_backbone(config.name, config.width, config.image_size, end_point)
    if config.grayscale:
        backbone = replace(backbone, input_spec=replace(backbone.input_spec, grayscale=True))
    return backbone, source


def get_backbone(name: str, width: float = 1.0, image_size: int = 224, end_point: str | None = None) -> Backbone:
    """Looks a backbone up.

    Args:
        name: one of `BACKBONES`.
        width: depth multiplier.
        image_size: side of the square input, pixels.
        end_point: the layer to pool; None for the last.

    Raises:
        ConfigError: there is no such network, width, size or end point; the message lists those there are.
    """
    if name not in BACKBONES:
        raise ConfigError(f"backbone.name is {name!r}, and no such network is built in.", choices=sorted(BACKBONES))
    # Only the module that is asked for is loaded: each brings layers of its own.
    module = importlib.import_module(f"graphcore.nets.{BACKBONES[name]}")
    return module.make_backbone(name, width, image_size, end_point)
