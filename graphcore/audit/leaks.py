"""Who stands in two splits: groups, videos and subjects. Pure, from the facts of every sample.

A video or a group in two splits is a leak: its test frames were all but trained on. A subject in two splits is a
warning, for datasets that are divided by video often have one, and it depends on the question whether that is fair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from graphcore.audit.findings import EXAMPLES, FACT, LEAK, WARNING, Finding
from graphcore.audit.scan import Facts

CLOSE_SECS = 1.0
"""Frames this near to a training frame are counted: little moves in that time."""

_SPLITS = ("train", "validation", "test")


def find_straddlers(facts: Sequence[Facts], group_by: str = "file") -> list[Finding]:
    """What stands in two splits.

    Args:
        facts: of every sample.
        group_by: the `split.group_by` that the splits were made with.
    """
    found = [find_videos(facts, group_by), find_groups(facts), find_subjects(facts, group_by)]
    return [finding for finding in found if finding is not None]


def find_groups(facts: Sequence[Facts]) -> Finding | None:
    """Groups with samples in several splits; None when there are none."""
    # Frames of a straddling video are told of there.
    straddling = _find_straddling([one for one in facts if one.group != one.video_id], lambda one: one.group)
    if not straddling:
        return None
    return Finding(
        kind="group",
        severity=LEAK,
        splits=_order_splits(straddling),
        title="groups in two splits",
        count=len(straddling),
        summary=f"{_count(len(straddling), 'group')} in two splits",
        remedy="give all samples of a group the same split, or set split.given=ignore",
        columns=("group", "samples"),
        rows=tuple((name, _say_samples(by_split)) for name, by_split in list(straddling.items())[:EXAMPLES]),
    )


def find_subjects(facts: Sequence[Facts], group_by: str = "file") -> Finding | None:
    """Subjects with samples in several splits; None when there are none."""
    straddling = _find_straddling(facts, lambda one: one.subject)
    if not straddling:
        return None
    return Finding(
        kind="subject",
        severity=LEAK if group_by == "subject" else WARNING,
        splits=_order_splits(straddling),
        title="subjects in two splits",
        count=len(straddling),
        summary=f"{_count(len(straddling), 'subject')} in two splits: the test does not say how it goes with others",
        remedy="set split.group_by=subject",
        columns=("subject", "samples"),
        rows=tuple((name, _say_samples(by_split)) for name, by_split in list(straddling.items())[:EXAMPLES]),
    )


def find_videos(facts: Sequence[Facts], group_by: str = "file") -> Finding | None:
    """Videos with frames in several splits, and how near those are in time; None where there are no videos."""
    straddling = _find_straddling(facts, lambda one: one.video_id)
    videos = len({one.video_id for one in facts if one.video_id})
    if not straddling:
        return _clear_videos(videos) if videos else None
    gaps = [
        (gaps, video, held_out, by_split)
        for video, by_split in straddling.items()
        for held_out, gaps in _measure_gaps(by_split).items()
    ]
    gaps.sort(key=lambda one: (one[0].min(initial=np.inf), one[1], one[2]))
    close = sum(int((one[0] <= CLOSE_SECS).sum()) for one in gaps)
    total = sum(len(one[0]) for one in gaps)
    closest = min((float(one[0].min(initial=np.inf)) for one in gaps), default=np.inf)
    nearness = f"; the closest frames lie {closest:.3f} s apart, " if np.isfinite(closest) else "; "
    near = f"{close} of {total} held-out frames lie within {CLOSE_SECS:g} s of one learnt from"
    return Finding(
        kind="video",
        severity=LEAK,
        splits=_order_splits(straddling),
        title="videos in two splits",
        count=len(straddling),
        summary=f"{_count(len(straddling), 'video')} in two splits{nearness}{near}",
        remedy=f"set split.group_by={'video' if group_by == 'file' else 'recording'}",
        columns=("video", "frames", "held out", "closest s", f"within {CLOSE_SECS:g} s"),
        rows=tuple(
            (video, _say_samples(by_split), split, _say_closest(secs), f"{(secs <= CLOSE_SECS).sum()} of {len(secs)}")
            for secs, video, split, by_split in gaps[:EXAMPLES]
        ),
    )


def _clear_videos(videos: int) -> Finding:
    return Finding(
        kind="video",
        severity=FACT,
        splits=(),
        title="videos in two splits",
        count=0,
        summary=f"None of {videos} videos stands in two splits; other cameras of one moment are not compared",
    )


def _measure_gaps(by_split: dict[str, list[Facts]]) -> dict[str, np.ndarray]:
    """For each later split the seconds from each of its frames to the closest of the first split: float64 [frames].

    A frame without a time is infinitely far away: nothing is known.
    """
    first, *others = sorted(by_split, key=_rank)
    times = np.sort(_get_times(by_split[first]))
    padded = np.concatenate([[-np.inf], times[np.isfinite(times)], [np.inf]])
    gaps = {}
    for split in others:
        asked = _get_times(by_split[split])
        known = np.isfinite(asked)
        after = np.clip(np.searchsorted(padded, asked), 1, len(padded) - 1)
        with np.errstate(invalid="ignore"):
            gaps[split] = np.where(known, np.minimum(asked - padded[after - 1], padded[after] - asked), np.inf)
    return gaps


def _get_times(facts: Sequence[Facts]) -> np.ndarray:
    return np.array([np.inf if one.time_secs is None else one.time_secs for one in facts], np.float64)


def _find_straddling(facts: Sequence[Facts], name: Callable[[Facts], str]) -> dict[str, dict[str, list[Facts]]]:
    """The samples of each name that stands in several splits, by split; the names in order."""
    found: dict[str, dict[str, list[Facts]]] = defaultdict(lambda: defaultdict(list))
    for one in facts:
        if name(one):
            found[name(one)][one.split].append(one)
    return {key: dict(by_split) for key, by_split in sorted(found.items()) if len(by_split) > 1}


def _order_splits(straddling: dict[str, dict[str, list[Facts]]]) -> tuple[str, ...]:
    return tuple(sorted({split for by_split in straddling.values() for split in by_split}, key=_rank))


def _rank(split: str) -> tuple[int, str]:
    return _SPLITS.index(split) if split in _SPLITS else len(_SPLITS), split


def _say_samples(by_split: dict[str, list[Facts]]) -> str:
    return ", ".join(f"{split} {len(by_split[split])}" for split in sorted(by_split, key=_rank))


def _say_closest(seconds: np.ndarray) -> str:
    closest = float(seconds.min(initial=np.inf))
    return f"{closest:.3f}" if np.isfinite(closest) else "unknown"


def _count(count: int, noun: str) -> str:
    return f"1 {noun} stands" if count == 1 else f"{count} {noun}s stand"
