"""What a person names for prediction, found and read: files and folders to pictures and videos.

Pictures go through the same normalisation as at conversion, so a PNG or a photo that lies on its side is seen
as training saw it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from graphcore.errors import InputError
from graphcore.sources.errors import PictureError
from graphcore.sources.files import list_files
from graphcore.sources.frames.probe import SUFFIXES as VIDEO_SUFFIXES
from graphcore.sources.normalise import SUFFIXES as PICTURE_SUFFIXES
from graphcore.sources.normalise import PictureOptions, normalise


@dataclasses.dataclass(frozen=True)
class Inputs:
    """What the named inputs come to, in the order they were named; folders in the order of their files.

    Attributes:
        pictures: files to be classified.
        videos: files to be sampled.
        failures: (what was named, why it cannot be used).
    """

    pictures: tuple[Path, ...]
    videos: tuple[Path, ...]
    failures: tuple[tuple[str, str], ...]


def find_inputs(named: Sequence[str | Path]) -> Inputs:
    """Finds the pictures and videos among files and folders.

    A file that is named itself is taken for a picture unless its ending is a video's; of a folder, all that
    is below it counts whose ending is a picture's or a video's.
    """
    pictures: dict[Path, None] = {}
    videos: dict[Path, None] = {}
    failures: list[tuple[str, str]] = []
    for name in named:
        path = Path(name)
        if path.is_dir():
            found = _list_folder(path)
            if not found:
                failures.append((str(name), "the folder holds no pictures and no videos"))
        elif path.is_file():
            found = [path]
        else:
            found = []
            failures.append((str(name), "there is no such file or folder"))
        for file in found:
            (videos if file.suffix.lower() in VIDEO_SUFFIXES else pictures)[file] = None
    return Inputs(tuple(pictures), tuple(videos), tuple(failures))


def read_picture(picture: bytes | str | Path, options: PictureOptions | None = None) -> bytes:
    """Reads a picture as the JPEG or PNG that conversion would make of it.

    Args:
        picture: its encoded bytes, or its path.
        options: how the pictures of training were normalised; None for the defaults.

    Raises:
        InputError: it cannot be read or is not a picture; the message says why.
    """
    name = "The picture" if isinstance(picture, bytes) else str(picture)
    try:
        data = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        return normalise(data, options or PictureOptions()).encoded
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    except PictureError as error:
        raise InputError(f"{name}: {error}.") from error


def _list_folder(folder: Path) -> list[Path]:
    files = (file.path for file in list_files(folder, "").files)
    return [path for path in files if path.suffix.lower() in (*PICTURE_SUFFIXES, *VIDEO_SUFFIXES)]
