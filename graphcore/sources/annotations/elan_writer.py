"""Writes ELAN's .eaf, one document a video.

Annotations of a tier cannot overlap in ELAN: where segments do, each label has a tier of its own, and more where it
overlaps itself. ELAN counts whole milliseconds. The date is that of the epoch, so that the same segments
are the same bytes.
"""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path

from graphcore import atomic
from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.outputs import check_labels, name_files
from graphcore.sources.item import Segment

_TYPE = "default-lt"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

_Span = tuple[int, int, str]
"""First and last millisecond, and the value."""


def write(path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes `path` itself when it ends in .eaf, else a document for each video into the folder `path`.

    Raises:
        DatasetError: several videos for one document, names or labels that cannot be, or a segment too short.
    """
    check_labels(videos, "elan")
    names = name_files(videos, options)
    if path.suffix.lower() != ".eaf":
        files = [path / f"{name}.eaf" for name in names]
    elif len(videos) == 1:
        files = [path]
    else:
        raise DatasetError(
            f"{path} is one document of ELAN, and there are {len(videos)} videos: a document has one.",
            next_step="Give a folder, with annotation_format=elan; each video gets a document in it.",
        )
    documents = [
        _build_document(video, options.media_of(video.video), options.path_of(video.video)) for video in videos
    ]
    for file, document in zip(files, documents, strict=True):
        atomic.write_bytes(file, document)
    return files


def plan_tiers(spans: Sequence[_Span]) -> dict[str, list[_Span]]:
    """Spreads annotations over tiers so that none overlap in a tier; pure. Tiers by name, each in order of time."""
    ordered = sorted(spans)
    lanes = _fill_lanes(ordered)
    if len(lanes) <= 1:
        return {"default": ordered}
    tiers: dict[str, list[_Span]] = {}
    labels = sorted({label for _, _, label in ordered})
    for label in labels:
        first, *more = _fill_lanes(span for span in ordered if span[2] == label)
        tiers[label] = first
        for lane in more:
            names = (f"{label} ({number})" for number in itertools.count(2))
            tiers[next(name for name in names if name not in tiers and name not in labels)] = lane
    return tiers


def _fill_lanes(ordered: Iterable[_Span]) -> list[list[_Span]]:
    lanes: list[list[_Span]] = []
    for span in ordered:
        free = next((lane for lane in lanes if lane[-1][1] <= span[0]), None)
        if free is None:
            lanes.append([span])
        else:
            free.append(span)
    return lanes


def _to_span(segment: Segment) -> _Span:
    start, end = round(segment.start_secs * 1000), round(segment.end_secs * 1000)
    if end <= start:
        raise DatasetError(
            f"video {segment.video}, {segment.label!r} at {segment.start_secs:g} s cannot be written as elan: "
            "it is shorter than a millisecond."
        )
    return start, end, segment.label


def _build_document(video: AnnotatedVideo, media: str, place: Path | None) -> bytes:
    root = ET.Element("ANNOTATION_DOCUMENT", AUTHOR="", DATE="1970-01-01T00:00:00+00:00", FORMAT="3.0", VERSION="3.0")
    root.set("xmlns:xsi", _INSTANCE)
    root.set("xsi:noNamespaceSchemaLocation", _SCHEMA)
    tiers = plan_tiers([_to_span(segment) for segment in video.segments])
    header = ET.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    kind = "video/mp4" if media.lower().endswith((".mp4", ".m4v")) else "video/*"
    # ELAN looks where the video is said to lie, then beside the document.
    beside = f"./{media}"
    url = beside if place is None else place.absolute().as_uri()
    ET.SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=url, RELATIVE_MEDIA_URL=beside, MIME_TYPE=kind)
    last = ET.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId")
    last.text = str(len(video.segments))
    slots = _add_slots(root, [span for spans in tiers.values() for span in spans])
    numbers = itertools.count()
    for name, spans in tiers.items():
        tier = ET.SubElement(root, "TIER", LINGUISTIC_TYPE_REF=_TYPE, TIER_ID=name)
        for span in spans:
            number = next(numbers)
            _add_annotation(tier, f"a{number + 1}", slots[2 * number : 2 * number + 2], span[2])
    ET.SubElement(root, "LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID=_TYPE, TIME_ALIGNABLE="true")
    ET.indent(root)
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _add_slots(root: ET.Element, spans: Sequence[_Span]) -> list[str]:
    """Adds the time slots in order of time, as ELAN wants them; returns first and last of each span in turn."""
    order = ET.SubElement(root, "TIME_ORDER")
    times = [time for start, end, _ in spans for time in (start, end)]
    # Where one annotation ends as another begins, the end comes first: even places hold beginnings.
    places = sorted(range(len(times)), key=lambda place: (times[place], place % 2 == 0))
    names = [""] * len(times)
    for number, place in enumerate(places, start=1):
        names[place] = f"ts{number}"
        ET.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=names[place], TIME_VALUE=str(times[place]))
    return names


def _add_annotation(tier: ET.Element, name: str, slots: Sequence[str], label: str) -> None:
    attributes = {"ANNOTATION_ID": name, "TIME_SLOT_REF1": slots[0], "TIME_SLOT_REF2": slots[1]}
    annotation = ET.SubElement(ET.SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", attributes)
    ET.SubElement(annotation, "ANNOTATION_VALUE").text = label
