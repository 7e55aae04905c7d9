"""Many small pictures with captions as one large one, so that TensorBoard shows them together at every step."""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from graphcore.training.lettering import fit, get_font
from graphcore.training.summaries import Picture

GAP = 8
# Read on a card of TensorBoard, which halves the sheet.
FONT_SIZE = 18
LINE_HEIGHT = 22
# Beyond some 2,000 pixels a side no screen shows more of it.
LARGEST_SHEET = 2000
SMALLEST_TILE, LARGEST_TILE = 64, 160
# What TensorBoard's cards do not say themselves.
ENLARGE = "Click the picture to see it in its own size."
PAPER = (255, 255, 255)
_JPEG_QUALITY = 85
_PNG_LEVEL = 3

# A text and its colour.
Line = tuple[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Tile:
    """A picture and the lines below it; all tiles of a sheet have as many."""

    picture: Image.Image
    lines: tuple[Line, ...] = ()


def plan_columns(count: int) -> int:
    """How many tiles stand side by side: about as many as below each other, the last row not shorter than need be."""
    return max(1, math.ceil(math.sqrt(count)))


def plan_tile_side(count: int) -> int:
    """The side of each of `count` tiles in pixels."""
    return max(SMALLEST_TILE, min(LARGEST_TILE, LARGEST_SHEET // plan_columns(count) - GAP))


def make_sheet(tiles: Sequence[Tile]) -> Picture:
    """Lays out the tiles, row by row; at least one."""
    columns, side = plan_columns(len(tiles)), plan_tile_side(len(tiles))
    height = side + LINE_HEIGHT * max(len(tile.lines) for tile in tiles)
    rows = math.ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (GAP + columns * (side + GAP), GAP + rows * (height + GAP)), PAPER)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        _lay(sheet, tile, GAP + column * (side + GAP), GAP + row * (height + GAP), side)
    return to_jpeg(sheet)


def to_jpeg(picture: Image.Image) -> Picture:
    """Photos: a fifth of a PNG's bytes and time, which counts where it is written at every evaluation."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_JPEG_QUALITY)
    return Picture(file.getvalue(), *picture.size)


def to_png(picture: Image.Image) -> Picture:
    """Drawings: letters stay sharp, and even areas take next to nothing.

    A matrix of 10 classes takes 1.9 ms instead of 2.8 at the library's own level, and 19 KB instead of 17.
    """
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=_PNG_LEVEL)
    return Picture(file.getvalue(), *picture.size)


def shrink(picture: Image.Image, side: int) -> Image.Image:
    """The whole picture, no side longer than `side`; a smaller one stays as it is."""
    if max(picture.size) <= side:
        return picture.convert("RGB")
    # A JPEG decodes faster straight to a smaller size; without effect on all else.
    picture.draft("RGB", (side, side))
    return ImageOps.contain(picture.convert("RGB"), (side, side), Image.Resampling.BILINEAR)


def _lay(sheet: Image.Image, tile: Tile, left: int, top: int, side: int) -> None:
    picture = shrink(tile.picture, side)
    sheet.paste(picture, (left + (side - picture.width) // 2, top + (side - picture.height) // 2))
    for number, line in enumerate(tile.lines):
        sheet.paste(_draw_line(line, side), (left - GAP // 2, top + side + number * LINE_HEIGHT))


# The same mistakes come back at the next evaluation, and in the next job of a sweep.
@functools.lru_cache(maxsize=256)
def _draw_line(line: Line, width: int) -> Image.Image:
    """A line on paper, with half a gap on both sides for letters that lean out."""
    (text, colour), font = line, get_font(FONT_SIZE)
    strip = Image.new("RGB", (width + GAP, LINE_HEIGHT), PAPER)
    ImageDraw.Draw(strip).text((GAP // 2, 0), fit(text, font, width), colour, font)
    return strip
