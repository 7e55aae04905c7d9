"""The same marks in every format that can be written make the same records, byte for byte."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from graphcore.config import ShardsConfig, SplitConfig, VideoConfig
from graphcore.convert import convert
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.registry import WRITERS, write_annotations
from graphcore.sources.item import Segment

FPS = 25
NAMES = {"ms_tcn": "marks", "elan": "marks", "via csv": "marks.csv"}
ACTIONS = Path(__file__).parents[3] / "../shared/data/actions"


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    for number in (1, 2, 3):
        with av.open(str(folder / f"{number}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for frame in range(4 * FPS):
                picture = np.full((48, 64, 3), (frame * 2 + number * 9) % 256, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode())
    return folder


def marks() -> list[AnnotatedVideo]:
    spans = {"1": [(0.0, 1.0, "cut"), (1.4, 2.6, "sew up")], "2": [(0.52, 4.0, "sew up")], "3": [(1.0, 1.48, "cut")]}
    return [
        AnnotatedVideo(video, tuple(Segment(video, *span) for span in found), duration_secs=4.0)
        for video, found in spans.items()
    ]


def convert_with(videos: Path, annotations: Path, records: Path, every_secs: float) -> dict[str, bytes]:
    dataset = VideoConfig(
        kind="video", videos=str(videos), annotations=str(annotations), records=str(records), every_secs=every_secs,
        name="same",
    )  # fmt: skip
    split = SplitConfig(train=100, validation=0, test=0)
    convert(SimpleNamespace(dataset=dataset, split=split, shards=ShardsConfig()))
    return {path.name: path.read_bytes() for path in records.glob("*.tfrecord")}


@pytest.mark.parametrize("form", [*WRITERS, "via csv"])
def test_every_format_that_can_be_written_makes_the_same_records(form, videos, tmp_path):
    options = WriteOptions(fps_of=lambda _: FPS, media_of=lambda video: f"{video}.mp4")
    ours, other = tmp_path / "ours.json", tmp_path / NAMES.get(form, "marks.json")
    write_annotations(ours, "graphcore", marks(), options)
    write_annotations(other, form.split()[0], marks(), options)
    expected = convert_with(videos, ours, tmp_path / "a", 0.2)
    assert expected
    assert convert_with(videos, other, tmp_path / "b", 0.2) == expected


@pytest.mark.shared
@pytest.mark.parametrize("form", [*WRITERS, "via csv"])
def test_real_videos_give_the_same_records_through_every_format(form, tmp_path):
    if not ACTIONS.is_dir():
        pytest.skip("no ../shared")
    from graphcore.sources.annotations.model import ReadOptions
    from graphcore.sources.annotations.registry import read_annotations

    original = ACTIONS / "annotations_multiclass.json"
    options = WriteOptions(fps_of=lambda _: FPS, media_of=lambda video: f"{video}.mp4")
    path = tmp_path / NAMES.get(form, "marks.json")
    write_annotations(path, form.split()[0], read_annotations(original, "auto", ReadOptions()).videos, options)
    assert convert_with(ACTIONS, path, tmp_path / "b", 2.0) == convert_with(ACTIONS, original, tmp_path / "a", 2.0)
