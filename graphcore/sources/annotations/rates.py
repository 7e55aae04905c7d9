"""Frame numbers as seconds: whose rate counts, and where exactly a frame begins."""

from __future__ import annotations

import math
from collections.abc import Sequence

from graphcore.sources.annotations.gathering import DECIMALS
from graphcore.sources.annotations.model import Fault, ReadOptions


def choose_rate(options: ReadOptions, video: str, declared: float | None = None) -> float | None:
    """Frames a second of one video's annotations: as configured, else as declared, else the file's own."""
    for rate in (options.fps, declared, options.rate_of(video)):
        if rate is not None and math.isfinite(rate) and rate > 0:
            return rate
    return None


def find_unknown_rates(videos: Sequence[str]) -> list[Fault]:
    """One fault for all videos of which no frame rate is known; none for none."""
    if not videos:
        return []
    more = f" and {len(videos) - 1} more" if len(videos) > 1 else ""
    return [
        Fault(
            f"video {videos[0]}{more}: times are frame numbers, and nothing says how many frames make a second; "
            "set dataset.annotation_fps"
        )
    ]


def find_start(frame: int, fps: float) -> float:
    """When a frame begins, in seconds of six decimals, never later than it does.

    To the nearest, frame 2 at 30 frames a second would begin at 0.066667, after its own picture is shown, and a
    segment that starts with it would miss it.
    """
    exact = frame / fps
    nearest = round(exact, DECIMALS)
    return nearest if nearest <= exact + 4 * math.ulp(exact) else round(nearest - 10.0**-DECIMALS, DECIMALS)
