"""The smallest sets of samples that never part: one group, or one identity among samples without a group."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

from graphcore.errors import DatasetError
from graphcore.splits.distinct import Distinct
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


class PartyNames(Sequence[Party]):
    """Parties, each made of its first sample when it is asked for: all at once they were most of a division's memory.

    Args:
        samples: all of the dataset.
        firsts: for each party, the index of its first sample.
        givens: for each party, the split that the inputs give it.
    """

    def __init__(self, samples: Sequence[SplitItem], firsts: Sequence[int], givens: Sequence[str]) -> None:
        self._samples = samples
        self._firsts = firsts
        self._givens = givens

    @overload
    def __getitem__(self, index: int) -> Party: ...
    @overload
    def __getitem__(self, index: slice) -> list[Party]: ...
    def __getitem__(self, index: int | slice) -> Party | list[Party]:
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        return _make_party(self._samples[self._firsts[index]], self._givens[index])

    def __iter__(self) -> Iterator[Party]:
        if len(self._firsts) == len(self._samples):  # each is the first: half of the time of looking them up
            return map(_make_party, self._samples, self._givens)
        return map(self.__getitem__, range(len(self)))

    def __len__(self) -> int:
        return len(self._firsts)


@dataclass(frozen=True)
class Parties:
    """All parties of a dataset.

    Attributes:
        names: each once, in order of their first samples, which means nothing.
        of_sample: for each sample, its party's index in `names`.
        shared: for each identity that several parties hold, in order of identity: their indices, in order of name.
        givens: for each party, the split that the inputs give it.
        hashes: for each party, its `hashed`.
    """

    names: Sequence[Party]
    of_sample: Sequence[int]
    shared: list[list[int]]
    givens: Sequence[str] = ()
    hashes: Sequence[int] = ()


def find_parties(samples: Sequence[SplitItem], use_given: bool) -> Parties:
    """Finds the parties of samples in any order.

    Args:
        samples: all of the dataset.
        use_given: whether splits that the inputs give count.

    Raises:
        DatasetError: the inputs give a split of an unknown name, or one group two splits.
    """
    parties, hashes = Distinct(), array("Q")
    given_samples: dict[int, str] = {}
    has_groups = False
    for index, sample in enumerate(samples):
        given = _check_given(sample.given) if use_given else ""
        if given:
            given_samples[index] = given
        has_groups = has_groups or bool(sample.group)
        # What a group is given is given to all of it, so it does not tell one group from another.
        party = _make_party(sample, "" if sample.group else given)
        parties.add(f"{party.kind} {party.given} {party.name}")
        hashes.append(party.hashed)
    firsts, of_sample = parties.number()
    givens, torn = _find_givens(given_samples, of_sample, len(firsts))
    names = PartyNames(samples, firsts, givens)
    if torn:
        raise _explain_torn(samples, sorted(names[number].name for number in torn))
    # Else each party is an identity of its own.
    shared = _find_shared(samples, names, of_sample) if has_groups or given_samples else []
    return Parties(names, of_sample, shared, givens, array("Q", (hashes[first] for first in firsts)))


def _make_party(sample: SplitItem, given: str) -> Party:
    return Party(GROUP, sample.group, given) if sample.group else Party(IDENTITY, sample.identity, given)


def _find_givens(given_samples: Mapping[int, str], of_sample: Sequence[int], count: int) -> tuple[list[str], set[int]]:
    """What is given to each party by any of its samples, and the parties that are given several splits."""
    givens, torn = [""] * count, set()
    for index, given in given_samples.items():
        number = of_sample[index]
        if givens[number] not in ("", given):
            torn.add(number)
        givens[number] = given
    return givens, torn


def _find_shared(samples: Sequence[SplitItem], names: Sequence[Party], of_sample: Sequence[int]) -> list[list[int]]:
    """For each identity that several parties hold: them, see `Parties`."""
    identities = Distinct()
    for sample in samples:
        identities.add(sample.identity)
    firsts, identity_of = identities.number()
    owners = array("q", [-1]) * len(firsts)
    holders: dict[int, set[int]] = {}
    for identity, number in zip(identity_of, of_sample, strict=True):
        if owners[identity] < 0:
            owners[identity] = number
        elif owners[identity] != number:
            holders.setdefault(identity, {owners[identity]}).add(number)
    ordered = sorted(holders, key=lambda identity: samples[firsts[identity]].identity)
    return [sorted(holders[identity], key=names.__getitem__) for identity in ordered]


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
