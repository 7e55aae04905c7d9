import io

import pytest
from PIL import Image

from graphcore.training.contact_sheet import GAP, LINE_HEIGHT, Tile, make_sheet, plan_columns, plan_tile_side, shrink
from graphcore.training.lettering import INK


@pytest.mark.parametrize(("count", "columns"), [(0, 1), (1, 1), (2, 2), (4, 2), (5, 3), (16, 4), (17, 5)])
def test_a_sheet_is_about_as_wide_as_it_is_high(count, columns):
    assert plan_columns(count) == columns


@pytest.mark.parametrize(("count", "side"), [(1, 160), (16, 160), (144, 158), (400, 92), (1024, 64)])
def test_tiles_shrink_where_there_are_many(count, side):
    assert plan_tile_side(count) == side


def test_pictures_keep_their_aspect_and_are_never_enlarged():
    assert shrink(Image.new("RGB", (400, 200)), 160).size == (160, 80)
    assert shrink(Image.new("L", (40, 20)), 160).size == (40, 20)
    assert shrink(Image.new("L", (40, 20)), 160).mode == "RGB"


def test_tiles_lie_row_by_row_with_room_for_their_lines():
    red, blue = Image.new("RGB", (160, 160), (250, 0, 0)), Image.new("RGB", (160, 160), (0, 0, 250))
    sheet = make_sheet([Tile(red, (("one", INK), ("two", INK))), Tile(blue), Tile(blue)])
    height = 160 + 2 * LINE_HEIGHT
    assert (sheet.width, sheet.height) == (GAP + 2 * (160 + GAP), GAP + 2 * (height + GAP))
    pixels = Image.open(io.BytesIO(sheet.encoded)).convert("RGB")
    assert pixels.size == (sheet.width, sheet.height)
    for place, near in {
        (GAP + 80, GAP + 80): (250, 0, 0),
        (2 * GAP + 160 + 80, GAP + 80): (0, 0, 250),
        (GAP + 80, 2 * GAP + height + 80): (0, 0, 250),
        (sheet.width - 50, sheet.height - 50): (255, 255, 255),
    }.items():
        assert pixels.getpixel(place) == pytest.approx(near, abs=12)
