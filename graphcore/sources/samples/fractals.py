"""Folders of fractals: pictures to pre-train a network on without any outside image.

    draw_fractals(Path("data/samples/fractals"), classes=100, per_class=100, size=144, seed=0)

makes `class_0000/0000.jpg` ... as an image folder like any other. Each class is a pure function of the seed
and its own number, so more classes leave the first ones as they were.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import simplejpeg

from graphcore import console
from graphcore.errors import ConfigError
from graphcore.sources.samples.fractal_pictures import choose_look, draw_pictures
from graphcore.sources.samples.fractal_systems import choose_system
from graphcore.sources.samples.ledger import open_ledger

DRAWING_VERSION = 2
"""Part of what decides the bytes: raise it when the same parameters draw other pictures."""

_JPEG_QUALITY = 90


def draw_fractals(folder: Path, classes: int, per_class: int, size: int, seed: int) -> Path:
    """Draws an image folder of fractals; returns at once where it is drawn already.

    A drawing that was cut short is continued. A folder drawn with other parameters is drawn anew.

    Args:
        folder: where the class folders go.
        classes: number of iterated function systems.
        per_class: pictures of each.
        size: width and height in pixels.
        seed: decides every pixel.

    Returns:
        `folder`.

    Raises:
        ConfigError: a number out of range.
        DatasetError: the folder holds files that were not drawn here.
    """
    _check(
        seed=(seed, 0, 2**63),
        classes=(classes, 1, 100_000),
        per_class=(per_class, 1, 100_000),
        drawn_size=(size, 16, 2048),
    )
    folder = Path(folder)
    parameters = {"samples": "fractals", "version": DRAWING_VERSION, "seed": seed, "size": size}
    ledger = open_ledger(folder, {**parameters, "classes": classes, "per_class": per_class})
    missing = [index for index in range(classes) if not ledger.is_finished(_class_name(index))]
    if not missing:
        return folder

    def draw(index: int) -> None:
        pictures = draw_class(index, per_class, size, seed)
        name = _class_name(index)
        ledger.write_unit(name, {f"{name}/{number:04d}.jpg": data for number, data in enumerate(pictures)})
        advance(per_class)

    with console.progress("drawing fractals", total=len(missing) * per_class, unit="pictures") as advance:
        # NumPy and simplejpeg let go of the interpreter's lock for most of the work, so threads do.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            tasks = [pool.submit(draw, index) for index in missing]
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return folder


def draw_class(index: int, count: int, size: int, seed: int) -> list[bytes]:
    """Draws `count` pictures of one class as JPEG files."""
    rng = np.random.default_rng([seed, DRAWING_VERSION, index])
    system, look = choose_system(rng), choose_look(rng)
    return [
        simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality=_JPEG_QUALITY, colorsubsampling="420")
        for picture in draw_pictures(system, look, count, size, rng)
    ]


def _class_name(index: int) -> str:
    return f"class_{index:04d}"


def _check(**options: tuple[int, int, int]) -> None:
    for name, (value, low, high) in options.items():
        if not low <= value <= high:
            raise ConfigError(f"dataset.{name}={value} is not between {low} and {high}.")
