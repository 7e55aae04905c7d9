"""What a run made, put where a classic script's flags say: files in one step, folders never over others."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphcore import atomic
from graphcore.console import say, warn
from graphcore.errors import ConfigError

FILE, FOLDER, FOUND, LINK = "file", "folder", "found", "link"


@dataclass(frozen=True)
class Product:
    """Something of a run that is wanted elsewhere.

    Attributes:
        flag: that names the place.
        source: relative to the run; with `FOUND` a pattern of files.
        place: where it goes; with `FOUND` the folder they go to.
        kind: `FILE`, `FOLDER`, `FOUND` (files by a pattern), or `LINK` to what is in the run.
        renamed: with `FOUND`, what the beginning of the files' names becomes: (old, new).
    """

    flag: str
    source: str
    place: Path
    kind: str = FILE
    renamed: tuple[str, str] = ("", "")


def check_products(products: Sequence[Product]) -> None:
    """Finds places that nothing can be put at before hours are spent on training.

    Raises:
        ConfigError: naming the flag.
    """
    for product in products:
        problem = _find_problem(product)
        if problem:
            raise ConfigError(
                f"--{product.flag}={product.place} {problem}.", next_step=f"Give another: --{product.flag}=PATH."
            )


def _find_problem(product: Product) -> str:
    place = product.place
    above = next((parent for parent in (place, *place.parents) if parent.exists()), Path())
    if product.kind == FILE and place.is_dir():
        return "is a folder, and a file is to be written"
    if product.kind != FILE and place.exists() and not place.is_dir():
        return "is a file, and a folder is wanted"
    if product.kind == FOLDER and place.is_dir() and any(place.iterdir()):
        return "is a folder with something in it"
    if product.kind == LINK and place.exists() and not place.is_symlink():
        return "exists already, and nothing is removed"
    if not above.is_dir() and above != place:
        return f"lies below the file {above}"
    if not os.access(above, os.W_OK):
        return f"cannot be written: {above} is read-only"
    return ""


def link_products(products: Sequence[Product], run_dir: Path) -> None:
    """Makes the links, before the training: TensorBoard may look through them from the first step on."""
    for product in products:
        if product.kind == LINK:
            _link(product, run_dir / product.source)


def place_products(products: Sequence[Product], run_dir: Path) -> None:
    """Copies everything else, after the training."""
    for product in products:
        source = run_dir / product.source
        if product.kind == FILE:
            atomic.write_bytes(product.place, source.read_bytes())
            say(f"Wrote {product.place} (--{product.flag})")
        elif product.kind == FOLDER:
            _copy_folder(source, product.place)
            say(f"Wrote {product.place} (--{product.flag})")
        elif product.kind == FOUND:
            _copy_found(product, run_dir)


def _copy_found(product: Product, run_dir: Path) -> None:
    found = sorted(run_dir.glob(product.source))
    old, new = product.renamed
    for path in found:
        atomic.write_bytes(product.place / (new + path.name.removeprefix(old)), path.read_bytes())
    say(f"Wrote {len(found)} files in {product.place} (--{product.flag})")


def _copy_folder(source: Path, place: Path) -> None:
    """A folder that is either wholly there or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.") as temporary:
        shutil.copytree(source, Path(temporary) / "copy")
        os.replace(Path(temporary) / "copy", place)  # an empty folder may be replaced


def _link(product: Product, target: Path) -> None:
    place = product.place
    if place.is_symlink() and place.resolve() == target.resolve():
        return
    target.mkdir(parents=True, exist_ok=True)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink():
            place.unlink()
        place.symlink_to(target.absolute(), target_is_directory=True)
    except OSError as error:  # file systems without links
        warn(f"{place} could not be made a link to {target}: {error.strerror}")
        return
    say(f"{place} shows {target} (--{product.flag})")
