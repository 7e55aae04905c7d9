"""The same picture in two splits, or with two labels: copies byte for byte, and pictures that look the same. Pure.

Pictures that were learnt from and are tested on make the test too good. A copied picture file is a leak, be it one.
Video frames repeat by chance as well (a title, a test card), so those are measured as lookalikes are: a leak when they
are more than a tolerated share of a split.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.audit.findings import EXAMPLES, FACT, LEAK, WARNING, Finding
from graphcore.audit.lookalikes import find_lookalikes
from graphcore.audit.scan import Facts, Scan
from graphcore.config import AuditConfig

_PAIRS = (("train", "validation"), ("train", "test"), ("validation", "test"))
"""Splits compared: what was learnt or chosen by first, what is held out second."""

_TITLES = {"copy": "copies", "lookalike": "lookalikes"}

_SAME_FOOTAGE = (
    "leave the repeats out, or keep videos that share footage in one split: name one subject for them (in our JSON or "
    "a column of a spreadsheet, or by their names: 'dataset.recordings={subject}_{recording}') and set "
    "split.group_by=subject"
)
_ALIKE = "; where it is only the scenery that is alike, raise audit.tolerated_percent or lower audit.similar_bits"


@dataclass(frozen=True)
class Match:
    """A held-out sample and the one that it looks like, by their places in the scan.

    Attributes:
        other: the held-out sample.
        reference: the sample of the split that comes first.
        bits: of the 256 of their hashes that differ.
        is_copy: whether they are the same byte for byte.
    """

    other: int
    reference: int
    bits: int
    is_copy: bool


def find_duplicates(scan: Scan, labels: Sequence[str], options: AuditConfig) -> list[Finding]:
    """Copies and lookalikes across splits, and copies with different labels.

    Args:
        scan: all samples.
        labels: class names, by number.
        options: how alike is the same, and how much of it is tolerated.
    """
    findings, matches = [], []
    for pair in _PAIRS:
        found = match_splits(scan, pair, options.similar_bits)
        findings += judge_matches(scan, pair, found, options.tolerated_percent)
        matches += found
    contradictions = find_contradictions(scan, labels, matches)
    flat = _find_flat(scan)
    return [*findings, *([contradictions] if contradictions else []), *([flat] if flat else [])]


def match_splits(scan: Scan, pair: tuple[str, str], bits: int) -> list[Match]:
    """Each sample of the second split that is in the first as well, the nearest first.

    Flat frames have no match: black is black in every video. Flat picture files can be copies, no lookalikes.
    """
    references, others = (scan.find(split) for split in pair)
    copies = {scan.facts[place].digest: place for place in reversed(references) if not _is_void(scan, place)}
    nearest, apart = find_lookalikes(scan.looks.take(others), scan.looks.take(references), bits)
    matches = []
    for row, other in enumerate(others.tolist()):
        copy = None if _is_void(scan, other) else copies.get(scan.facts[other].digest)
        if copy is not None:
            matches.append(Match(other, int(copy), 0, True))
        elif nearest[row] >= 0:
            matches.append(Match(other, int(references[nearest[row]]), int(apart[row]), False))
    return sorted(matches, key=lambda match: (match.bits, scan.facts[match.other].key))


def judge_matches(
    scan: Scan, pair: tuple[str, str], matches: Sequence[Match], tolerated_percent: float
) -> list[Finding]:
    """What the matches of two splits amount to: a finding for copies, and one for lookalikes where there are more."""
    samples = len(scan.find(pair[1]))
    kinds = {"copy": [match for match in matches if match.is_copy], "lookalike": matches}
    if len(kinds["copy"]) == len(matches):
        del kinds["lookalike"]
    return [_judge(kind, scan.facts, pair, found, samples, tolerated_percent) for kind, found in kinds.items() if found]


def _judge(
    kind: str, facts: Sequence[Facts], pair: tuple[str, str], found: Sequence[Match], samples: int, tolerated: float
) -> Finding:
    files = any(not facts[match.other].video_id for match in found)
    percent = 100 * len(found) / samples
    if pair[0] != "train":
        severity = WARNING
    elif percent > tolerated or (kind == "copy" and files):
        severity = LEAK
    else:
        severity = WARNING if kind == "copy" else FACT
    what = "are copies of" if kind == "copy" else "are or look like"
    shown = [match for match in found if not match.is_copy] if kind == "lookalike" else found
    return Finding(
        kind=kind,
        severity=severity,
        splits=pair,
        title=f"{_TITLES[kind]}: {pair[1]} in {pair[0]}",
        count=len(found),
        summary=f"{len(found)} of {samples} {pair[1]} samples ({percent:.1f}%) {what} {pair[0]} samples",
        remedy=_find_remedy(kind, files),
        columns=(pair[1], pair[0], "bits apart"),
        rows=tuple((facts[match.other].key, facts[match.reference].key, str(match.bits)) for match in shown[:EXAMPLES]),
    )


def _find_remedy(kind: str, files: bool) -> str:
    if not files:
        return _SAME_FOOTAGE + _ALIKE
    if kind == "copy":
        return "remove the copies, or set split.given=ignore, which keeps copies together"
    return "remove one of each, or give both one group in a dataset.list" + _ALIKE


def find_contradictions(scan: Scan, labels: Sequence[str], matches: Iterable[Match]) -> Finding | None:
    """The same picture with different labels, within and across splits; None when there is none.

    Frames of one video are left out: where its label changes, its picture need not.
    """
    pairs = {(match.other, match.reference) for match in matches} | set(_find_copies(scan))
    wrong = sorted(
        (scan.facts[first].key, scan.facts[second].key, first, second)
        for first, second in pairs
        if _contradict(scan.facts[first], scan.facts[second])
    )
    if not wrong:
        return None
    count = len({first for _, _, first, _ in wrong})
    return Finding(
        kind="contradiction",
        severity=WARNING,
        splits=(),
        title="one picture, two labels",
        count=count,
        summary=f"{count} samples are or look like one with another label",
        remedy="correct the labels",
        columns=("sample", "label", "looks like", "label"),
        rows=tuple(
            (one, _name(scan.facts[first], labels), other, _name(scan.facts[second], labels))
            for one, other, first, second in wrong[:EXAMPLES]
        ),
    )


def _find_copies(scan: Scan) -> Iterable[tuple[int, int]]:
    """Each sample whose bytes are also another's, with the first of those."""
    first: dict[bytes, int] = {}
    for place, one in enumerate(scan.facts):
        if not _is_void(scan, place) and first.setdefault(one.digest, place) != place:
            yield place, first[one.digest]


def _contradict(first: Facts, second: Facts) -> bool:
    return first.labels != second.labels and not (first.video_id and first.video_id == second.video_id)


def _name(one: Facts, labels: Sequence[str]) -> str:
    return ", ".join(labels[label] for label in one.labels if 0 <= label < len(labels)) or "none"


def _is_void(scan: Scan, place: int) -> bool:
    """Whether a frame shows nothing, so that it says nothing when it is the same as another."""
    return bool(scan.facts[place].video_id) and bool(scan.looks.is_flat[place])


def _find_flat(scan: Scan) -> Finding | None:
    places = np.flatnonzero(scan.looks.is_flat)
    if not len(places):
        return None
    return Finding(
        kind="flat",
        severity=FACT,
        splits=(),
        title="black or blank",
        count=len(places),
        summary=f"{len(places)} of {len(scan.facts)} samples are black, blank or nearly so, too even to be compared",
        columns=("sample", "split"),
        rows=tuple((scan.facts[place].key, scan.facts[place].split) for place in places[:EXAMPLES]),
    )
