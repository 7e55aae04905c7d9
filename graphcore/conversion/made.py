"""Values made of others when they are asked for: 100 000 of them never exist all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")


class Made(Sequence[T]):
    """What a function makes of the values of one or several sequences.

    Args:
        make: takes a value of each sequence.
        columns: the sequences, all of one length; they stay as they are.
    """

    def __init__(self, make: Callable[..., T], *columns: Sequence[Any]) -> None:
        self._make = make
        self._columns = columns

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        return self._make(*(column[index] for column in self._columns))

    def __iter__(self) -> Iterator[T]:
        return map(self._make, *self._columns)

    def __len__(self) -> int:
        return len(self._columns[0])
