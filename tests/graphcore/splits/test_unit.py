from graphcore.splits.item import SplitItem
from graphcore.splits.join import join_parties
from graphcore.splits.parties import IDENTITY, Party, find_parties
from graphcore.splits.unit import gather_units

FREE = ("train", "test")


def gather(samples, allowed=None):
    parties = find_parties(samples, use_given=True)
    units, of_party = gather_units(samples, parties, join_parties(parties, allowed or [FREE] * len(parties.names)))
    assert {*map(id, of_party)} == {*map(id, units)}
    return {party.name: unit for party, unit in zip(parties.names, of_party, strict=True)}


def test_a_unit_counts_its_classes_and_samples():
    units = gather([SplitItem("1", "a", "g"), SplitItem("2", "b", "g"), SplitItem("3", "a", "g"), SplitItem("4", "b")])
    assert units["g"].labels == {"a": 2_000_000, "b": 1_000_000}
    assert (units["g"].size, units["g"].weight) == (3, 3_000_000)
    assert units["4"].labels == {"b": 1_000_000}


def test_units_that_share_a_dict_of_classes_do_not_share_what_is_added():
    units = gather([SplitItem("1", "a", "g"), SplitItem("2", "a", "h"), SplitItem("3", "b", "g")])
    assert units["h"].labels == {"a": 1_000_000}


def test_several_classes_of_a_sample_count_each_and_the_sample_once():
    units = gather([SplitItem("1", ("a", "b"), "g"), SplitItem("2", (), "g")])
    assert units["g"].labels == {"a": 1_000_000, "b": 1_000_000}
    assert units["g"].weight == 2_000_000


def test_weights_sum_alike_in_any_order():
    samples = [SplitItem(str(n), "a", "g", weight=0.1 * n) for n in range(50)]
    assert gather(samples)["g"].labels == gather(samples[::-1])["g"].labels == {"a": 122_500_000}


def test_units_come_in_order_of_hash():
    parties = find_parties([SplitItem(str(n), "a") for n in range(30)], use_given=True)
    units, _ = gather_units([SplitItem(str(n), "a") for n in range(30)], parties, join_parties(parties, [FREE] * 30))
    hashes = [Party(IDENTITY, str(n)).hashed for n in range(30)]
    assert [unit.hashed for unit in units] == sorted(hashes)


def test_units_of_one_hash_come_by_name_in_any_order():
    for givens in (("train", "test"), ("test", "train")):
        samples = [SplitItem("1", "a", given=given) for given in givens]
        parties = find_parties(samples, use_given=True)
        units, _ = gather_units(samples, parties, join_parties(parties, [(given,) for given in givens]))
        assert [unit.place for unit in units] == ["test", "train"]


def test_a_unit_without_a_choice_is_placed():
    units = gather([SplitItem("1", "a"), SplitItem("2", "a")], [("test",), FREE])
    assert (units["1"].place, units["1"].is_fixed) == ("test", True)
    assert (units["2"].place, units["2"].is_fixed) == ("", False)
