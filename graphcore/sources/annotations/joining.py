"""Annotations of several files made one, of one format or of several. Pure.

A person corrects in one tool what was marked in another, and puts the files side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import PurePosixPath

from graphcore.sources.annotations.gathering import find_unknown_tiers
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault
from graphcore.sources.frames.probe import SUFFIXES

SEVERAL = "several"
"""The format of annotations whose files are of more than one."""


def join_annotations(parts: Sequence[tuple[str, Annotations]], tiered: Collection[str]) -> Annotations:
    """All that the files say; their faults begin with the file's name.

    Args:
        parts: each file's name, or "" for what names its files itself, and what was read of it.
        tiered: the formats that `dataset.tiers` is for.
    """
    formats = tuple(sorted({read.format for _, read in parts}))
    videos = tuple(video for _, read in parts for video in read.videos)
    faults = [
        replace(fault, text=f"{name}: {fault.text}" if name else fault.text)
        for name, read in parts
        for fault in (*(one for one in read.faults if not one.tier), *find_repeats(read.videos))
    ]
    faults += [*_find_unknown_tiers(parts, tiered), *_find_shared(parts)]
    if len(formats) == 1:
        return Annotations(formats[0], videos, tuple(faults))
    return Annotations(SEVERAL, videos, tuple(faults), formats)


def find_repeats(videos: Sequence[AnnotatedVideo]) -> list[Fault]:
    """Videos that are annotated more than once; pure."""
    counts = Counter(_key(video) for video in videos)
    twice = [" ".join(part for part in key[:4] if part) for key, count in counts.items() if count > 1]
    return [Fault(f"video {name}: annotated more than once") for name in twice]


def _key(video: AnnotatedVideo) -> tuple[str, str, str, str, str]:
    return video.video, video.recording, video.subject, video.camera, video.split


def _find_unknown_tiers(parts: Sequence[tuple[str, Annotations]], tiered: Collection[str]) -> list[Fault]:
    """A name that one file lacks is no fault where another has it."""
    lacking: dict[str, list[Fault]] = {}
    for _, read in parts:
        for fault in read.faults:
            if fault.tier:
                lacking.setdefault(fault.tier, []).append(fault)
    asked = sum(read.format in tiered for _, read in parts)
    unknown = {tier: faults for tier, faults in lacking.items() if len(faults) >= asked}
    return find_unknown_tiers(
        list(unknown), {tier for faults in unknown.values() for one in faults for tier in one.tiers}
    )


def _find_shared(parts: Sequence[tuple[str, Annotations]]) -> Iterator[Fault]:
    """Videos that more than one file annotates."""
    places: dict[tuple[str, ...], list[tuple[str, AnnotatedVideo]]] = {}
    for name, read in parts:
        for video in read.videos:
            places.setdefault((_strip(video.video),) if video.video else _key(video), []).append((name, video))
    for found in places.values():
        for (first, one), (second, other) in combinations(found, 2):
            if first != second and _may_be_one(one, other):
                known = one.video or " ".join(part for part in _key(one)[:4] if part)
                files = " and ".join(name for name in (first, second) if name)
                yield Fault(f"video {known}: annotated more than once, in {files}")
                break


def _strip(video: str) -> str:
    """A file's name without a video's ending: tools differ in whether they keep it."""
    return video[: -len(PurePosixPath(video).suffix)] if PurePosixPath(video).suffix.lower() in SUFFIXES else video


def _may_be_one(one: AnnotatedVideo, other: AnnotatedVideo) -> bool:
    bare = _strip(one.video)
    if one.video != other.video and bare not in (one.video, other.video):
        return False  # clip.mp4 and clip.mov
    pairs = ((one.subject, other.subject), (one.camera, other.camera), (one.recording, other.recording))
    return all(not mine or not others or mine == others for mine, others in pairs)
