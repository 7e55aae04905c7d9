import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.natural_order import natural_order


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["v10", "v9", "v1"], ["v1", "v9", "v10"]),
        (["b2", "a10", "a9"], ["a9", "a10", "b2"]),
        (["a", "12", "3", ""], ["", "3", "12", "a"]),
        (["case 2 part 10", "case 2 part 9", "case 10 part 1"], ["case 2 part 9", "case 2 part 10", "case 10 part 1"]),
    ],
)
def test_numbers_within_names_are_counted(names, expected):
    assert sorted(names, key=natural_order) == expected


@given(st.lists(st.text()))
def test_any_names_can_be_put_in_order(names):
    assert sorted(sorted(names, key=natural_order)) == sorted(names)


def test_a_number_of_any_length_is_counted():
    assert sorted(["1" * 5000, "9"], key=natural_order) == ["9", "1" * 5000]
