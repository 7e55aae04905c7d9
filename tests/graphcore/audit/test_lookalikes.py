import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphcore.audit.lookalikes import find_lookalikes
from graphcore.audit.perceptual import Looks, are_alike, describe, look_at
from tests.graphcore.audit.pictures import draw, encode


def disturb(thumbnails, seed, noise):
    """Random copies of some thumbnails with noise of so many grey levels."""
    random = np.random.default_rng(seed)
    chosen = thumbnails[random.integers(0, len(thumbnails), 150)].astype(float)
    return describe(np.clip(chosen + random.normal(0, noise, chosen.shape), 0, 255).astype(np.uint8))


@given(st.integers(0, 1000), st.sampled_from([0, 3, 8, 15]), st.integers(0, 64))
def test_each_query_gets_its_nearest_confirmed_reference(seed, noise, bits):
    scenes = np.random.default_rng(seed).integers(0, 256, (10, 16, 17)).astype(np.uint8)
    queries, references = disturb(scenes, 1, noise), disturb(scenes, 2, noise)
    nearest, apart = find_lookalikes(queries, references, bits)
    for row in range(len(queries)):
        rows = np.full(len(references), row)
        distances = np.bitwise_count(queries.hashes[row] ^ references.hashes).sum(axis=1).astype(int)
        allowed = are_alike(queries, references, (rows, np.arange(len(references)))) & (distances <= bits)
        if allowed.any():
            assert allowed[nearest[row]]
            assert apart[row] == distances[nearest[row]] == distances[allowed].min()
        else:
            assert nearest[row] == -1


def test_flat_pictures_have_no_lookalikes():
    black = encode(draw(0).point(lambda value: value // 200))
    looks = look_at([black, encode(draw(1)), black])
    assert looks.is_flat.tolist() == [True, False, True]
    assert find_lookalikes(looks, looks, 10)[0].tolist() == [-1, 1, -1]


def test_where_there_is_nothing_nothing_is_found():
    none = describe(np.empty((0, 16, 17), np.uint8))
    one = look_at([encode(draw(1))])
    assert find_lookalikes(one, none, 64)[0].tolist() == [-1]
    assert find_lookalikes(none, one, 64)[0].tolist() == []


def test_same_hash_and_other_cells_is_no_lookalike():
    one = look_at([encode(draw(1))])
    other = Looks(one.hashes, -one.details, one.contrasts)
    assert find_lookalikes(one, other, 64)[0].tolist() == [-1]
