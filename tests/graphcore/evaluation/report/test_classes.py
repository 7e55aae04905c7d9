import numpy as np

from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.report.classes import make_classes_section

PERCENT = "\u202f%"


def test_every_class_has_its_figures(parse):
    labels = np.array([0, 0, 1])
    scores = np.array([[0.9, 0.1, 0], [0.4, 0.6, 0], [0.2, 0.8, 0]])

    page = parse(make_classes_section(compute_metrics("test", labels, scores, ("<a>", "b", "c"))).to_html())

    rows = page.after("called so")
    assert rows[:8] == ["<a>", "100.0" + PERCENT, "50.0" + PERCENT, "66.7" + PERCENT, "100.0" + PERCENT,
                        "100.0" + PERCENT, "2", "1"]  # fmt: skip
    # Nothing is of class c and nothing was called so.
    assert rows[-8:] == ["c", "–", "–", "–", "–", "–", "0", "0"]


def test_classes_of_videos_have_the_jaccard_index_of_their_videos(make_video_content, parse):
    videos = {"1": ([0, 0, 1, 1], [0, 1, 1, 1]), "2": ([0, 0, 0, 0], [0, 0, 0, 0])}

    page = parse(make_classes_section(make_video_content(videos, names=("a", "b", "c")).metrics).to_html())

    assert page.after("F1")[:4] == ["Jaccard", "AP", "AUC", "frames"]
    rows = page.after("called so")
    assert rows[rows.index("a") + 4] == "75.0" + PERCENT  # of 1 / 2 and 1
    assert rows[rows.index("b") + 4] == "66.7" + PERCENT
    assert rows[rows.index("c") + 4] == "–"


def test_numbers_are_aligned(parse):
    labels = np.array([0, 1])

    page = parse(make_classes_section(compute_metrics("test", labels, np.eye(2), ("a", "b"))).to_html())

    assert [kind for tag, kind in page.styles if tag == "td"] == ["n"] * 14


def test_every_label_has_its_threshold(parse):
    labels = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    scores = np.array([[0.9, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.3]])
    metrics = compute_metrics("test", labels, scores, ("b", "round", "rare"), thresholds=[0.5, 0.5, 0.25])

    cells = parse(make_classes_section(metrics).to_html()).after("given")

    start = cells.index("round")
    assert cells[start : start + 9] == [
        *["round", "0.5000", "50.0" + PERCENT, "100.0" + PERCENT, "66.7" + PERCENT],
        *["100.0" + PERCENT, "100.0" + PERCENT, "1", "2"],
    ]
    start = cells.index("rare")
    assert cells[start : start + 9] == ["rare", "0.2500", "–", "–", "–", "–", "–", "0", "1"]


def test_of_many_classes_the_worst_are_shown_and_all_folded_up(parse):
    labels = np.arange(70)
    called = np.where(labels == 33, 0, labels)

    page = parse(
        make_classes_section(compute_metrics("test", labels, np.eye(70)[called], [f"c{n}" for n in labels])).to_html()
    )

    assert page.after("called so")[0] == "c33"
    assert page.tags.count("tr") == (1 + 30) + (1 + 70)
    assert "All 70" in page.texts
