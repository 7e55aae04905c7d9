"""Whose annotations are whose: names in a labelling tool's file to recordings on disk. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from graphcore.sources.annotations.model import AnnotatedVideo
from graphcore.sources.frames.probe import SUFFIXES
from graphcore.sources.item import Rejected
from graphcore.sources.recordings import Recording


@dataclass(frozen=True)
class Mark:
    """Annotations of one recording.

    Attributes:
        entry: what the annotations say.
        file_index: the file whose clock they count on; None where it is the recording's.
    """

    entry: AnnotatedVideo
    file_index: int | None = None


@dataclass
class Matches:
    """All recordings that are annotated, annotations without one, and names that fit several.

    Attributes:
        marks: by name of the recording, in the order of the annotations.
        missing: annotations without a recording, and what is said of each in `rejected.csv`.
        faults: annotations that could be of several.
    """

    marks: dict[str, list[Mark]] = field(default_factory=dict)
    missing: list[tuple[AnnotatedVideo, Rejected]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def match_recordings(entries: Sequence[AnnotatedVideo], recordings: Sequence[Recording]) -> Matches:
    """Finds the recordings that each entry of the annotations is about.

    A name in `video` is a file, with or without its ending, and times are that file's own; where no file is
    called so, it is a recording. Without it, every recording that `recording`, `subject` and `camera` fit is
    meant: one row of a spreadsheet serves all cameras of a subject.
    """
    files = _index_files(recordings)
    matches = Matches()
    for entry in entries:
        marks = _match_file(entry, files, recordings, matches) if entry.video else _match_names(entry, recordings)
        if marks is None:
            continue
        if not marks:
            matches.missing.append((entry, Rejected(_name(entry), _explain_missing(entry))))
        matches.faults += _find_ambiguity(entry, [recording for recording, _ in marks])
        for recording, mark in marks:
            matches.marks.setdefault(recording.name, []).append(mark)
    return matches


_Places = Mapping[str, Sequence[tuple[Recording, int]]]


def _index_files(recordings: Sequence[Recording]) -> _Places:
    """Files by every name they may go by: path, name, name without its ending."""
    places: dict[str, list[tuple[Recording, int]]] = {}
    for recording in recordings:
        for index, file in enumerate(recording.files):
            path = PurePosixPath(file.name)
            for name in dict.fromkeys((file.name, path.name, path.stem)):
                places.setdefault(name, []).append((recording, index))
    return places


def _match_file(
    entry: AnnotatedVideo, files: _Places, recordings: Sequence[Recording], matches: Matches
) -> list[tuple[Recording, Mark]] | None:
    """The file that an entry names; None where it is not clear which."""
    for name in _spellings(entry.video):
        found = files.get(name, ())
        if len(found) > 1:
            names = " and ".join(recording.files[index].name for recording, index in found)
            matches.faults.append(f"video {entry.video}: which file is it, {names}?")
            return None
        if found:
            recording, index = found[0]
            return [(recording, Mark(entry, index if recording.is_chaptered else None))]
    named = [recording for recording in recordings if entry.video in (recording.name, recording.title)]
    return [(recording, Mark(entry)) for recording in named]


def _spellings(video: str) -> list[str]:
    """A name as given, without a video's ending, and with or without ActivityNet's "v_" before it."""
    path = PurePosixPath(video)
    stem = path.stem if path.suffix.lower() in SUFFIXES else path.name
    other = stem.removeprefix("v_") if stem.startswith("v_") else f"v_{stem}"
    return list(dict.fromkeys((video, path.name, stem, other)))


def _match_names(entry: AnnotatedVideo, recordings: Sequence[Recording]) -> list[tuple[Recording, Mark]]:
    # Names that no file tells cannot choose among files: they are then told by the annotations alone.
    tells_subject = any(recording.subject for recording in recordings)
    tells_camera = any(recording.camera for recording in recordings)
    if not (entry.recording or (entry.subject and tells_subject) or (entry.camera and tells_camera)):
        return []
    return [
        (recording, Mark(entry))
        for recording in recordings
        if (not entry.recording or entry.recording in _titles(recording))
        and (not entry.subject or not tells_subject or entry.subject == recording.subject)
        and (not entry.camera or not tells_camera or entry.camera == recording.camera)
    ]


def _titles(recording: Recording) -> tuple[str, ...]:
    return recording.name, recording.title, PurePosixPath(recording.files[0].name).stem


def _find_ambiguity(entry: AnnotatedVideo, recordings: Sequence[Recording]) -> list[str]:
    """Several recordings of one row must differ in their camera: else its times could be those of either."""
    seen: dict[tuple[str, str], Recording] = {}
    faults = []
    for recording in recordings:
        first = seen.setdefault((recording.subject, recording.camera), recording)
        if first is not recording:
            faults.append(f"{_name(entry)}: which recording is it, {first.name} or {recording.name}?")
    return faults[:1]


def _name(entry: AnnotatedVideo) -> str:
    if entry.video:
        return entry.video
    names = (entry.recording, f"subject {entry.subject}", f"camera {entry.camera}")
    given = (entry.recording, entry.subject, entry.camera)
    return ", ".join(name for name, value in zip(names, given, strict=True) if value) or "a row without a name"


def _explain_missing(entry: AnnotatedVideo) -> str:
    if entry.video and not PurePosixPath(entry.video).suffix:
        return f"missing: no {entry.video}.mp4 or other video of that name"
    return "missing: no video of that name" if entry.video else "missing: no recording that these names fit"
