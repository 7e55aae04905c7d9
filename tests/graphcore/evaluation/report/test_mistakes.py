import numpy as np

from graphcore.evaluation.report.mistakes import make_mistakes_section
from graphcore.evaluation.report.pictures import Album

SCORES = [[0.8, 0.2], [0.1, 0.9], [0.3, 0.7]]


def make(content, album, parse):
    return parse(make_mistakes_section(content.predictions, album).to_html())


def test_without_pictures_they_are_a_table_the_surest_first(make_content, parse):
    page = make(make_content([0, 0, 0], SCORES, ("<a>", "b")), Album(None), parse)

    assert page.after("score") == ["key 1", "<a>", "b", "90.0\u202f%", "key 2", "<a>", "b", "70.0\u202f%"]


def test_with_pictures_they_are_cards(make_content, parse, draw_picture):
    page = make(make_content([0, 0, 0], SCORES, ("<a>", "b")), Album(draw_picture), parse)

    assert [image["alt"] for image in page.images] == ["key 1: is <a>, called b", "key 2: is <a>, called b"]
    assert page.texts[2:5] == ["called b, 90.0\u202f%", "is <a>", "key 1"]
    assert "table" not in page.tags


def test_those_whose_picture_cannot_be_read_are_listed_below(make_content, parse, draw_picture):
    def read(key):
        if key == "key 1":
            raise OSError
        return draw_picture()

    page = make(make_content([0, 0, 0], SCORES, ("a", "b")), Album(read), parse)

    assert len(page.images) == 1
    assert page.after("score")[0] == "key 1"


def test_of_frames_that_are_wrong_alike_one_is_shown(make_video_content, parse):
    content = make_video_content({"9": ([0, 0, 0, 0, 0], [1, 1, 0, 1, 1])})

    page = make(content, Album(None), parse)

    assert [text for text in page.texts if text.startswith("video")] == ["video 9 at 0:00", "video 9 at 0:06"]


def test_labels_wrongly_withheld_are_told(make_content, parse):
    content = make_content(np.array([[1, 0]]), [[0.2, 0.1]], ("<b>", "round"))

    assert make(content, Album(None), parse).after("score") == ["key 0", "<b>", "not <b>", "20.0\u202f%"]


def test_without_mistakes_there_is_no_section(make_content):
    content = make_content([0], [[1, 0]], ("a", "b"))

    assert make_mistakes_section(content.predictions, Album(None)) is None
