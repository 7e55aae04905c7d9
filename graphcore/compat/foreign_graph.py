"""A frozen graph that anybody made, run on one picture by the names of its nodes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphcore.compat.label_flags import CONTENTS
from graphcore.errors import InputError
from graphcore.graph.program import Program, read_program
from graphcore.graph.runtime import tf, tf1
from graphcore.inference.pictures import read_picture
from graphcore.inputs.preprocess import decode_picture
from graphcore.sources.normalise import PictureOptions

# The first that a graph has, where nobody says. Source: retrain.py and label_image.py of TensorFlow 1.
_PIXEL_INPUTS = ("input", "Mul", "Placeholder", "ResizeBilinear")
_OUTPUTS = ("final_result", "softmax", "MobilenetV1/Predictions/Reshape_1", "InceptionV3/Predictions/Reshape_1")


@dataclass(frozen=True)
class Pixels:
    """How pixels become a network's input: scaled to a size, less `mean`, through `std`.

    Attributes:
        height: in pixels.
        width: in pixels.
        mean: of values in [0, 255].
        std: likewise, not 0.
    """

    height: int
    width: int
    mean: float
    std: float


@dataclass(frozen=True)
class ForeignGraph:
    """A graph with one input and one output.

    Attributes:
        program: from "input" to "scores".
        input_layer: the name of the input's node.
        is_encoded: whether that takes the bytes of a picture, and all preparation is in the graph.
        side: height and width of the input in pixels; None where any will do, or it is encoded.
    """

    program: Program
    input_layer: str
    is_encoded: bool
    side: tuple[int, int] | None

    def run(self, picture: Path, pixels: Pixels | None) -> tuple[np.ndarray, float]:
        """Runs on one picture.

        Args:
            picture: its path; whatever the picture is, it is upright and RGB when the graph sees it.
            pixels: how it is prepared; None where the graph takes it encoded.

        Returns:
            float [classes], the scores, and the seconds that the evaluation took.

        Raises:
            InputError: the picture or its prepared form cannot be taken.
        """
        # A graph that decodes is given what training gave it; where only pixels count none are lost.
        encoded = read_picture(picture, PictureOptions(format="jpeg" if pixels is None else "png"))
        value = encoded if pixels is None else prepare(encoded, pixels)
        if pixels is None and self.program.find_input("input").shape.rank not in (0, None):
            value = [encoded]
        started = time.monotonic()
        try:
            (scores,) = self.program.run({"input": value}, ["scores"])
        except (tf.errors.InvalidArgumentError, ValueError) as error:
            raise InputError(
                f"The graph does not take {picture} at {self.input_layer}: {str(error).splitlines()[0]}",
                next_step="Give another --input_layer, or other --input_height and --input_width.",
            ) from None
        return np.reshape(scores, -1), time.monotonic() - started


def prepare(encoded: bytes, pixels: Pixels) -> np.ndarray:
    """Decodes and prepares a picture as label_image.py did.

    Args:
        encoded: JPEG or PNG.
        pixels: the size and the range.

    Returns:
        float32 [1, height, width, 3].
    """
    with tf.Graph().as_default(), tf1.Session() as session:
        image = tf.cast(decode_picture(encoded), tf.float32)
        scaled = tf1.image.resize_bilinear(image[tf.newaxis], [pixels.height, pixels.width])
        return session.run((scaled - pixels.mean) / pixels.std)


def open_graph(path: Path, input_layer: str | None, output_layer: str | None, wants_pixels: bool) -> ForeignGraph:
    """Imports a frozen graph, if its operations are plain computation, and finds its ends.

    Args:
        path: a binary GraphDef.
        input_layer: its input's node; None for the classic names, encoded pictures first.
        output_layer: its output's node; None for the classic names.
        wants_pixels: whether encoded pictures are out of the question.

    Raises:
        InputError: there is no such graph or node, or the graph could do more than compute.
    """
    graph = read_program(path, {}, {}).graph
    operations = {op.name: op.outputs[0] for op in graph.get_operations() if op.outputs}
    inputs = _PIXEL_INPUTS if wants_pixels else (CONTENTS, *_PIXEL_INPUTS)
    ends = [name for name, tensor in operations.items() if not tensor.consumers()]
    starts = [name for name, tensor in operations.items() if tensor.op.type.startswith("Placeholder")]
    source = _find(path, "--input_layer", input_layer, inputs, operations, starts)
    target = _find(path, "--output_layer", output_layer, _OUTPUTS, operations, ends)
    tensor = operations[source]
    is_encoded = tensor.dtype == tf.string
    program = Program(graph, {"input": source}, {"scores": target})
    return ForeignGraph(program, source, is_encoded, None if is_encoded else _find_side(tensor))


def _find_side(tensor: tf.Tensor) -> tuple[int, int] | None:
    """Height and width of a batch of pictures, where they are fixed."""
    if tensor.shape.rank != 4:
        return None
    _, height, width, _ = tensor.shape.as_list()
    return None if height is None or width is None else (height, width)


def _find(
    path: Path,
    flag: str,
    given: str | None,
    classic: Sequence[str],
    operations: dict[str, tf.Tensor],
    likely: Sequence[str],
) -> str:
    """A node by what was given, or the first of the classic names that is there."""
    names = [given.removesuffix(":0")] if given else list(classic)
    for name in names:
        if name in operations:
            return name
    what = f"{flag}={given}, and {path} has no such node" if given else f"{path} has none of {', '.join(classic)}"
    raise InputError(f"{what}.", choices=likely[:20], next_step=f"Say which: {flag}=NAME.")
