import pytest

from graphcore.conversion.made import Made


def test_values_are_made_when_they_are_asked_for():
    made = []

    def make(one, other):
        made.append(one)
        return one + other

    values = Made(make, [1, 2, 3], (10, 20, 30))
    assert (len(values), made) == (3, [])
    assert (values[1], values[-1]) == (22, 33)
    assert made == [2, 3]
    assert list(values) == [11, 22, 33]
    assert values[1:] == [22, 33]


def test_of_a_single_sequence():
    assert list(Made(str, [1, 2])) == ["1", "2"]


def test_beyond_the_end():
    with pytest.raises(IndexError):
        Made(str, [1, 2])[2]
