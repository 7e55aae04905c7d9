"""From the name in a configuration to a backbone that can be built."""

from __future__ import annotations

import importlib
from dataclasses import replace

from graphcore.config import BackboneConfig
from graphcore.config.network import GRAPH
from graphcore.errors import ConfigError
from graphcore.nets.backbone import Backbone
from graphcore.nets.catalogue import plan_archive
from graphcore.nets.fetch import fetch_checkpoint
from graphcore.nets.weights import IMAGENET, CheckpointSource, locate_checkpoint

# Name -> the module beside this one whose `make_backbone(name, width, image_size, end_point)` makes it.
BACKBONES: dict[str, str] = {
    "mobilenet_v1": "mobilenet_v1",
    "mobilenet_v2": "mobilenet_v2",
    "mobilenet_v3_small": "mobilenet_v3",
    "mobilenet_v3_large": "mobilenet_v3",
    "inception_v1": "inception",
    "inception_v2": "inception",
    "inception_v3": "inception",
    "inception_v4": "inception_v4",
    "inception_resnet_v2": "inception_resnet_v2",
    **{f"resnet_{version}_{layers}": "resnet" for version in ("v1", "v2") for layers in (50, 101, 152)},
    "vgg_16": "vgg",
    "vgg_19": "vgg",
}


def get_configured_backbone(config: BackboneConfig) -> tuple[Backbone, CheckpointSource | None]:
    """Looks up the backbone and finds the weights that a configuration names; "imagenet" is fetched if need be.

    Where no end point is chosen it is the one that suits the weights: "embedded_fine" is pooled half-way up, a run's
    backbone where that run did, all others at the last layer.

    Raises:
        ConfigError: see `get_backbone`; or an option means nothing for this backbone.
        CheckpointError: there is no such checkpoint, or it has no moving averages where they are wanted.
        InputError: the backbone is a graph that is damaged, or does more than compute.
    """
    if config.name == GRAPH:
        from graphcore.nets.foreign import get_foreign_backbone

        return get_foreign_backbone(config)
    get_backbone(config.name, config.width, config.image_size, config.end_point)
    source = _find_source(config)
    end_point = config.end_point or (source.end_point if source else None)
    backbone = get_backbone(config.name, config.width, config.image_size, end_point)
    if config.grayscale:
        backbone = replace(backbone, input_spec=replace(backbone.input_spec, grayscale=True))
    return backbone, source


def _find_source(config: BackboneConfig) -> CheckpointSource | None:
    if not config.checkpoint:
        _refuse_without_checkpoint(config)
        return None
    if config.checkpoint == IMAGENET:
        source = fetch_checkpoint(plan_archive(config.name, config.width, config.image_size))
    else:
        source = locate_checkpoint(config.checkpoint)
    source = replace(
        source,
        use_ema=source.use_ema if config.use_ema is None else config.use_ema,
        exclude_scopes=tuple(config.exclude_scopes or ()),
        ignore_missing=config.ignore_missing,
    )
    if config.use_ema:
        source.shapes()  # told now, and not after hours of converting
    return source


def _refuse_without_checkpoint(config: BackboneConfig) -> None:
    for name in ("use_ema", "exclude_scopes", "ignore_missing"):
        if getattr(config, name):
            raise ConfigError(
                f"backbone.{name}={getattr(config, name)} means nothing with backbone.checkpoint=null.",
                next_step=f"Name a checkpoint, or leave backbone.{name} out.",
            )


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
