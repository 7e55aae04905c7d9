import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graphcore.audit.neighbours import HashIndex

# Few values, so that near pairs are common: words of which at most a few bits are set.
words = st.one_of(st.integers(0, 7), st.integers(0, 2**64 - 1), st.sampled_from([2**63, 2**64 - 1, 2**64 - 2]))


def hashes(largest):
    return st.integers(0, largest).flatmap(lambda count: arrays(np.uint64, (count, 4), elements=words))


def find_by_hand(queries, references, bits):
    return {
        (i, j, apart)
        for i, query in enumerate(queries.tolist())
        for j, reference in enumerate(references.tolist())
        if (apart := sum((a ^ b).bit_count() for a, b in zip(query, reference, strict=True))) <= bits
    }


def collect(found):
    return [triple for pairs in found for triple in zip(*(values.tolist() for values in pairs), strict=True)]


@given(hashes(12), hashes(12), st.integers(0, 256))
def test_all_near_pairs_are_found_and_no_others(queries, references, bits):
    found = collect(HashIndex(references).find_near(queries, bits))
    assert len(found) == len(set(found))
    assert set(found) == find_by_hand(queries, references, bits)


def test_pairs_are_found_across_blocks():
    random = np.random.default_rng(0)
    references = random.integers(0, 2**64, (20_000, 4), np.uint64)
    chosen = [3, 9_999, 19_999]
    queries = references[chosen] ^ np.array([0, 1, 0, 2**63], np.uint64)
    found = collect(HashIndex(references).find_near(queries, 4))
    assert sorted(found) == [(0, 3, 2), (1, 9_999, 2), (2, 19_999, 2)]
