"""ELAN's .eaf, one document a video, or a folder of them.

Each annotation in the tiers that are read is a segment, its value the label. Of several media the first that is not
sound alone names the video, for they are several cameras on one scene; its TIME_ORIGIN, how far into the file the
document's time begins, is added. A document that names no media is named as its video is.
Source: the EAF schema, version 3.0 (Max Planck Institute for Psycholinguistics).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from graphcore.sources.annotations.documents import UnreadableError, list_folder, name_video, read_xml, show
from graphcore.sources.annotations.elan_times import Timing, iterate_annotations
from graphcore.sources.annotations.elan_writer import write
from graphcore.sources.annotations.gathering import Gathering, find_unknown_tiers
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault, Head, ReadOptions, to_number

__all__ = ["read", "recognise", "write"]

_ROOT = "ANNOTATION_DOCUMENT"
_EXPECTED = "Expected is a file as ELAN saves it, .eaf."


def recognise(head: Head) -> bool:
    """A document's root, or a folder with a document."""
    return f"<{_ROOT}" in head.text or any(name.lower().endswith(".eaf") for name in head.names)


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads a document, or all of a folder.

    Raises:
        UnreadableError: a single document cannot be read, or a folder has none.
    """
    if not path.is_dir():
        roots, faults = {path: _read_document(path)}, []
    else:
        roots, faults = _read_folder(path)
    videos = []
    tiers: set[str] = set()
    for file, root in roots.items():
        video, found = _parse_document(root, file, options.tiers)
        videos.append(video)
        faults += found
        tiers |= {tier.get("TIER_ID", "") for tier in root.iter("TIER")}
    faults += find_unknown_tiers(options.tiers, tiers)
    return Annotations("elan", tuple(videos), tuple(faults))


def _read_folder(path: Path) -> tuple[dict[Path, ET.Element], list[Fault]]:
    files = list_folder(path, ".eaf")
    if not files:
        raise UnreadableError(path, "holds no .eaf")
    roots: dict[Path, ET.Element] = {}
    faults = []
    for file in files:
        try:
            roots[file] = _read_document(file)
        except UnreadableError as error:
            faults.append(Fault(f"{file.name} {error.reason}"))
    return roots, faults


def _read_document(path: Path) -> ET.Element:
    root = read_xml(path, _EXPECTED)
    if root.tag != _ROOT:
        raise UnreadableError(path, f"is no document of ELAN: it begins with <{root.tag}>", _EXPECTED)
    return root


def _parse_document(
    root: ET.Element, file: Path, tiers: Sequence[str] | None
) -> tuple[AnnotatedVideo, tuple[Fault, ...]]:
    media = _choose_media(root)
    name = _name_media(media) or file.stem
    gathering = Gathering(name)
    units = next((one.get("TIME_UNITS", "milliseconds") for one in root.iter("HEADER")), "milliseconds")
    origin = to_number(media.get("TIME_ORIGIN", "0"))
    if units != "milliseconds":
        gathering.note(f"TIME_UNITS={show(units)} is not known; the one choice is milliseconds", file.name)
    elif origin is None:
        gathering.note(f"TIME_ORIGIN={show(media.get('TIME_ORIGIN'))} is no number of milliseconds", file.name)
    else:
        _gather_tiers(root, tiers, origin, gathering)
    return AnnotatedVideo(name, tuple(gathering.segments)), gathering.faults()


def _gather_tiers(root: ET.Element, tiers: Sequence[str] | None, origin: float, gathering: Gathering) -> None:
    timing = Timing(root)
    for tier in root.iter("TIER"):
        tier_id = tier.get("TIER_ID", "")
        if tiers is not None and tier_id not in tiers:
            continue
        for annotation in iterate_annotations(tier):
            where = f"tier {tier_id!r}, annotation {annotation.get('ANNOTATION_ID', '?')}"
            label = annotation.findtext("ANNOTATION_VALUE", "").strip()
            span = timing.find_span(annotation)
            if isinstance(span, str):
                gathering.note("times are missing", f"{where}: {span}", label)
            else:
                gathering.add(label, (span[0] + origin) / 1000, (span[1] + origin) / 1000, where)


def _choose_media(root: ET.Element) -> ET.Element:
    media = [one for one in root.iter("MEDIA_DESCRIPTOR") if _name_media(one)]
    seen = [one for one in media if not one.get("MIME_TYPE", "").startswith("audio/")]
    return next(iter([*seen, *media]), ET.Element("MEDIA_DESCRIPTOR"))


def _name_media(media: ET.Element) -> str:
    return name_video(media.get("MEDIA_URL", "")) or name_video(media.get("RELATIVE_MEDIA_URL", ""))
