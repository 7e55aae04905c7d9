import numpy as np
import pytest

from graphcore.features.parts import Part, Parts


@pytest.fixture
def parts(tmp_path):
    parts = Parts(tmp_path, "train")
    for first, count in ((0, 2), (2, 1), (3, 2)):
        rows = np.arange(first, first + count)
        features = rows[:, None].repeat(3, 1).astype(np.float32)
        parts.write(first, Part(features, rows.astype(np.int32), [f"key {row}\udcff" for row in rows]))
    return parts


def firsts(parts, dimension=3):
    return [int(part.labels[0]) for part in parts.iterate(dimension)]


def test_parts_come_back_in_order_with_their_values(parts):
    assert firsts(parts) == [0, 2, 3]
    last = list(parts.iterate(3))[-1]
    np.testing.assert_array_equal(last.features, [[3, 3, 3], [4, 4, 4]])
    assert last.features.dtype == np.float32
    assert last.keys == ["key 3\udcff", "key 4\udcff"]


def test_parts_of_another_split_are_not_met(parts, tmp_path):
    assert firsts(Parts(tmp_path, "test")) == []


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"", lambda data: b"x" * len(data)])
def test_parts_end_before_a_damaged_one(parts, tmp_path, damage):
    path = tmp_path / ".train.000000000002.part"
    path.write_bytes(damage(path.read_bytes()))
    assert firsts(parts) == [0]


def test_flipped_bit_is_noticed(parts, tmp_path):
    path = tmp_path / ".train.000000000002.part"
    data = bytearray(path.read_bytes())
    # The only row is three times 2.0, which is 00 00 00 40.
    place = data.index(b"\x00\x00\x00\x40" * 3)
    data[place] ^= 1
    path.write_bytes(data)
    assert firsts(parts) == [0]


def test_parts_end_before_a_missing_one(parts, tmp_path):
    (tmp_path / ".train.000000000002.part").unlink()
    assert firsts(parts) == [0]


def test_features_of_another_size_do_not_count(parts):
    assert firsts(parts, dimension=4) == []


def test_removing_leaves_other_splits_alone(parts, tmp_path):
    part = next(parts.iterate(3))
    Parts(tmp_path, "test").write(0, part)
    parts.remove()
    assert [path.name for path in tmp_path.iterdir()] == [".test.000000000000.part"]
