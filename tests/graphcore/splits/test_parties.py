import hashlib

import pytest

from graphcore.errors import DatasetError
from graphcore.splits.item import SplitItem
from graphcore.splits.parties import GROUP, IDENTITY, Party, find_parties


def blake(text):
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def test_the_hash_is_that_of_the_first_version():
    assert Party(GROUP, "7").hashed == blake(b"split\0group 7")
    assert Party(IDENTITY, "ab12").hashed == blake(b"split\0identity ab12")


def test_a_given_split_does_not_change_the_hash():
    assert Party(IDENTITY, "ab12", "train").hashed == Party(IDENTITY, "ab12").hashed


def test_keys_are_short_and_tell_groups_by_name():
    assert Party(GROUP, "7").key == "group:7"
    assert Party(IDENTITY, "x" * 64).key == f"id:{blake(bytes(1) + b'x' * 64):016x}"
    assert Party(GROUP, "7", "train").key == "given train group:7"


def test_samples_are_of_their_group_or_else_their_identity():
    samples = [SplitItem("1", "a", "g"), SplitItem("2", "a", "g"), SplitItem("3", "a"), SplitItem("3", "b")]
    parties = find_parties(samples, use_given=True)
    assert [parties.names[number] for number in parties.of_sample] == [
        Party(GROUP, "g"), Party(GROUP, "g"), Party(IDENTITY, "3"), Party(IDENTITY, "3")
    ]  # fmt: skip
    assert parties.shared == []


def test_identities_of_several_parties_are_found_in_order():
    samples = [SplitItem(one, "a", group) for one, group in [("2", "z"), ("1", "y"), ("1", ""), ("2", "x"), ("1", "x")]]
    parties = find_parties(samples, use_given=True)
    shared = [[parties.names[number].name for number in numbers] for numbers in parties.shared]
    assert shared == [["x", "y", "1"], ["x", "z"]]


def test_a_group_is_given_what_any_of_its_samples_is_given():
    samples = [SplitItem("1", "a", "g"), SplitItem("2", "a", "g", "test"), SplitItem("3", "a", "g")]
    assert list(find_parties(samples, use_given=True).names) == [Party(GROUP, "g", "test")]
    assert list(find_parties(samples, use_given=False).names) == [Party(GROUP, "g")]


def test_copies_that_are_given_two_splits_are_two_parties():
    samples = [SplitItem("1", "a", given="train"), SplitItem("1", "a", given="test")]
    assert list(find_parties(samples, use_given=True).names) == [
        Party(IDENTITY, "1", "train"),
        Party(IDENTITY, "1", "test"),
    ]
    assert list(find_parties(samples, use_given=False).names) == [Party(IDENTITY, "1")]


def test_groups_that_are_given_two_splits_are_named_with_both_and_the_way_out():
    samples = [SplitItem(f"{n}", "a", f"g{n // 3:02}", "test" if n % 3 else "train") for n in range(66)]
    with pytest.raises(DatasetError) as caught:
        find_parties(samples, use_given=True)
    message = str(caught.value)
    assert "22 groups several splits" in message
    assert "g00: train (1 samples), test (2 samples)" in message
    assert "g19:" in message
    assert "g20:" not in message
    assert "and 2 more" in message
    assert "split.given=ignore" in message


def test_a_split_of_an_unknown_name_is_refused():
    with pytest.raises(DatasetError, match=r"the split 'val'.*\n.*train, validation, test"):
        find_parties([SplitItem("1", "a", given="val")], use_given=True)


def test_hashes_and_givens_are_those_of_the_parties():
    samples = [SplitItem("1", "a", given="test"), SplitItem("2", "a", "g"), SplitItem("3", "a", "g", "train")]
    parties = find_parties(samples, use_given=True)
    assert list(parties.names[:]) == [Party(IDENTITY, "1", "test"), Party(GROUP, "g", "train")]
    assert list(parties.hashes) == [blake(b"split\0identity 1"), blake(b"split\0group g")]
    assert list(parties.givens) == ["test", "train"]
