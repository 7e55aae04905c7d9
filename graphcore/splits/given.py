"""Splits that the inputs themselves give: train/ and test/ folders, or a column of a list.

What is given is kept. A split that is given to nobody, usually validation, is carved out of what is given to
train; whoever was given nothing is divided as always.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graphcore.config import SplitConfig
from graphcore.errors import DatasetError
from graphcore.splits.item import name_groups
from graphcore.splits.memory import find_known
from graphcore.splits.parties import GROUP, Party

_NAMED = 20


def allow_given(givens: Sequence[str], splits: tuple[str, ...], config: SplitConfig) -> list[tuple[str, ...]]:
    """The splits that each party may go to, by what its inputs give.

    Args:
        givens: for each party, the split that its inputs give it.
        splits: those of a non-zero share, train first.
        config: says what the parties are called.

    Raises:
        DatasetError: the inputs give a split whose share is 0.
    """
    counts = Counter(given for given in givens if given)
    for split in counts:
        if split not in splits:
            what = f"{counts[split]} {name_groups(config, counts[split])}"
            way = f"Give it a share, whatever its size, since given splits are kept: split.train=80 split.{split}=20; "
            raise DatasetError(
                f"split.{split}=0, and the inputs give {split} to {what}.",
                next_step=f"{way}or divide everything here: split.given=ignore.",
            )
    carved = tuple(split for split in splits if split == "train" or not counts[split])
    choices = {"": splits, "train": carved} | {split: (split,) for split in splits if split != "train"}
    return [choices[given] for given in givens]


def check_earlier(parties: Iterable[Party], allowed: Iterable[tuple[str, ...]], known: Mapping[str, str]) -> None:
    """Refuses to move a group that was given no split, was placed by an earlier conversion and is given another now.

    Raises:
        DatasetError: there is such a group.
    """
    if not known:
        return
    moved = []
    for party, splits in zip(parties, allowed, strict=True):
        if party.kind == GROUP and party.given:
            before = find_known(party, known)
            if before and before not in splits and party.key not in known:
                moved.append(f"  {party.name}: was {before}, is given {party.given}")
    if moved:
        shown = sorted(moved)[:_NAMED] + ([f"  and {len(moved) - _NAMED} more"] if len(moved) > _NAMED else [])
        raise DatasetError(
            "\n".join([f"The inputs now give {len(moved)} groups another split than they had:", *shown]),
            next_step="Remove splits.json from the folder of records to divide anew, or set split.given=ignore.",
        )
