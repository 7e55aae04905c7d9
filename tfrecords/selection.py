"""Some values of a sequence, in an order of their own, without a copy of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Selection(Sequence[T]):
    """Values of another sequence by their indices, eight bytes each; looked up whenever they are asked for.

    Args:
      values: A sequence that stays as it is.
      indices: Which of them, in which order.
    """

    def __init__(self, values: Sequence[T], indices: Iterable[int]):
        self._values = values
        self._indices = array("q", indices)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Selection[T]: ...
    def __getitem__(self, index: int | slice) -> T | Selection[T]:
        if isinstance(index, slice):
            return Selection(self._values, self._indices[index])
        return self._values[self._indices[index]]

    def __iter__(self) -> Iterator[T]:
        return map(self._values.__getitem__, self._indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"Selection({list(self)!r})"
