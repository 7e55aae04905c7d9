import numpy as np

from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.spot_check import choose_samples, make_spot_check_section


def test_the_choice_hangs_on_keys_alone():
    keys = tuple(f"k{n}" for n in range(100))

    chosen = {keys[row] for row in choose_samples(keys)}

    assert len(chosen) == 20
    assert chosen == {keys[::-1][row] for row in choose_samples(keys[::-1])}


def test_few_samples_are_all_shown():
    assert sorted(choose_samples(("a", "b"))) == [0, 1]


def test_each_row_says_what_it_is_and_its_highest_scores(make_content, parse):
    content = make_content([1], [[0.05, 0.25, 0.6, 0.1]], ("<a>", "b", "c", "d"))

    page = parse(make_spot_check_section(content.predictions, Album(None)).to_html())

    assert page.after("highest scores") == [
        *["key 0", "b", "✗", "c"],
        *["c", "60.0\u202f%", "b", "25.0\u202f%", "d", "10.0\u202f%"],
    ]


def test_pictures_come_first_where_there_are_any(make_content, parse, draw_picture):
    content = make_content([0, 1], np.eye(2), ("a", "b"))

    page = parse(make_spot_check_section(content.predictions, Album(draw_picture)).to_html())

    assert len(page.images) == 2
    assert page.texts.count("✓") == 2
    assert "picture" in page.texts


def test_of_several_labels_none_is_a_word(make_content, parse):
    content = make_content(np.array([[0, 0]]), [[0.2, 0.1]], ("a", "b"))

    assert parse(make_spot_check_section(content.predictions, Album(None)).to_html()).after("highest scores")[1:4] == [
        *["none", "✓", "none"]
    ]


def test_without_samples_there_is_no_section(make_content):
    content = make_content(np.zeros(0, int), np.zeros((0, 2)), ("a", "b"))

    assert make_spot_check_section(content.predictions, Album(None)) is None
