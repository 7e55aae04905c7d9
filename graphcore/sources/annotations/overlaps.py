"""Which of two segments holds the time that both claim.

Frames have one label each, and people mark a procedure and, within it, a step.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphcore.sources.item import Segment

OVERLAPS: Mapping[str, Callable[[Segment, int], tuple[float, ...]]] = {
    "error": lambda segment, position: (segment.start_secs, position),
    "first": lambda segment, position: (segment.start_secs, position),
    "last": lambda segment, position: (-segment.start_secs, -position),
    "shortest": lambda segment, position: (segment.end_secs - segment.start_secs, segment.start_secs, position),
}
"""Who holds the time that several labels claim, by `dataset.overlap`: the least. Position: that in the file."""


_MOST_PAIRS = 50
"""Of labels that a person is told of: where every label overlaps every other, they are as many as their square."""


def resolve_overlaps(segments: Iterable[Segment], rule: str) -> tuple[tuple[Segment, ...], list[str]]:
    """Gives each moment of one video to one segment; pure.

    Segments of one label that overlap become one first. A segment that loses time in its middle leaves two.

    Args:
        segments: in the order of the file.
        rule: "first" lets the segment that starts first keep its time, "last" the one that starts last; of those
            that start together the earlier (last: later) in the file. "shortest" lets the shortest. "error" is as
            "first", and contradictions are faults.

    Returns:
        The segments in order of time, none overlapping another, and the faults: one for each pair of labels.
    """
    merged = _merge_same(segments)
    faults = _find_contradictions(merged) if rule == "error" else []
    return tuple(_award(merged, OVERLAPS[rule])), faults


def describe(segment: Segment) -> str:
    """A segment as faults name it."""
    return f"video {segment.video}, {segment.label!r} {_span(segment)}"


def _span(segment: Segment) -> str:
    return f"{segment.start_secs:g}-{segment.end_secs:g} s"


def _merge_same(segments: Iterable[Segment]) -> list[Segment]:
    """Makes one of overlapping segments of a label; in the order of the file by their first parts."""
    reaching: dict[str, int] = {}  # of each label, the place of the segment that ends last so far
    merged: dict[int, Segment] = {}
    for position, segment in sorted(enumerate(segments), key=lambda one: one[1].start_secs):
        before = reaching.get(segment.label)
        if before is not None and segment.start_secs < merged[before].end_secs:
            end_secs = max(segment.end_secs, merged[before].end_secs)
            merged[before] = replace(merged[before], end_secs=end_secs)
        else:
            reaching[segment.label] = position
            merged[position] = segment
    return [merged[position] for position in sorted(merged)]


def _find_contradictions(segments: Sequence[Segment]) -> list[str]:
    """Pairs of labels that hold at the same time, each with the first place where they do."""
    found: dict[frozenset[str], list[tuple[Segment, Segment]]] = {}
    running: dict[str, Segment] = {}
    for segment in sorted(segments, key=lambda one: (one.start_secs, one.end_secs, one.label)):
        running = {label: other for label, other in running.items() if other.end_secs > segment.start_secs}
        for label, other in running.items():
            found.setdefault(frozenset((label, segment.label)), []).append((other, segment))
        running[segment.label] = segment
        if len(found) > _MOST_PAIRS:
            break
    faults = []
    for (one, other), *more in list(found.values())[:_MOST_PAIRS]:
        again = f", and {len(more)} times more" if more else ""
        faults.append(f"{describe(one)} overlaps {other.label!r} {_span(other)}{again}: which is it?")
    if len(found) > _MOST_PAIRS:
        faults.append(f"video {segments[0].video}: more than {_MOST_PAIRS} pairs of labels overlap")
    return faults


def _award(segments: Sequence[Segment], rank: Callable[[Segment, int], tuple[float, ...]]) -> Iterator[Segment]:
    """Sweeps over the times at which segments begin or end, and gives each stretch to the least in rank."""
    order = sorted(range(len(segments)), key=lambda position: segments[position].start_secs)
    times = sorted({time for one in segments for time in (one.start_secs, one.end_secs)})
    running: list[tuple[tuple[float, ...], int]] = []  # a heap; those that ended stay until they come up
    held, since, entered = None, 0.0, 0
    for time in times:
        while entered < len(order) and segments[order[entered]].start_secs <= time:
            position = order[entered]
            heapq.heappush(running, (rank(segments[position], position), position))
            entered += 1
        while running and segments[running[0][1]].end_secs <= time:
            heapq.heappop(running)
        holder = running[0][1] if running else None
        if holder != held:
            if held is not None:
                yield replace(segments[held], start_secs=since, end_secs=time)
            held, since = holder, time
