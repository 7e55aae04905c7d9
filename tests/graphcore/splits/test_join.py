from graphcore.splits.join import join_parties
from graphcore.splits.parties import GROUP, IDENTITY, Parties, Party

FREE = ("train", "validation", "test")


def join(names, shared, allowed):
    parties = Parties([Party(GROUP, name) for name in names], [], [[names.index(one) for one in row] for row in shared])
    joined = join_parties(parties, allowed)
    return [names[root] for root in joined.roots], joined


def test_parties_that_share_nothing_stay_apart():
    roots, joined = join("abc", [], [FREE] * 3)
    assert roots == ["a", "b", "c"]
    assert list(joined.allowed) == [FREE] * 3


def test_the_first_by_name_stands_for_a_chain():
    roots, _ = join("dcba", ["cd", "bc"], [FREE] * 4)
    assert roots == ["b", "b", "b", "a"]


def test_groups_stand_before_identities():
    parties = Parties([Party(IDENTITY, "a"), Party(GROUP, "z")], [], [[1, 0]])
    assert list(join_parties(parties, [FREE, FREE]).roots) == [1, 1]


def test_a_unit_may_go_where_all_of_it_may_go():
    _, joined = join("abc", ["abc"], [FREE, ("train", "validation"), ("validation",)])
    assert joined.allowed[0] == ("validation",)


def test_parties_that_must_be_in_different_places_are_left_apart():
    roots, joined = join("ab", ["ab"], [("train",), ("test",)])
    assert roots == ["a", "b"]
    assert joined.refused == [(0, 1)]


def test_a_newcomer_joins_the_first_of_two_that_are_apart():
    roots, joined = join("abn", ["an", "bn"], [("train",), ("test",), FREE])
    assert roots == ["a", "b", "a"]
    assert list(joined.allowed[:2]) == [("train",), ("test",)]


def test_of_several_holders_each_joins_whom_it_can():
    roots, joined = join("abcd", ["abcd"], [("train",), ("test",), ("test",), ("train",)])
    assert roots == ["a", "b", "b", "a"]
    assert joined.refused == [(0, 1)]
