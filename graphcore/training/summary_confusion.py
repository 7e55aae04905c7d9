"""The confusion matrix of each evaluation, as a picture with TensorBoard's slider over the steps."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from graphcore.training.contact_sheet import ENLARGE, PAPER, to_png
from graphcore.training.lettering import INK, QUIET, fit, get_font, plan_names
from graphcore.training.observer import Moment, Observer
from graphcore.training.summaries import Picture

# More rows cannot be read in a browser's window; of more classes those that are confused most are shown.
MOST_CLASSES = 30
LONGEST_NAME = 160
MARGIN = 10
FONT_SIZE = 12
# What TensorBoard's cards are wide: anything else is stretched or shrunk without any smoothing.
CARD_WIDTH = 350
SMALLEST_CELL, LARGEST_CELL = 26, 64
# From white to this blue as a class's share in its row grows; the root lifts rare mistakes out of the white.
_FULL = np.array((8, 64, 129), np.float64)
_LIGHT_INK_FROM = 0.55
# Three digits are within the smallest cell.
_FITS_BELOW = 1000


class ConfusionMatrix(Observer):
    """Draws it at every evaluation; silent where a picture may have several labels."""

    def __init__(self, labels: Sequence[str]) -> None:
        """Takes the classes' names in order."""
        self._names = plan_names(labels)
        # Near the end of a training one evaluation is often as the one before.
        self._drawn: tuple[np.ndarray, Picture] | None = None

    def evaluated(self, moment: Moment) -> None:
        """Writes it."""
        found = moment.evaluation
        if found is None or found.labels.ndim != 1 or not len(found.labels):
            return
        counts = count_confusion(found.labels, found.scores)
        if self._drawn is None or not np.array_equal(self._drawn[0], counts):
            self._drawn = counts, draw_confusion(counts, self._names)
        description = "Rows: what the pictures are. Columns: what they were called. Shade: share of the row. " + ENLARGE
        moment.writers.write_image("validation", moment.step, "pictures/confusion", self._drawn[1], description)


def count_confusion(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Samples by true class (row) and called class (column).

    Args:
        labels: int [n].
        scores: float [n, classes].

    Returns:
        int64 [classes, classes].
    """
    classes = scores.shape[1]
    cells = labels.astype(np.int64) * classes + np.argmax(scores, axis=1)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def choose_classes(counts: np.ndarray, most: int = MOST_CLASSES) -> np.ndarray:
    """The classes to show, ascending: all, or the `most` that take part in most mistakes.

    Args:
        counts: int [classes, classes].
        most: how many fit.
    """
    if len(counts) <= most:
        return np.arange(len(counts))
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    return np.sort(np.argsort(-mistakes, kind="stable")[:most])


def draw_confusion(counts: np.ndarray, names: Sequence[str]) -> Picture:
    """Draws counts int [classes, classes] with their `names`, true classes by row."""
    shown = choose_classes(counts)
    shares = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))[np.ix_(shown, shown)]
    font = get_font(FONT_SIZE)
    written = [fit(names[int(number)], font, LONGEST_NAME) for number in shown]
    room = int(max(font.getlength(name) for name in written)) + 2 * MARGIN
    cell = max(SMALLEST_CELL, min(LARGEST_CELL, (CARD_WIDTH - room - MARGIN) // len(shown)))
    title = _plan_title(counts, len(shown))
    width = max(CARD_WIDTH, room + cell * len(shown) + MARGIN, int(font.getlength(title)) + 2 * MARGIN)
    corner = (room, MARGIN + 16 + room)
    sheet = _draw_empty(tuple(written), width, corner, cell).copy()
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), title, QUIET, font)
    for row, column in np.argwhere(shares).tolist():
        number, share = int(counts[shown[row], shown[column]]), float(shares[row, column])
        place = (corner[0] + column * cell, corner[1] + row * cell)
        if number < _FITS_BELOW:
            sheet.paste(_make_cell(cell, share, number), place)
        else:
            _draw_cell(draw, place, cell, share, number, font)
    for index in range(len(shown)):
        draw.rectangle(_box((corner[0] + index * cell, corner[1] + index * cell), cell), outline=INK)
    return to_png(sheet)


def _plan_title(counts: np.ndarray, shown: int) -> str:
    right = f"{np.trace(counts):,} of {counts.sum():,} right"
    part = f", the {shown} of {len(counts)} classes in most mistakes" if shown < len(counts) else ""
    return f"{right}{part}; rows: true, columns: called"


# The same at every evaluation, and in every job of a sweep.
@functools.lru_cache(maxsize=4)
def _draw_empty(names: tuple[str, ...], width: int, corner: tuple[int, int], cell: int) -> Image.Image:
    sheet = Image.new("RGB", (width, corner[1] + cell * len(names) + MARGIN), PAPER)
    font = get_font(FONT_SIZE)
    _write_names(sheet, names, font, corner, cell)
    draw = ImageDraw.Draw(sheet)
    for row, column in np.ndindex(len(names), len(names)):
        _draw_cell(draw, (corner[0] + column * cell, corner[1] + row * cell), cell, 0.0, 0, font)
    return sheet


# From one evaluation to the next, and from job to job of a sweep, most cells stay as they are or come back.
@functools.lru_cache(maxsize=512)
def _make_cell(cell: int, share: float, number: int) -> Image.Image:
    """The square of a `number` that does not lean out of it."""
    made = Image.new("RGB", (cell - 1, cell - 1))
    _draw_cell(ImageDraw.Draw(made), (0, 0), cell, share, number, get_font(FONT_SIZE))
    return made


def _write_names(sheet: Image.Image, names: Sequence[str], font, corner: tuple[int, int], cell: int) -> None:
    draw = ImageDraw.Draw(sheet)
    left, top = corner
    for index, name in enumerate(names):
        middle = index * cell + cell // 2
        draw.text((left - MARGIN, top + middle), name, INK, font, anchor="rm")
        length = int(font.getlength(name)) + 1
        upright = Image.new("RGB", (length, cell), PAPER)
        ImageDraw.Draw(upright).text((0, cell // 2), name, INK, font, anchor="lm")
        sheet.paste(upright.transpose(Image.Transpose.ROTATE_90), (left + index * cell, top - MARGIN // 2 - length))


def _box(corner: tuple[int, int], cell: int) -> list[int]:
    return [corner[0], corner[1], corner[0] + cell - 2, corner[1] + cell - 2]


def _draw_cell(draw: ImageDraw.ImageDraw, corner: tuple[int, int], cell: int, share: float, number: int, font) -> None:
    white = np.array((244, 246, 249), np.float64)
    red, green, blue = (int(value) for value in white + (_FULL - white) * share)
    draw.rectangle(_box(corner, cell), fill=(red, green, blue))
    if number:
        ink = PAPER if share > _LIGHT_INK_FROM else INK
        small = get_font(10) if font.getlength(str(number)) > cell - 4 else font
        draw.text((corner[0] + cell // 2 - 1, corner[1] + cell // 2 - 1), str(number), ink, small, anchor="mm")
