"""What the records note of every input, also of those that were never read: a change of any makes them stale."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from graphcore.sources.item import InputFile
from tfrecords.manifest import InputInfo

_DIGEST_BYTES = 32
_NOT_READ = bytes(_DIGEST_BYTES)


class InputNotes(Mapping[str, InputInfo]):
    """Inputs in order of their names, each made of its file and digest when it is asked for.

    Args:
        inputs: as they were listed.
    """

    def __init__(self, inputs: Mapping[str, InputFile]) -> None:
        self._inputs = inputs
        self._names = sorted(inputs)
        self._digests = bytearray(_DIGEST_BYTES * len(self._names))

    def note(self, name: str, sha256: str) -> None:
        """Notes the digest of an input, hex; empty where it could not be read.

        Raises:
            KeyError: there is no such input.
        """
        start = self._find(name)
        self._digests[start : start + _DIGEST_BYTES] = bytes.fromhex(sha256) or _NOT_READ

    def __getitem__(self, name: str) -> InputInfo:
        start = self._find(name)
        digest = self._digests[start : start + _DIGEST_BYTES]
        return self._inputs[name].describe("" if digest == _NOT_READ else digest.hex())

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _find(self, name: str) -> int:
        """Where an input's digest begins."""
        index = bisect_left(self._names, name)
        if index == len(self._names) or self._names[index] != name:
            raise KeyError(name)
        return _DIGEST_BYTES * index
