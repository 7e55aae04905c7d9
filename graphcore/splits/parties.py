"""The smallest sets of samples that never part: one group, or one identity among samples without a group."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphcore.errors import DatasetError
from graphcore.splits.item import SPLITS, SplitItem
from tfrecords.plan import stable_hash

GROUP, IDENTITY = 0, 1
_SALT = "split"
_NAMED = 20


class Party(NamedTuple):
    """A group, or an identity of samples without a group. Parties sort groups first, then by name.

    Attributes:
        kind: `GROUP` or `IDENTITY`.
        name: of the group, or the identity.
        given: the split that the inputs give it. Copies that lie in two given splits are two parties: they stay
            where they were put, and the audit reports them.
    """

    kind: int
    name: str
    given: str = ""

    @property
    def hashed(self) -> int:
        """64 bits that place it, the same in every version: changing them would divide every dataset anew."""
        return stable_hash(f"{'identity' if self.kind else 'group'} {self.name}", _SALT)

    @property
    def key(self) -> str:
        """How it is remembered: "group:NAME" or "id:HASH", after the split that was given, if one was.

        A party that is given another split is another party in memory, so an old note never overrules the inputs.
        """
        key = f"id:{stable_hash(self.name):016x}" if self.kind else f"group:{self.name}"
        return f"given {self.given} {key}" if self.given else key


@dataclass(frozen=True)
class Parties:
    """All parties of a dataset.

    Attributes:
        names: each once; the order means nothing.
        of_sample: for each sample, its party's index in `names`.
        shared: for each identity that several parties hold, in order of identity: their indices, in order of name.
    """

    names: list[Party]
    of_sample: Sequence[int]
    shared: list[list[int]]


def find_parties(samples: Sequence[SplitItem], use_given: bool) -> Parties:
    """Finds the parties of samples in any order.

    Args:
        samples: all of the dataset.
        use_given: whether splits that the inputs give count.

    Raises:
        DatasetError: the inputs give a split of an unknown name, or one group two splits.
    """
    numbers: dict[Party, int] = {}
    owners: dict[str, int] = {}
    shared: dict[str, set[int]] = {}
    givens: dict[str, str] = {}
    torn: set[str] = set()
    of_sample = array("q")
    for sample in samples:
        given = _check_given(sample.given) if use_given else ""
        party = Party(GROUP, sample.group) if sample.group else Party(IDENTITY, sample.identity, given)
        number = numbers.setdefault(party, len(numbers))
        of_sample.append(number)
        owner = owners.setdefault(sample.identity, number)
        if owner != number:
            shared.setdefault(sample.identity, {owner}).add(number)
        if given and sample.group and givens.setdefault(sample.group, given) != given:
            torn.add(sample.group)
    if torn:
        raise _explain_torn(samples, sorted(torn))
    names = [party if party.kind else Party(GROUP, party.name, givens.get(party.name, "")) for party in numbers]
    return Parties(names, of_sample, [sorted(shared[one], key=names.__getitem__) for one in sorted(shared)])


def _check_given(given: str) -> str:
    if given and given not in SPLITS:
        raise DatasetError(
            f"The inputs give a sample the split {given!r}.", choices=SPLITS, next_step="Or set split.given=ignore."
        )
    return given


def _explain_torn(samples: Sequence[SplitItem], torn: Sequence[str]) -> DatasetError:
    counts = Counter((sample.group, sample.given) for sample in samples)
    lines = [
        f"  {group}: "
        + ", ".join(f"{split} ({counts[group, split]} samples)" for split in SPLITS if counts[group, split])
        for group in torn[:_NAMED]
    ]
    if len(torn) > _NAMED:
        lines.append(f"  and {len(torn) - _NAMED} more")
    head = f"The inputs give {len(torn)} groups several splits each, and a group stays together:"
    return DatasetError(
        "\n".join([head, *lines]),
        next_step="Move each group's inputs to one split, or divide them here: split.given=ignore.",
    )
