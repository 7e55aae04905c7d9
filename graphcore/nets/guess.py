"""Which network a checkpoint is of, told from its variables: what makes a wrong choice easy to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphcore.layers.round_depth import round_depth
from graphcore.nets import mobilenet_v1, mobilenet_v2, mobilenet_v3

Shapes = Mapping[str, Sequence[int]]

# Scope -> name, of the networks that are known by their scope alone and come in one width.
SCOPES = {
    "InceptionV1": "inception_v1",
    "InceptionV2": "inception_v2",
    "InceptionV3": "inception_v3",
    "InceptionV4": "inception_v4",
    "InceptionResnetV2": "inception_resnet_v2",
    **{name: name for version in (1, 2) for name in (f"resnet_v{version}_{depth}" for depth in (50, 101, 152))},
    **{name: name for name in ("vgg_16", "vgg_19")},
}


@dataclass(frozen=True)
class NetworkGuess:
    """A network that variables seem to be of.

    Attributes:
        name: as in `nets.factory.BACKBONES`.
        width: depth multiplier; None where the network has one width, or where no width fits.
    """

    name: str
    width: float | None = None

    @property
    def title(self) -> str:
        """What messages call it: "mobilenet_v2 of width 1"."""
        return self.name if self.width is None else f"{self.name} of width {self.width:g}"

    def options(self, other: NetworkGuess | None = None) -> str:
        """The options that choose it, where `other` is chosen now: "backbone=mobilenet_v2 backbone.width=1"."""
        name = "" if other and other.name == self.name else f"backbone={self.name}"
        width = "" if self.width is None else f"backbone.width={self.width:g}"
        return f"{name} {width}".strip()


def guess_network(shapes: Shapes) -> NetworkGuess | None:
    """Returns the network that has these variables, None if it is none of ours.

    Args:
        shapes: name -> shape; slim's names ("MobilenetV2/Conv/weights"), in any order, with others among them.
    """
    scopes = {name.partition("/")[0] for name in shapes}
    if mobilenet_v1.SCOPE in scopes:
        return _guess_mobilenet_v1(shapes)
    if mobilenet_v2.SCOPE in scopes:
        return _guess_mobilenet_v2(shapes)
    if mobilenet_v3.SCOPE in scopes:
        return _guess_mobilenet_v3(shapes)
    return next((NetworkGuess(name) for scope, name in SCOPES.items() if scope in scopes), None)


# Each width is read off one layer: the first whose depth tells all widths apart, for a checkpoint of a network that was
# pooled half-way up has no last layers.


def _guess_mobilenet_v1(shapes: Shapes) -> NetworkGuess:
    depth = _depth(shapes, f"{mobilenet_v1.SCOPE}/{mobilenet_v1.END_POINTS[0]}/weights")
    depths = {mobilenet_v1.feature_size(width, mobilenet_v1.END_POINTS[0]): width for width in mobilenet_v1.WIDTHS}
    return NetworkGuess("mobilenet_v1", depths.get(depth))


def _guess_mobilenet_v2(shapes: Shapes) -> NetworkGuess:
    depth = _depth(shapes, f"{mobilenet_v2.SCOPE}/expanded_conv_6/project/weights")
    depths = {round_depth(64 * width): width for width in mobilenet_v2.WIDTHS}
    return NetworkGuess("mobilenet_v2", depths.get(depth))


def _guess_mobilenet_v3(shapes: Shapes) -> NetworkGuess | None:
    squeezed = [name for name in shapes if name.endswith("squeeze_excite/Conv/weights")]
    if not squeezed:
        return None  # the minimalistic variants
    # The small one squeezes from its first block on. Both have 40 maps after their fourth.
    name = mobilenet_v3.SMALL if f"{mobilenet_v3.SCOPE}/expanded_conv/squeeze_excite/Conv/weights" in squeezed else None
    depth = _depth(shapes, f"{mobilenet_v3.SCOPE}/expanded_conv_3/project/weights")
    depths = {round_depth(40 * width): width for width in mobilenet_v3.WIDTHS}
    return NetworkGuess(name or mobilenet_v3.LARGE, depths.get(depth))


def _depth(shapes: Shapes, name: str) -> int:
    shape = shapes.get(name, ())
    return shape[-1] if len(shape) == 4 else 0
