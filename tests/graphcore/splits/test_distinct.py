import tracemalloc

import pytest

from graphcore.splits.distinct import Distinct


def number(texts):
    distinct = Distinct()
    for text in texts:
        distinct.add(text)
    firsts, numbers = distinct.number()
    return list(firsts), list(numbers)


@pytest.mark.parametrize(
    ("texts", "firsts", "numbers"),
    [
        ([], [], []),
        (["a"], [0], [0]),
        (["b", "a", "b", "c", "a"], [0, 1, 3], [0, 1, 0, 2, 1]),
        (["a", "", "a\0", "\udc80", ""], [0, 1, 2, 3], [0, 1, 2, 3, 1]),
    ],
)
def test_alike_texts_have_one_number_in_the_order_they_came(texts, firsts, numbers):
    assert number(texts) == (firsts, numbers)


def test_many_texts_are_numbered_as_a_dict_would():
    texts = [str(n * n % 977) for n in range(3000)]
    known: dict[str, int] = {}
    expected = [known.setdefault(text, len(known)) for text in texts]
    firsts, numbers = number(texts)
    assert numbers == expected
    assert [texts[first] for first in firsts] == list(known)


def test_a_text_takes_few_bytes():
    count = 10_000
    number("ab")
    tracemalloc.start()
    try:
        distinct = Distinct()
        for text in range(count):
            distinct.add(f"{text:064}")
        kept = tracemalloc.get_traced_memory()[0]
        distinct.number()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kept < count * 20
    assert peak < count * 120  # a dict with the texts in it is 200
