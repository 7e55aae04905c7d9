"""What tests of several formats need."""

from __future__ import annotations

import pytest

from graphcore.sources.annotations.model import ReadOptions, WriteOptions


@pytest.fixture
def options():
    """Nothing configured, and no video file at hand."""
    return ReadOptions()


@pytest.fixture
def at_25_fps():
    """Nothing configured; every video is there and has 25 frames a second."""
    return ReadOptions(rate_of=lambda video: 25.0)


@pytest.fixture
def write_options():
    """Every video is an .mp4 of 25 frames a second."""
    return WriteOptions(fps_of=lambda video: 25.0, media_of=lambda video: f"{video}.mp4")


@pytest.fixture
def spans():
    """Returns a function that gives (start_secs, end_secs, label) of a video's segments in order of time."""

    def list_spans(video):
        return sorted((one.start_secs, one.end_secs, one.label) for one in video.segments)

    return list_spans


@pytest.fixture
def texts():
    """Returns a function that gives the faults' texts."""

    def list_texts(annotations):
        return [fault.text for fault in annotations.faults]

    return list_texts
