"""A decoded frame to an upright RGB array of the size asked for, and no larger array on the way.

FFmpeg's scaler reads the decoder's own planes (YUV of 8 to 16 bits) and writes RGB of the final size, a few lines at
a time: a 4K frame of 12 MB never becomes 25 MB of RGB.

Interlaced frames hold two moments, one in the odd and one in the even lines. FFmpeg leaves them as they are, and
whatever moves has a comb for an edge, which is no feature of the thing shown. So frames that say they are interlaced
keep one of the moments and have the other lines drawn along its edges, from that frame alone: what is next to it
in time is often not decoded at all. (yadif and bwdif, given a single frame, take the comb for detail.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av.filter
import numpy as np
from av.video.reformatter import VideoReformatter

from graphcore.sources.normalise import scale_down


@dataclass(frozen=True)
class SampledFrame:
    """One frame, upright.

    Attributes:
        time_secs: its own presentation time, counted from the video's beginning.
        image: uint8 [height, width, 3] in [0, 255], RGB.
    """

    time_secs: float
    image: np.ndarray


class PictureMaker:
    """Turns frames into arrays. One for each decoder: the scaler keeps its tables.

    Args:
        size: shorter side in pixels; None or a larger number keeps the video's.
    """

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._scaler = VideoReformatter()

    def make(self, frame: Any) -> np.ndarray:
        """uint8 [height, width, 3] of a frame of PyAV, upright and without combs."""
        if frame.interlaced_frame:
            frame = _deinterlace(frame)
        width, height = scale_down(frame.width, frame.height, self._size)
        interpolation = "AREA" if (width, height) != (frame.width, frame.height) else "BILINEAR"
        # One thread: the frames beside this one keep the others busy.
        rgb = self._scaler.reformat(frame, width, height, "rgb24", interpolation=interpolation, threads=1)
        quarter_turns = round(frame.rotation / 90) % 4  # the display matrix that telephones write
        return np.ascontiguousarray(np.rot90(rgb.to_ndarray(), quarter_turns))


def _deinterlace(frame: Any) -> Any:
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )  # fmt: skip
    graph.link_nodes(source, graph.add("estdif", "mode=frame"), graph.add("buffersink")).configure()
    graph.push(frame)
    graph.push(None)
    return graph.pull()
