"""Why one input is left out. Caught where inputs are taken in: they end in `rejected.csv`, never in a
traceback."""

from __future__ import annotations


class PictureError(Exception):
    """A picture that cannot become a sample; the message is the reason, a few words without the file's
    name."""


class VideoError(Exception):
    """A video that cannot be read to its end; the message is the reason, without the file's name."""
