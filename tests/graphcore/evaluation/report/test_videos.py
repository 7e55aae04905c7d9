import numpy as np

from graphcore.evaluation.report.videos import choose_videos, make_videos_table, measure_accuracy


def test_few_videos_keep_their_order(make_timeline):
    videos = [make_timeline([0, 0], called, str(n)) for n, called in enumerate(([0, 0], [1, 1]))]

    assert choose_videos(videos) == videos


def test_of_many_the_worst_are_shown(make_timeline):
    videos = [make_timeline([0] * 20, [1] * n + [0] * (20 - n), str(n)) for n in range(20)]

    assert [one.video for one in choose_videos(videos, 3)] == ["19", "18", "17"]


def test_accuracy_is_that_of_frames_or_of_what_was_made_of_them(make_timeline):
    timeline = make_timeline([0, 0, 1, 1], [0, 1, 1, 1])

    assert measure_accuracy(timeline) == 0.75
    assert measure_accuracy(timeline, np.array([0, 0, 1, 1])) == 1


def test_the_table_has_every_video_the_worst_first(make_timeline, parse):
    videos = [make_timeline([0, 0], [0, 0], "good"), make_timeline([0, 0], [0, 1], "<bad>", step=45)]

    page = parse(make_videos_table(videos, {"good": np.array([0, 1])}))

    assert page.texts == [
        *["video", "right", "joined", "frames", "length"],
        *["<bad>", "50.0\u202f%", "–", "2", "1:30"],
        *["good", "100.0\u202f%", "50.0\u202f%", "2", "0:02"],
    ]
    assert page.count("bar") == 2


def test_a_long_table_is_folded_up(make_timeline, parse):
    page = parse(make_videos_table([make_timeline([0], [0], str(n)) for n in range(25)], {}))

    assert page.tags[0] == "details"
    assert page.texts[0] == "All 25 videos"
