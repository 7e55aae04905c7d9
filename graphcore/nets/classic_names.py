"""What tensors of well-known graphs are called: where pictures go in, and where the pooled features come out.

Features are the pooled maps below the last layer, never its probabilities: a new layer on top of 1001 probabilities
learns less than one on what these were made of.

Source: tensorflow/tensorflow v1.4, examples/image_retraining/retrain.py (names and range of the Inception of 2015);
tensorflow/models, research/slim/nets (scopes of the slim networks); tensorflow/hub, docs/common_signatures/images.md
(keys and range of modules).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """What black and white become, where a kind of graph is known to want that."""

    low: float
    high: float


# The Inception of 2015 was fed (pixel - 128) / 128.
INCEPTION_2015 = Range(-1.0, 127.0 / 128.0)
HUB = Range(0.0, 1.0)

# Operations, the first that is there; what follows a prefix "x/" of a scope counts too.
_FEATURES = (
    r"pool_3/_reshape",  # Inception of 2015
    *(r"features", r"pooled"),  # our own graphs
    r"(MobilenetV\d|InceptionV\d|InceptionResnetV2)/Logits/(AvgPool|GlobalPool)\w*(/AvgPool)?",
    r"resnet_v\d_\d+/pool5",
    r"vgg_\d+/fc7/Relu",
    r"hub_output/feature_vector/\w+",
    r"(global_average_pooling2d(_\d+)?|avg_pool|top_pool)/Mean",  # Keras
)
_SCOPES = r"(.*/)?"
_INPUTS = ("input", "Placeholder", "images", "image", "x", "inputs", "hub_input/images", "hub_input/Sub")
_SIGNATURE_FEATURES = ("features", "feature_vector", "embedding", "embeddings", "pooled")
_FEATURE_SIGNATURES = ("image_feature_vector",)


def find_features(ops: Iterable[str], signature: str = "", outputs: Mapping[str, str] | None = None) -> str | None:
    """The tensor of the pooled features; None where no name is known.

    Args:
        ops: names of the graph's operations.
        signature: name of a SavedModel's signature.
        outputs: that signature's: key -> tensor name.
    """
    outputs = outputs or {}
    named = next((outputs[key] for key in _SIGNATURE_FEATURES if key in outputs), None)
    if named is None and signature in _FEATURE_SIGNATURES:
        named = outputs.get("default")
    if named is not None:
        return named
    names = list(ops)
    for pattern in _FEATURES:
        # The last is the nearest to the output, should a graph hold several networks.
        found = [name for name in names if re.fullmatch(_SCOPES + pattern, name)]
        if found:
            return f"{found[-1]}:0"
    return None


def find_input(ops: Iterable[str], pictures: Iterable[str], features: str | None) -> str | None:
    """The tensor that pictures are fed to; None where no name is known.

    Args:
        ops: names of the graph's operations.
        pictures: those of its placeholders whose shape may be that of a batch of pictures.
        features: the tensor of its features.
    """
    # Its "Mul" is the last step of its own preparation, above which it decodes JPEG one at a time.
    if features is not None and features.startswith("pool_3") and "Mul" in set(ops):
        return "Mul:0"
    pictures = list(pictures)
    if len(pictures) == 1:
        return f"{pictures[0]}:0"
    for wanted in _INPUTS:
        found = [name for name in pictures if re.fullmatch(_SCOPES + re.escape(wanted), name)]
        if found:
            return f"{found[0]}:0"
    return None


def guess_range(input_tensor: str) -> Range | None:
    """What is known of the values that a graph wants at its input; None for nothing."""
    if input_tensor == "Mul:0":
        return INCEPTION_2015
    return HUB if re.fullmatch(_SCOPES + r"hub_input/\w+:0", input_tensor) else None
