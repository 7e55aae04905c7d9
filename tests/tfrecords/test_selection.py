import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecords.selection import Selection

LETTERS = "abcdef"


@given(indices=st.lists(st.integers(0, 5)), part=st.slices(6))
def test_it_is_the_list_of_its_values(indices, part):
    selection, expected = Selection(LETTERS, indices), [LETTERS[index] for index in indices]
    assert list(selection) == expected
    assert selection == expected
    assert list(selection[part]) == expected[part]
    assert len(selection) == len(expected)


def test_values_by_index():
    selection = Selection(LETTERS, [5, 0])
    assert (selection[0], selection[-1]) == ("f", "a")
    assert repr(selection) == "Selection(['f', 'a'])"
    with pytest.raises(IndexError):
        selection[2]


def test_values_are_asked_for_when_they_are_needed():
    asked = []

    class Lazy(list):
        def __getitem__(self, index):
            asked.append(index)
            return super().__getitem__(index)

    selection = Selection(Lazy(LETTERS), [4, 1])
    assert asked == []
    assert next(iter(selection)) == "e"
    assert asked == [4]


def test_selections_of_other_values_differ():
    assert Selection(LETTERS, [0, 1]) == Selection("ba", [1, 0])
    assert Selection(LETTERS, [0, 1]) != Selection(LETTERS, [1, 0])
    assert Selection(LETTERS, []) != 0
