"""A file that names classes by their numbers: slim's `labels.txt` with a `0:daisy` a line, or a plain name a line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from graphcore.errors import DatasetError
from graphcore.sources.files import explain_os_error
from graphcore.sources.tables import decode_text

_NUMBERED = re.compile(r"\s*(\d{1,9})\s*:(.*)")
_LARGEST_FILE_BYTES = 64 * 2**20


def read_class_numbers(path: Path) -> dict[int, str]:
    """Reads the names, by number.

    Raises:
        DatasetError: the file cannot be read, is empty, gives a number twice, or numbers only some lines.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE_BYTES:
            raise DatasetError(f"{path} is too large to be a file of class names.")
        text = decode_text(path, path.read_bytes())
    except OSError as error:
        raise DatasetError(
            f"{path} {explain_os_error(error)}.", next_step="Give the file of class names: dataset.labels_file=FILE."
        ) from None
    return parse_class_numbers(text, str(path))


def parse_class_numbers(text: str, where: str) -> dict[int, str]:
    """Reads the lines of such a file; see `read_class_numbers`.

    Args:
        text: the lines.
        where: the file, for messages.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    matches = [_NUMBERED.fullmatch(line) for _, line in lines]
    is_numbered = bool(matches) and matches[0] is not None
    names: dict[int, str] = {}
    for index, ((number, line), match) in enumerate(zip(lines, matches, strict=True)):
        if (match is not None) != is_numbered:
            raise DatasetError(
                f"{where}, line {number}: {line!a} where other lines are {'NUMBER:NAME' if is_numbered else 'names'}.",
                next_step="Write every line alike.",
            )
        key, name = (int(match[1]), match[2].strip()) if match else (index, line)
        if not name or key in names:
            what = f"the number {key} is there twice" if name else f"{line!a} is without a name"
            raise DatasetError(f"{where}, line {number}: {what}.", next_step="Give each class one number and a name.")
        names[key] = name
    if not names:
        raise DatasetError(f"{where} names no class.", next_step="Remove it, or write NUMBER:NAME lines.")
    # ImageNet has two classes "crane": both keep apart by their numbers.
    counts = Counter(names.values())
    return {key: name if counts[name] == 1 else f"{name} {key}" for key, name in sorted(names.items())}
