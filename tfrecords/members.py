"""A JSON object whose last member is a large object with a line for each of its own members, read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

_END = "}\n}\n"


@dataclass(frozen=True)
class Members:
    """Such a file, which is ASCII.

    Attributes:
      path: The file.
      name: The last member's name.
    """

    path: Path
    name: str

    def read_head(self) -> dict[str, Any]:
        """Returns all but the last member, and looks whether the file has an end.

        Raises:
          ValueError: The file is laid out in another way.
          OSError: It cannot be read.
        """
        with self._open() as file:
            text = self._take_head(file)
        with open(self.path, "rb") as file:
            file.seek(-len(_END), 2)
            if file.read().decode() != _END:
                raise ValueError("no end")
        return json.loads(text.rstrip().removesuffix(",") + "}")

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yields the members of the last one, with their names.

        Raises:
          ValueError: The file is laid out in another way.
          OSError: It cannot be read.
        """
        with self._open() as file:
            self._take_head(file)
            for line in file:
                if line == "}\n":
                    break
                text = line.rstrip()
                # Behind the last of them stands the brace that ends the object.
                yield from json.loads("{" + (text[:-1] + "}" if text.endswith(",") else text)).items()
            if file.read():
                raise ValueError("something behind the end")

    def _open(self) -> TextIO:
        return open(self.path, encoding="ascii", newline="\n")

    def _take_head(self, file: TextIO) -> str:
        lines = []
        for line in file:
            if line == f' "{self.name}": {{\n':
                return "".join(lines)
            lines.append(line)
        raise ValueError(f"no line for {self.name}")
