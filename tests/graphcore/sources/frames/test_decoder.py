from __future__ import annotations

import av
import pytest

from graphcore.sources.frames.decoder import Decoder
from graphcore.sources.frames.packets import UnplannedError
from graphcore.sources.frames.runs import Part


@pytest.fixture
def decoder(two_runs):
    decoder = Decoder(two_runs, None, threads=1)
    yield decoder
    decoder.close()


def test_wanted_frames_come_out_with_their_times(two_runs, decoder, read_number, read_runs, make_part):
    frames = decoder.decode(make_part(read_runs(two_runs)[1], [0, 3, 7]))
    assert [(frame.time_secs, read_number(frame.image)) for frame in frames] == [(0.8, 20), (0.92, 23), (1.08, 27)]


def test_skipping_changes_no_picture(two_runs, decode_all, read_runs, make_part):
    whole = decode_all(two_runs)
    run = read_runs(two_runs)[0]
    for wanted in ([19], [4, 5], [1, 2, 3], [0, 18]):
        decoder = Decoder(two_runs, None, threads=1)
        images = [frame.image for frame in decoder.decode(make_part(run, wanted))]
        decoder.close()
        assert all((image == whole[number][1]).all() for image, number in zip(images, wanted, strict=True))


def test_frames_that_nobody_refers_to_are_not_decoded(two_runs, decoder, read_runs, make_part):
    run = read_runs(two_runs)[0]
    came, take = [], decoder._take
    decoder._take = lambda frame: came.append(frame.pts) or take(frame)
    decoder.decode(make_part(run, [19]))
    assert 1 < len(came) < 15


@pytest.mark.parametrize(
    ("codec", "options", "ending", "skips"),
    [
        ("libx264", {}, "mp4", True),
        ("libx264", {}, "ts", False),  # until a frame has shown that packets are whole ones
        ("libx265", {"x265-params": "log-level=none"}, "mp4", True),
        ("libx265", {"x265-params": "log-level=none:temporal-layers=2"}, "mp4", False),
        ("libx265", {"x265-params": "log-level=none"}, "mkv", True),
        ("libvpx-vp9", {"cpu-used": "8"}, "webm", False),
        ("mpeg4", {}, "mp4", True),
        ("mjpeg", {"strict": "unofficial"}, "mkv", False),
    ],
)
def test_only_where_it_is_safe_are_frames_skipped(tmp_path, numbered, codec, options, ending, skips):
    decoder = Decoder(numbered(tmp_path / f"a.{ending}", count=10, codec=codec, **options), None, threads=1)
    assert decoder._is_skipping is skips
    decoder.close()


@pytest.mark.parametrize(("interlaced", "skips"), [(False, True), (True, False)])
def test_a_transport_streams_first_frame_says_whether_packets_are_whole(
    tmp_path, numbered, interlaced, skips, read_runs, make_part
):
    options = {"flags": "+ildct+ilme", "x264-params": "interlaced=1"} if interlaced else {}
    path = numbered(tmp_path / "a.ts", count=20, **options)
    decoder = Decoder(path, None, threads=1)
    decoder.decode(make_part(read_runs(path)[0][:3], [0]))
    assert decoder._is_skipping is skips
    decoder.close()


def test_parts_of_a_run_go_on_where_the_last_one_ended(two_runs, decoder, read_number, read_runs):
    run = read_runs(two_runs)[0]
    wanted = frozenset(packet.pts for packet in run)
    cuts = [(0, 3, True, False), (3, 12, False, False), (12, 20, False, True)]
    frames = [
        frame
        for start, end, is_first, is_last in cuts
        for frame in decoder.decode(
            Part(tuple(run[start:end]), wanted & {p.pts for p in run[start:end]}, is_first, is_last)
        )
    ]
    assert [read_number(frame.image) for frame in frames] == list(range(20))


def test_a_frame_that_does_not_come_out_is_noticed_and_the_next_run_is_right(
    two_runs, decoder, read_number, read_runs, make_part
):
    run, other = read_runs(two_runs)
    with pytest.raises(UnplannedError, match="did not come out"):
        decoder.decode(Part(tuple(run[:5]), frozenset({run[0].pts, run[7].pts})))
    assert [read_number(frame.image) for frame in decoder.decode(make_part(other, [5]))] == [25]


def test_a_frame_that_no_packet_promised_is_noticed(two_runs, decoder, read_runs, make_part):
    run = read_runs(two_runs)[0]
    moved = run[2].packet
    moved.pts += 1
    with pytest.raises(UnplannedError, match="no packet has"):
        decoder.decode(make_part(run, [0, 19]))


def test_a_run_that_begins_without_its_keyframe_is_noticed(two_runs, decoder, read_runs, make_part):
    with pytest.raises(UnplannedError):
        decoder.decode(make_part(read_runs(two_runs)[0][1:], [0]))


def test_a_broken_packet_is_noticed(two_runs, decoder, read_runs):
    run = read_runs(two_runs)[0]
    noise = av.Packet(bytes(200))
    noise.pts, noise.dts, noise.time_base = run[1].pts, run[1].dts, run[1].packet.time_base
    broken = [run[0], type(run[1])(run[1].pts, run[1].dts, run[1].time_secs, run[1].end_secs, False, packet=noise)]
    with pytest.raises(UnplannedError):
        decoder.decode(Part(tuple(broken), frozenset({run[0].pts, run[1].pts})))
