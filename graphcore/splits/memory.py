"""What an earlier conversion decided, held against what its inputs and options decide now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphcore.splits.parties import GROUP, Party


def find_known(party: Party, known: Mapping[str, str]) -> str:
    """The place a party had; "" where it is new.

    A group is also known by what it was before its inputs were given a split. A single picture is not: whoever moves
    its file to test/ means it, while a group's older samples would be moved along unasked.
    """
    place = known.get(party.key, "")
    return place or (known.get(party._replace(given="").key, "") if party.kind == GROUP else "")


def keep_known(
    parties: Sequence[Party], allowed: Sequence[tuple[str, ...]], known: Mapping[str, str], places: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """The places that each party may go to, when those of an earlier conversion stay where they are.

    A party whose inputs were given to train and that was carved out to validate stays carved out, also where others
    are given to validation later: its key says that it is the same input.

    Args:
        parties: all of them.
        allowed: for each, the places it might go to if it were new.
        known: place by `Party.key`; notes of places that no longer exist are passed over.
        places: all splits, or all folds.
    """
    if not known:
        return list(allowed)
    single = {place: (place,) for place in places}
    return [
        choices if len(choices) == 1 and not party.given else single.get(find_known(party, known), choices)
        for party, choices in zip(parties, allowed, strict=True)
    ]


def note_places(parties: Sequence[Party], places: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """What to remember: the place of each party, and of those that were there once, should they come back."""
    noted = dict(known)
    for party, place in zip(parties, places, strict=True):
        noted[party.key] = place
    return noted
