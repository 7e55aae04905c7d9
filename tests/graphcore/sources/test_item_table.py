from __future__ import annotations

import hashlib
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.item import Item
from graphcore.sources.item_table import ItemTable

DIGEST = hashlib.sha256(b"x").hexdigest()
PHOTO = Item("cat/1.jpg", DIGEST, "cat", "cat/1.jpg", "jpeg", 480, 640, 31_000, DIGEST, "/photos/cat/1.jpg")
FRAME = Item("5@1.250", "5@1.250", "cut", "x/5.mp4", "jpeg", 480, 640, 31_000, DIGEST, "/spool", 77, "5", 1.25)

TEXTS = st.text(max_size=5)
NUMBERS = st.integers(0, 2**40)
ITEMS = st.builds(
    Item, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, NUMBERS, NUMBERS, NUMBERS, TEXTS | st.just(DIGEST), TEXTS, NUMBERS, TEXTS,
    st.none() | st.floats(0, 1e6), TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.none() | st.lists(TEXTS).map(tuple),
)  # fmt: skip


def make(*items: Item) -> ItemTable:
    table = ItemTable()
    for item in items:
        table.append(item)
    return table


@given(items=st.lists(ITEMS, max_size=5))
def test_items_come_back_as_they_were(items):
    table = make(*items)
    assert list(table) == items
    assert table[1:] == items[1:]
    assert len(table) == len(items)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"identity": "cat/1.jpg"},
        {"identity": "another"},
        {"digest": DIGEST.upper()},
        {"digest": "ab cd"},
        {"source": "cat/1.jpg"},
        {"source": ""},
        {"filename": ""},
        {"key": "caf\udce9"},
        {"offset": 3},
        {"time_secs": 0.0},
        {"labels": ()},
        {"group": "ward 3", "split": "test", "subject": "anna", "camera": "left", "recording": "r"},
    ],
)
def test_what_is_the_same_text_and_what_is_not(change):
    item = PHOTO._replace(**change)
    assert list(make(item)) == [item]


def test_an_item_is_found_from_both_ends():
    table = make(PHOTO, FRAME)
    assert (table[0], table[-1]) == (PHOTO, FRAME)
    with pytest.raises(IndexError):
        table[2]


def test_tables_are_joined_in_order():
    whole = make(PHOTO)
    whole.join(make(FRAME, PHOTO))
    whole.append(FRAME)
    assert list(whole) == [PHOTO, FRAME, PHOTO, FRAME]
    assert whole == make(PHOTO, FRAME, PHOTO, FRAME)
    assert whole != make(PHOTO, FRAME)


def test_what_items_have_in_common_is_held_once_for_several_tables():
    shared = {}
    for _ in range(3):
        table = ItemTable(shared)
        for number in range(4):
            name = f"cat/{number}.jpg"
            table.append(PHOTO._replace(key=name, filename=name, source=f"/photos/{name}"))
    assert len(shared) == 1


def test_an_item_takes_little_memory():
    count = 2000
    items = []
    for number in range(count):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        name = f"cat/{number}.jpg"
        items.append(Item(name, digest, "cat", name, "jpeg", 480, 640, 31_000, digest, f"/photos/{name}", crc=1 << 31))
    tracemalloc.start()
    try:
        table = ItemTable()
        for item in items:
            table.append(item)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(table) == count
    assert kept < count * 130  # bytes
