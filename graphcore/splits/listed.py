"""Groups that are listed by name: split.validation_groups=[6] split.test_groups=[7]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError, DatasetError
from graphcore.splits.item import name_groups
from graphcore.splits.parties import GROUP, Party

_NAMED = 40


def read_lists(config: SplitConfig) -> dict[str, str]:
    """The split of every group that is listed. Names are compared as text: "07" is not "7".

    Raises:
        ConfigError: groups are listed for a split whose share is 0.
    """
    lists = {"validation": config.validation_groups or (), "test": config.test_groups or ()}
    for split, groups in lists.items():
        if groups and not config.shares()[split]:
            raise ConfigError(
                f"split.{split}=0 and split.{split}_groups=[{', '.join(groups)}] contradict each other.",
                next_step=f"Give it a share; who goes there is listed: split.{split}=10 split.train=90.",
            )
    return {group: split for split, groups in lists.items() for group in groups}


def list_rest(config: SplitConfig, splits: Iterable[str]) -> tuple[str, ...]:
    """Where groups go that no list names: to the splits that have no list."""
    closed = {"validation": config.validation_groups, "test": config.test_groups}
    return tuple(split for split in splits if closed.get(split) is None)


def allow_listed(
    parties: Sequence[Party], listed: dict[str, str], splits: tuple[str, ...], config: SplitConfig
) -> list[tuple[str, ...]]:
    """The splits that each party may go to; all of them where no list names it.

    Raises:
        ConfigError: a listed group does not exist.
    """
    names = {party.name for party in parties if party.kind == GROUP}
    unknown = [group for group in listed if group not in names]
    if unknown:
        shown = sorted(names)[:_NAMED] + ([f"and {len(names) - _NAMED} more"] if len(names) > _NAMED else [])
        lists = [f"split.{split}_groups" for split in dict.fromkeys(listed[group] for group in unknown)]
        raise ConfigError(
            f"{' and '.join(lists)} {'names' if len(lists) == 1 else 'name'} {', '.join(unknown)}, and there is no "
            f"such {name_groups(config, 1)}.",
            choices=shown,
        )
    choices = {split: (split,) for split in splits}
    return [choices[listed[one.name]] if one.kind == GROUP and one.name in listed else splits for one in parties]


def check_refused(
    refused: Iterable[tuple[int, int]], parties: Sequence[Party], roots: Sequence[int], listed: dict[str, str]
) -> None:
    """Refuses lists that would tear identical pictures apart.

    Args:
        refused: pairs of parties that share an identity and were not joined.
        parties: all of them.
        roots: for each party, the party that stands for its unit.
        listed: split by group.

    Raises:
        DatasetError: units with groups of different lists share pictures.
    """
    members: dict[int, list[str]] = {}
    for number, party in enumerate(parties):
        if party.kind == GROUP and party.name in listed:
            members.setdefault(roots[number], []).append(party.name)
    lines = set()
    for one, other in refused:
        groups = sorted({*members.get(roots[one], ()), *members.get(roots[other], ())})
        if len({listed[group] for group in groups}) > 1:
            lines.add("  " + ", ".join(f"{group} ({listed[group]})" for group in groups))
    if lines:
        raise DatasetError(
            "\n".join(["Groups that are listed for different splits share identical pictures:", *sorted(lines)]),
            next_step="List them for the same split, or remove the copies.",
        )
