"""The folder of texts that MS-TCN and its descendants train on: a label a frame.

`groundTruth/<video>.txt` has a line for each frame, `mapping.txt` a number for each label, `splits/` lists of videos.
Frames labelled "background" are times outside every segment, as are those of "not-x" where x is the only other label.
With the lists of one split ("train.split1.bundle" and so on) videos carry it; with those of several, which are
cross-validation, they carry none.
Source: Farha and Gall, MS-TCN (CVPR 2019), its released data. Their own loader cuts labels at the first blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from graphcore.sources.annotations.documents import UnreadableError, list_folder, name_video, read_text, show
from graphcore.sources.annotations.gathering import Gathering, count_places
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault, Head, ReadOptions
from graphcore.sources.annotations.ms_tcn_writer import write
from graphcore.sources.annotations.rates import choose_rate, find_start, find_unknown_rates
from graphcore.sources.annotations.runs import list_runs
from graphcore.sources.item import Segment

__all__ = ["read", "recognise", "write"]

_BUNDLE = re.compile(r"(?P<split>train|validation|valid|val|test)\.split(?P<number>\d+)\.bundle")
_LABELS = "groundTruth"


def recognise(head: Head) -> bool:
    """A folder with the folder of labels."""
    return _LABELS in head.names


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads all of a folder; frames are counted at `options.fps`, else at each video's own rate.

    Raises:
        UnreadableError: there are no labels, or `mapping.txt` is no text.
    """
    files = list_folder(path / _LABELS, ".txt") if (path / _LABELS).is_dir() else []
    if not files:
        raise UnreadableError(path, f"is not of MS-TCN: no {_LABELS}/<video>.txt", "Give the folder that holds both.")
    frames, faults = _read_frames(files)
    mapping, found = _read_mapping(path / "mapping.txt")
    splits, unknown = _read_splits(path / "splits", list(frames))
    outside = _find_outside({label for labels in frames.values() for label in labels})
    videos, without_rate = [], []
    for name, labels in frames.items():
        gathering = Gathering(name)
        _check_frames(labels, mapping, gathering)
        faults += gathering.faults()
        fps = choose_rate(options, name)
        if fps is None:
            without_rate.append(name)
            continue
        segments = tuple(_make_segments(name, labels, fps, outside))
        duration = find_start(len(labels), fps)
        videos.append(AnnotatedVideo(name, segments, duration or None, split=splits.get(name, ""), fps=fps))
    faults += [*found, *unknown, *find_unknown_rates(without_rate)]
    return Annotations("ms_tcn", tuple(videos), tuple(faults))


def _make_segments(name: str, labels: Sequence[str], fps: float, outside: str) -> Iterator[Segment]:
    for label, first, after in list_runs(labels):
        if label and label != outside:
            yield Segment(name, find_start(first, fps), find_start(after, fps), label)


def _read_frames(files: Sequence[Path]) -> tuple[dict[str, list[str]], list[Fault]]:
    frames, faults = {}, []
    for file in files:
        try:
            frames[file.stem] = [line.strip() for line in read_text(file).rstrip().split("\n")]
        except UnreadableError as error:
            faults.append(Fault(f"{_LABELS}/{file.name} {error.reason}"))
    return frames, faults


def _read_mapping(path: Path) -> tuple[set[str] | None, list[Fault]]:
    """The labels that are numbered; None, which allows all, where nobody numbered them."""
    if not path.is_file():
        return None, []
    labels: set[str] = set()
    wrong: list[str] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        parts = line.split(maxsplit=1)
        if len(parts) == 2 and parts[0].isdecimal():
            labels.add(parts[1].strip())
        elif parts:
            wrong.append(f"line {number}: {show(line)}")
    return labels, [Fault(f"{path.name}: not a number and a label ({count_places(wrong)})")] if wrong else []


def _check_frames(labels: Sequence[str], mapping: set[str] | None, gathering: Gathering) -> None:
    if not any(labels):
        gathering.note("no frame is labelled", f"{len(labels)} lines")
        return
    choices = show(", ".join(sorted(mapping or ())) or "none")
    for label, first, _ in list_runs(labels):
        if not label:
            gathering.note("a frame without a label", f"line {first + 1}")
        elif mapping is not None and label not in mapping:
            gathering.note(f"not in mapping.txt, which has {choices}", f"line {first + 1}", label)


def _find_outside(labels: set[str]) -> str:
    """The label of times outside every segment."""
    others = labels - {"background", ""}
    for label in others:
        if len(others) == 2 and f"not-{label}" in others and "background" not in labels:
            return f"not-{label}"
    return "background"


def _read_splits(folder: Path, names: Sequence[str]) -> tuple[Mapping[str, str], list[Fault]]:
    """The split of each video, when the lists of one split are there."""
    bundles = [(file, _BUNDLE.fullmatch(file.name)) for file in (list_folder(folder) if folder.is_dir() else [])]
    matched = [(file, match) for file, match in bundles if match]
    if len({match["number"] for _, match in matched}) != 1:
        return {}, []
    splits: dict[str, str] = {}
    faults = []
    for file, match in matched:
        split = "validation" if match["split"].startswith("val") else match["split"]
        try:
            listed = [name_video(line).removesuffix(".txt") for line in read_text(file).splitlines() if line.strip()]
        except UnreadableError as error:
            faults.append(Fault(f"{folder.name}/{file.name} {error.reason}"))
            continue
        for name in listed:
            if name not in names:
                faults.append(
                    Fault(f"video {name}: {folder.name}/{file.name} lists it, and {_LABELS} has no {name}.txt")
                )
            elif splits.setdefault(name, split) != split:
                faults.append(Fault(f"video {name}: listed for {splits[name]} and for {split} in {folder.name}"))
    return splits, faults
