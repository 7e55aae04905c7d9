"""What the released MobileNet v2 and v3 checkpoints hold, from the tables in `released/`."""

from dataclasses import dataclass
from pathlib import Path

SCOPES = {"mobilenet_v2": "MobilenetV2", "mobilenet_v3_small": "MobilenetV3", "mobilenet_v3_large": "MobilenetV3"}
_NORM = ("beta", "gamma", "moving_mean", "moving_variance")


@dataclass(frozen=True)
class Layer:
    """A layer, its kind (norm, depthwise, biases), and the shape of its filters."""

    name: str
    kind: str
    shape: tuple[int, int, int, int]

    def shapes(self):
        """Every variable's shape, by its name below the layer."""
        if self.kind == "biases":
            return {"weights": self.shape, "biases": self.shape[3:]}
        filters = "depthwise_weights" if self.kind == "depthwise" else "weights"
        depth = self.shape[2] if self.kind == "depthwise" else self.shape[3]
        return {filters: self.shape, **{f"BatchNorm/{name}": (depth,) for name in _NORM}}


@dataclass(frozen=True)
class Released:
    """A network at one width."""

    name: str
    width: float
    parameters: int
    layers: tuple[Layer, ...]

    def shapes(self):
        """Every variable's shape by its name, with the network's own last layer of 1001 classes."""
        scope = SCOPES[self.name]
        return {
            f"{scope}/{layer.name}/{variable}": shape
            for layer in self.layers
            for variable, shape in layer.shapes().items()
        }


def read_released():
    """Every network at every width it was released with."""
    return [released for name in SCOPES for released in _read(name)]


def _read(name):
    text = (Path(__file__).parent / "released" / f"{name}.txt").read_text()
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    for column, (width, parameters) in enumerate(zip(rows[0][1:], rows[1][1:], strict=True)):
        layers = [Layer(layer, kind, _shape(kernel, depths[column])) for layer, kind, kernel, *depths in rows[2:]]
        yield Released(name, float(width), int(parameters), tuple(layers))


def _shape(kernel, depths):
    return (*map(int, kernel.split("x")), *map(int, depths.split("x")))
