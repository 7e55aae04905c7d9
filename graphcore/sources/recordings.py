"""Which files make up which recording, and in what order: chapters that a camera cut, several cameras at once.

Pure but for the names it is given. A recording's clock starts with its first file and runs through all of them;
no file is ever joined to another on disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Any

from graphcore.sources.files import printable
from graphcore.sources.item import InputFile, Rejected
from graphcore.sources.pattern import parse_pattern

FIELDS = ("recording", "chapter", "subject", "camera", "name")
"""What the pattern of `dataset.recordings` may name."""

_OPTION = "dataset.recordings"


@dataclass(frozen=True)
class Recording:
    """One camera's continuous view, in one or more files.

    Attributes:
        name: unique in the dataset; samples are named by it.
        files: in the order of their times.
        title: as a spreadsheet names it; several cameras' recordings may share it.
        subject: whom it shows; empty where the names do not say it.
        camera: which camera took it; empty where the names do not say it.
    """

    name: str
    files: tuple[InputFile, ...]
    title: str = ""
    subject: str = ""
    camera: str = ""

    @property
    def session(self) -> str:
        """What was recorded, whichever camera took it: all that its names tell but the camera."""
        return "-".join(part for part in (self.subject, self.title) if part) or self.name

    @property
    def is_chaptered(self) -> bool:
        """Whether it lies in more than one file."""
        return len(self.files) > 1


@dataclass(frozen=True)
class RecordingPlan:
    """All recordings of a folder, files that belong to none, and what is wrong."""

    recordings: tuple[Recording, ...]
    rejected: tuple[Rejected, ...] = ()
    faults: tuple[str, ...] = ()


def needs_folders(rule: Any) -> bool:
    """Whether a rule looks at folders below that of the videos."""
    if isinstance(rule, str):
        return "/" in rule
    entries = rule.values() if isinstance(rule, dict) else rule or ()
    return any("/" in str(entry) for entry in entries)


def plan_recordings(files: Sequence[InputFile], rule: Any) -> RecordingPlan:
    """Divides video files into recordings.

    Args:
        files: the videos, in order of their names.
        rule: `dataset.recordings`: None makes every file one; a pattern of names, see
            `graphcore.sources.pattern`, with the fields of `FIELDS`; a list of lists of files; or a mapping
            of names to such lists, or to {files, subject, camera}.

    Raises:
        ConfigError: a pattern that cannot be one.
    """
    if rule is None:
        return RecordingPlan(tuple(_make_names_unique(list(_plan_alone(files)))))
    if isinstance(rule, str):
        return _plan_by_pattern(files, rule)
    return _plan_by_list(files, rule)


def chapter_offsets(durations: Iterable[float]) -> list[float]:
    """Where each file begins on its recording's clock, in seconds, by the lengths of the files before it."""
    return [round(offset, 6) for offset in accumulate(durations, initial=0.0)][:-1]


def _plan_alone(files: Sequence[InputFile]) -> Iterator[Recording]:
    """Each file is a recording, named without its ending; a.mp4 and a.mov keep theirs."""
    counts = Counter(PurePosixPath(file.name).stem for file in files)
    for file in files:
        path = PurePosixPath(file.name)
        yield Recording(path.stem if counts[path.stem] == 1 else path.name, (file,))


@dataclass
class _Group:
    """Files of one recording while they are collected."""

    fields: Mapping[str, str]
    chapters: dict[int, list[InputFile]] = field(default_factory=dict)


