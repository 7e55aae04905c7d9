"""One file of TFRecords in slim's schema, record by record, as samples; a record that is wrong is left out by name.

Neither a record nor a class number is believed before it is looked at: lengths are compared with the file and with what
a picture may take, payloads with their checksums, pictures with their own headers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import google_crc32c

from graphcore.sources.errors import PictureError
from graphcore.sources.files import explain_os_error, printable
from graphcore.sources.freshness import hash_file
from graphcore.sources.item import UNREADABLE, InputFile, Item, Rejected, Taken, Unit
from graphcore.sources.normalise import PictureOptions, normalise
from tfrecords.errors import RecordsError
from tfrecords.example import ENCODED, FILENAME, GROUP, LABEL, LABELS, SUBJECT, TEXT
from tfrecords.features import Features, decode_features
from tfrecords.framing import Span, mask_crc, scan_spans

_VERSION = 1
"""Raised when the same file gives other samples, so that nothing an older conversion knew is taken up."""

# The largest record that could hold an allowed picture: 16 bits a channel, 4 channels, not compressed, and the rest.
_BYTES_PER_PIXEL, _REST_BYTES = 8, 64 * 2**20
_LONGEST_NAME = 200


@dataclass(frozen=True)
class RecordOptions:
    """How records become samples.

    Attributes:
        pictures: how pictures are normalised.
        names: the classes by their numbers, before `labels_offset` is taken off; empty where no file names them.
        labels_offset: what is taken off every number; classes below 0 are left out.
    """

    pictures: PictureOptions
    names: Mapping[int, str]
    labels_offset: int = 0


def make_record_unit(file: InputFile, split: str, options: RecordOptions) -> Unit:
    """What is to be read of one file, whose samples the inputs give a split."""
    stamp = [file.name, file.size_bytes, file.mtime_ns, file.ctime_ns]
    text = json.dumps([_VERSION, stamp, split, asdict(options)])
    return Unit(file.name, hashlib.sha256(text.encode()).hexdigest(), partial(_take, file, split, options))


def count_records(path: Path) -> int:
    """How many records a file holds, by their lengths.

    Raises:
        RecordsError: a length is wrong or the file ends within a record.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return sum(1 for _ in scan_spans(file))


def _take(file: InputFile, split: str, options: RecordOptions) -> Iterator[Taken]:
    info = file.describe()
    try:
        info = file.describe(hash_file(file.path))
        with open(file.path, "rb", buffering=0) as opened:
            yield from _take_records(opened, file.name, split, options)
    except RecordsError as error:
        # Beyond a wrong length nobody knows where the next record begins.
        reason = str(error).removeprefix(f"{file.path}: ")
        yield Taken(rejected=Rejected(printable(file.name), f"{reason}; what follows it is left out"))
    except OSError as error:
        info = file.describe(UNREADABLE)
        yield Taken(rejected=Rejected(printable(file.name), explain_os_error(error)))
    yield Taken(input_name=file.name, info=info)


def _take_records(opened: BinaryIO, name: str, split: str, options: RecordOptions) -> Iterator[Taken]:
    for index, span in enumerate(scan_spans(opened)):
        where = f"{name}/{index:06d}"
        try:
            payload = _read_payload(opened, span, options.pictures.max_pixels)
            yield _take_one(decode_features(payload), where, split, options)
        except (RecordsError, PictureError) as error:
            yield Taken(rejected=Rejected(printable(where), str(error)))


def _read_payload(opened: BinaryIO, span: Span, max_pixels: int) -> bytes:
    size = span.stop - span.start
    if size > max_pixels * _BYTES_PER_PIXEL + _REST_BYTES:
        raise RecordsError(f"too large: {size} bytes for dataset.max_pixels={max_pixels}")
    opened.seek(span.start)
    payload, checksum = _read_whole(opened, size), _read_whole(opened, 4)
    if int.from_bytes(checksum, "little") != mask_crc(google_crc32c.value(payload)):
        raise RecordsError("the record's checksum differs: flipped bits")
    return payload


def _read_whole(opened: BinaryIO, size: int) -> bytes:
    """An unbuffered file may give less than it is asked for."""
    pieces, left = [], size
    while left and (piece := opened.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _take_one(features: Features, where: str, split: str, options: RecordOptions) -> Taken:
    text = _name_class(features, options)
    picture = normalise(features.bytes(ENCODED), options.pictures)
    filename = printable(_read_text(features, FILENAME))
    digest = hashlib.sha256(picture.encoded).hexdigest()
    item = Item(
        key=f"{where}-{PurePosixPath(filename).name[:_LONGEST_NAME]}" if filename else where,
        identity=hashlib.sha256(features.bytes(ENCODED)).hexdigest(),
        text=text,
        filename=filename or where,
        format=picture.format,
        height=picture.height,
        width=picture.width,
        size_bytes=len(picture.encoded),
        digest=digest,
        subject=printable(_read_text(features, SUBJECT)),
        group=printable(_read_text(features, GROUP)),
        split=split,
    )
    return Taken(item, picture.encoded)


def _name_class(features: Features, options: RecordOptions) -> str:
    """The class's name: by its number where a file names the numbers, else as the record says, else the number."""
    if LABELS in features.views:
        raise RecordsError("it has several labels, which dataset=record_files does not read")
    text = printable(_read_text(features, TEXT)).strip()
    if any(ord(sign) < ord(" ") for sign in text):
        raise RecordsError(f"its class is called {text!a}")
    if LABEL not in features.views:
        if text and not options.names:
            return text
        raise RecordsError(f"it has no {LABEL}")
    number = features.integer(LABEL)
    if number < options.labels_offset:
        raise RecordsError(f"its label {number} is below dataset.labels_offset={options.labels_offset}")
    if options.names and number not in options.names:
        raise RecordsError(f"its label {number} is not in the file of class names")
    return options.names.get(number, "") or text or str(number - options.labels_offset)


def _read_text(features: Features, key: str) -> str:
    """A text that may be missing, or an empty list as some converters write it."""
    if not features.views.get(key):
        return ""
    return features.text(key)
