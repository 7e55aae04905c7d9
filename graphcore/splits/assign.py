"""Who trains, who validates, who tests: a hash decides, unless lists, folds or the inputs themselves do.

Pure functions. A sample's split depends on its identity or group alone, never on its path, its neighbours on disk
or the order of the inputs; single units are moved only where a class would be missing from a split, or to even out
the classes where that is asked. What was decided once stays, when it is given back as `known`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphcore.config import SplitConfig
from graphcore.splits.folds import deal_folds, name_folds, name_roles
from graphcore.splits.gaps import explain_gaps, find_gaps
from graphcore.splits.given import allow_given, check_earlier
from graphcore.splits.item import SplitItem
from graphcore.splits.join import Joined, join_parties
from graphcore.splits.listed import allow_listed, check_refused, list_rest, read_lists
from graphcore.splits.memory import keep_known, note_places
from graphcore.splits.mend import mend
from graphcore.splits.parties import Parties, find_parties
from graphcore.splits.shares import check_shares, split_by_threshold
from graphcore.splits.stratify import stratify
from graphcore.splits.unit import Unit, gather_units


@dataclass(frozen=True)
class Assignment:
    """Who is in which split.

    Attributes:
        splits: for each sample "train", "validation" or "test".
        units: what to remember and give back as `known`: split or fold by group or identity.
    """

    splits: list[str]
    units: dict[str, str]


def assign_splits(
    samples: Sequence[SplitItem], config: SplitConfig, known: Mapping[str, str] | None = None
) -> Assignment:
    """Gives each sample its split.

    Lists of groups and folds say who tests, so splits that the inputs give do not count beside them.

    Args:
        samples: in any order; the order changes nothing.
        config: how to divide, and whether a class that is missing from a split is an error.
        known: `Assignment.units` of an earlier conversion with the same options (any fold of the same folds). Who is
            in it keeps its place; only the inputs' own word and lists, where they change, come before it.

    Raises:
        ConfigError: percentages that make no whole, lists of groups that do not exist, or more folds than groups.
        DatasetError: contradictory splits are given, groups of different lists share pictures, or a class cannot be
            in every split and `config.require_every_class` is set.
    """
    shares = check_shares(config)
    known = known or {}
    if not samples:
        return Assignment([], dict(known))
    places = name_folds(config.folds) if config.folds else tuple(shares)
    parties, joined = _join(samples, config, known, places)
    units, of_party = gather_units(samples, parties, joined)
    if config.folds:
        deal_folds(units, places, config)
    else:
        _divide(units, shares, config)
    found = [unit.place for unit in of_party]
    roles = name_roles(places, config) if config.folds else {place: place for place in places}
    splits = [roles[found[number]] for number in parties.of_sample]
    gaps = find_gaps((tuple(unit.labels) for unit in units), (roles[unit.place] for unit in units), config)
    if gaps and config.require_every_class:
        raise explain_gaps(gaps, samples, units, config, has_known=bool(known))
    del units, of_party  # the notes are as large
    return Assignment(splits, note_places(parties.names, found, known))


def _join(
    samples: Sequence[SplitItem], config: SplitConfig, known: Mapping[str, str], places: tuple[str, ...]
) -> tuple[Parties, Joined]:
    """What stays together, and where it may go."""
    listed = read_lists(config)
    has_lists = config.validation_groups is not None or config.test_groups is not None
    parties = find_parties(samples, config.given == "use" and not config.folds and not has_lists)
    if config.folds:
        allowed = [places] * len(parties.names)
    elif has_lists:
        allowed = allow_listed(parties.names, listed, places, config)
    else:
        allowed = allow_given(parties.givens, places, config)
        if any(parties.givens):
            check_earlier(parties.names, allowed, known)
    joined = join_parties(parties, keep_known(parties.names, allowed, known, places))
    if not has_lists:
        return parties, joined
    check_refused(joined.refused, parties.names, joined.roots, listed)
    rest = list_rest(config, places)
    return parties, replace(joined, allowed=[one if len(one) == 1 else rest for one in joined.allowed])


def _divide(units: Sequence[Unit], shares: Mapping[str, float], config: SplitConfig) -> None:
    """Places the units that have a choice."""
    if config.stratify_by == "none":
        for unit in units:
            if not unit.is_fixed:
                unit.place = split_by_threshold(unit.hashed, shares, unit.allowed)
    else:
        stratify(units, shares)
    mend(units, tuple(shares))
