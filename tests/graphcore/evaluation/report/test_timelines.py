import numpy as np
import pytest

from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.timelines import MOST_PICTURES, make_timelines_section

RIGHT = [0] * 30


def test_pictures_have_no_timelines(make_content):
    assert make_timelines_section(make_content([0], [[1, 0]], ("a", "b")), Album(None)) is None


def test_every_video_is_drawn_and_listed(make_video_content, parse):
    content = make_video_content({"1": ([0, 1], [0, 1]), "2": ([0, 1], [1, 1])})

    page = parse(make_timelines_section(content, Album(None)).to_html())

    assert page.tags.count("article") == 2
    assert page.count("videos") == 1


def test_of_many_videos_the_worst_are_drawn(make_video_content, parse):
    videos = {str(n): ([0, 0, 1], [0, int(n > 3), 1]) for n in range(30)}

    page = parse(make_timelines_section(make_video_content(videos), Album(None)).to_html())

    assert page.tags.count("article") == 12
    assert any("The 12 worst of 30 videos" in text for text in page.texts)
    assert "All 30 videos" in page.texts


def test_what_post_processing_made_is_the_third_row(make_video_content, parse):
    content = make_video_content({"1": ([0, 1], [0, 1])}, segmented=[np.array([0, -1])])

    page = parse(make_timelines_section(content, Album(None)).to_html())

    assert "joined" in page.texts
    assert any("The third is what is left" in text for text in page.texts)


@pytest.mark.parametrize("count", [1, 5, 40])
def test_pictures_are_shared_out_over_the_videos(count, make_video_content, draw_picture, parse):
    called = [n % 10 == 3 for n in range(100)]
    videos = {str(n): ([0] * 100, [int(one) for one in called]) for n in range(count)}

    page = parse(make_timelines_section(make_video_content(videos), Album(draw_picture)).to_html())

    assert 0 < len(page.images) <= min(6 * count, MOST_PICTURES)


def test_pictures_are_read_by_the_keys_of_their_frames(make_video_content, draw_picture):
    read = []
    content = make_video_content({"b": (RIGHT, RIGHT), "a": ([0] * 30, [0] * 28 + [1, 1])})

    make_timelines_section(content, Album(lambda key: read.append(key) or draw_picture()))

    assert read == ["a/28"]


def test_three_hours_are_drawn_in_few_boxes(make_video_content, parse):
    random = np.random.default_rng(0)
    videos = {"long": (random.integers(0, 3, 5400).tolist(), random.integers(0, 3, 5400).tolist())}

    html = make_timelines_section(make_video_content(videos, names=("a", "b", "c")), Album(None)).to_html()

    assert parse(html).tags.count("i") <= 3 * 250
    assert len(html) < 120_000
