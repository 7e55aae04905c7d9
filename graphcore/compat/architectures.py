"""retrain.py's names of networks, those of the modules that it took later, and where their weights lie here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graphcore.errors import ConfigError

_WIDTHS = {"1.0": 1.0, "0.75": 0.75, "0.50": 0.5, "0.25": 0.25}
_SIZES = (224, 192, 160, 128)
_QUANTIZED = "_quantized"

_MODULE = re.compile(
    r"imagenet/(?P<name>mobilenet_v[12]|inception_v[123]|resnet_v[12]_(?:50|101|152)|inception_resnet_v2)"
    r"(?:_(?P<percent>\d{3})_(?P<size>\d{2,3}))?/"
)


@dataclass(frozen=True)
class Architecture:
    """A network as retrain.py chose it.

    Attributes:
        name: of the backbone.
        width: its depth multiplier; None where it has one width.
        image_size: pixels; None where it has one size.
        quantized: whether the script would have taken weights of 8 bits.
        folders: what the archives of its weights unpack to, in the years' several spellings.
    """

    name: str
    width: float | None = None
    image_size: int | None = None
    quantized: bool = False
    folders: tuple[str, ...] = ()


def list_architectures() -> list[str]:
    """All that `--architecture` may be."""
    mobile = [f"mobilenet_{width}_{size}" for width in _WIDTHS for size in _SIZES]
    return ["inception_v3", *mobile, *(f"{name}{_QUANTIZED}" for name in mobile)]


def parse_architecture(name: str) -> Architecture:
    """Reads `--architecture`.

    Raises:
        ConfigError: there is no such network.
    """
    if name not in list_architectures():
        raise ConfigError(
            f"--architecture={name} is not known.",
            choices=["inception_v3", "mobilenet_<1.0|0.75|0.50|0.25>_<224|192|160|128>[_quantized]"],
        )
    if name == "inception_v3":
        return Architecture("inception_v3", folders=("inception_v3", "inception-2015-12-05"))
    quantized = name.endswith(_QUANTIZED)
    _, width, size = name.removesuffix(_QUANTIZED).split("_")
    widths = dict.fromkeys((width, str(_WIDTHS[width])))
    folders = [f"{start}_{one}_{size}" for start in ("mobilenet_v1", "mobilenet") for one in widths]
    return Architecture("mobilenet_v1", _WIDTHS[width], int(size), quantized, tuple(folders))


def parse_module(handle: str) -> Architecture:
    """Reads `--tfhub_module`, the address of a module of features on tfhub.dev.

    Raises:
        ConfigError: it is of a network that graphcore does not build.
    """
    match = _MODULE.search(f"{handle}/")
    if match is None:
        raise ConfigError(
            f"--tfhub_module={handle} cannot be had: TensorFlow Hub's modules do not run on a current TensorFlow, and "
            "graphcore builds no network of that name.",
            choices=[
                "https://tfhub.dev/google/imagenet/<mobilenet_v1_050_160, mobilenet_v2_100_224, inception_v3, "
                "resnet_v2_50 ...>/feature_vector/1"
            ],
            next_step="A SavedModel's folder is a backbone too: train backbone=graph backbone.checkpoint=FOLDER.",
        )
    name, size = match["name"], match["size"]
    width = int(match["percent"]) / 100 if match["percent"] else None
    spelled = "" if width is None else f"_{width}_{size}"
    return Architecture(name, width, int(size) if size else None, False, (f"{name}{spelled}",))


def find_weights(architecture: Architecture, model_dir: Path) -> tuple[str, Path] | None:
    """Looks for a network's weights where the script would have kept them.

    Args:
        architecture: whose.
        model_dir: the folder.

    Returns:
        "checkpoint" and its folder or "graph" and its file; None where there is neither.
    """
    for folder in (*(model_dir / name for name in architecture.folders), model_dir):
        if _is_checkpoint_of(folder, architecture):
            return "checkpoint", folder
        for graph in _list_graphs(architecture):
            if (folder / graph).is_file():
                return "graph", folder / graph
    return None


def _is_checkpoint_of(folder: Path, architecture: Architecture) -> bool:
    """Whether a folder holds a checkpoint that its own or the folder's name does not give to another network."""
    if not folder.is_dir():
        return False
    names = [path.name for path in folder.iterdir() if path.name.endswith((".index", ".ckpt"))]
    known = (*architecture.folders, "model.ckpt", "checkpoint")
    return bool(names) and (folder.name in architecture.folders or any(name.startswith(known) for name in names))


def _list_graphs(architecture: Architecture) -> Iterator[str]:
    """The names of frozen graphs that were in the archives."""
    if architecture.name == "inception_v3":
        yield "classify_image_graph_def.pb"
    for folder in architecture.folders:
        yield f"{folder}_frozen.pb"
    yield "frozen_graph.pb"