def _plan_by_pattern(files: Sequence[InputFile], text: str) -> RecordingPlan:
    pattern = parse_pattern(text, FIELDS, _OPTION)
    groups: dict[tuple[str, str, str], _Group] = {}
    rejected = []
    for file in files:
        found = pattern.match(file.name)
        if found is None:
            rejected.append(Rejected(printable(file.name), f"its name does not fit {_OPTION}={text}"))
            continue
        key = (found.get("subject", ""), found.get("recording", ""), found.get("camera", ""))
        if not any(key):
            key = ("", found.get("name") or PurePosixPath(file.name).stem, "")
        group = groups.setdefault(key, _Group(found))
        group.chapters.setdefault(int(found.get("chapter", 0)), []).append(file)
    recordings, faults = [], []
    for (subject, title, camera), group in sorted(groups.items()):
        name = "-".join(part for part in (subject, title, camera) if part)
        faults += _find_chapter_faults(name, group.chapters)
        ordered = tuple(file for _, found in sorted(group.chapters.items()) for file in found)
        recordings.append(Recording(name, ordered, title, subject, camera))
    return RecordingPlan(tuple(_make_names_unique(recordings)), tuple(rejected), tuple(faults))


def _find_chapter_faults(name: str, chapters: Mapping[int, Sequence[InputFile]]) -> list[str]:
    """A chapter too many or too few would shift every later time of its recording."""
    faults = []
    for number, files in sorted(chapters.items()):
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            which = f"both are chapter {number}" if len(chapters) > 1 or number else "which comes first?"
            faults.append(f"recording {name}: {names}: {which} ({_OPTION} tells them apart by {{chapter}})")
    numbers = sorted(chapters)
    # Cameras count from 0 or 1, or go on where the card's last recording ended: 2 and 3 begin neither.
    first = 1 if numbers[0] in (2, 3) else numbers[0]
    missing = sorted({*range(first, numbers[-1] + 1)} - {*numbers})
    if missing:
        shown = ", ".join(map(str, missing[:10])) + (", ..." if len(missing) > 10 else "")
        there = ", ".join(map(str, numbers[:10]))
        faults.append(f"recording {name}: chapter {shown} is missing (there are {there}): later times would be wrong")
    return faults


def _make_names_unique(recordings: Sequence[Recording]) -> list[Recording]:
    """("a-b", "c") and ("a", "b-c") would share a name: the later one is numbered."""
    taken: set[str] = set()
    unique = []
    for recording in recordings:
        name, number = recording.name, 1
        while name in taken:
            number += 1
            name = f"{recording.name}~{number}"
        taken.add(name)
        unique.append(replace(recording, name=name))
    return unique


def _plan_by_list(files: Sequence[InputFile], rule: Any) -> RecordingPlan:
    by_name = {file.name: file for file in files}
    recordings, faults, used = [], [], set()
    entries = rule.items() if isinstance(rule, dict) else [(None, entry) for entry in rule]
    for number, (name, entry) in enumerate(entries, start=1):
        where = f"{_OPTION}, {f'recording {name}' if name is not None else f'entry {number}'}"
        details = entry if isinstance(entry, dict) else {"files": entry}
        unknown = sorted(str(key) for key in details if key not in ("name", "files", "subject", "camera"))
        names = details.get("files")
        names = [names] if isinstance(names, str) else names
        if unknown or not isinstance(names, list) or not names:
            problem = f"unknown {', '.join(unknown)}" if unknown else "no list of files"
            faults.append(f"{where}: {problem}; known are name, files, subject, camera")
            continue
        names = [str(one) for one in names]
        for one in names:
            if one not in by_name:
                faults.append(f"{where}: there is no video {one}")
            elif one in used:
                faults.append(f"{where}: {one} is listed more than once")
            used.add(one)
        title = str(name if name is not None else details.get("name") or PurePosixPath(names[0]).stem)
        found = tuple(by_name[one] for one in names if one in by_name)
        if found:
            subject, camera = (str(details.get(key) or "") for key in ("subject", "camera"))
            recordings.append(Recording(title.replace("/", "-"), found, title, subject, camera))
    strays = [Rejected(printable(file.name), f"not in {_OPTION}") for file in files if file.name not in used]
    return RecordingPlan(tuple(_make_names_unique(recordings)), tuple(strays), tuple(faults))
