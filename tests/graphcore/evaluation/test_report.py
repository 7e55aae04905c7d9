from html.parser import HTMLParser

import numpy as np
import pytest

from graphcore.evaluation.curves import Curve
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report import Fact, write_report

NAMES = ("<script>alert(1)</script>", "b & c", "$d$")
LABELS = np.array([0, 0, 0, 1, 2])
SCORES = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])


class Page(HTMLParser):
    """What a reader would see, tag by tag."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.images, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.texts.append(data.strip())


def write(path, labels=LABELS, scores=SCORES, **parts):
    metrics = compute_metrics("test", labels, scores, NAMES)
    predictions = Predictions(tuple(f"key {n}" for n in range(len(labels))), labels, scores, NAMES)
    write_report(path, "my run", metrics, predictions, **parts)
    return path.read_text("utf-8")


@pytest.fixture
def page(tmp_path):
    curves = [Curve("train", "loss", (1, 2), (2.0, 1.0))]
    return write(tmp_path / "report.html", curves=curves, best_step=2, facts=[Fact("seed", "<7>")])


def test_it_opens_with_the_answer(page):
    texts = [text for text in Page(page).texts if text]

    assert "60.0% test accuracy" in texts[2:5]
    assert any("3 of 5 samples of the test split are named correctly" in text for text in texts)


def test_it_says_what_is_confused_most(page):
    texts = Page(page).texts
    start = texts.index("What it confuses most")

    assert [text for text in texts[start + 1 :] if text][4:8] == [NAMES[0], "b & c", "2", "66.7%"]


def test_names_are_escaped(page):
    assert "script" not in Page(page).tags
    assert "&lt;script&gt;" in page


def test_pictures_lie_inside_and_nothing_is_loaded_from_elsewhere(page):
    images = Page(page).images

    assert len(images) == 2
    assert all(image["src"].startswith("data:image/png;base64,") and image["alt"] for image in images)
    assert "http" not in page
    assert not {"link", "script", "iframe"} & set(Page(page).tags)


def test_every_class_has_its_figures(page):
    texts = [text for text in Page(page).texts if text]
    row = texts.index("$d$", texts.index("Every class"))

    assert texts[row : row + 6] == ["$d$", "100.0%", "100.0%", "100.0%", "1", "1"]


def test_surest_mistakes_name_the_samples(page):
    texts = Page(page).texts

    assert texts.index("key 1") < texts.index("key 2")
    assert "key 0" not in texts


def test_facts_are_listed(page):
    assert "<7>" in Page(page).texts


def test_without_curves_there_is_no_training_section(tmp_path):
    assert "Training" not in Page(write(tmp_path / "report.html")).texts


def test_a_run_without_mistakes_says_so(tmp_path):
    page = write(tmp_path / "report.html", scores=np.eye(3)[LABELS])

    assert "not one mistake" in page
    assert "Surest mistakes" not in page


def test_an_empty_split_is_a_page_too(tmp_path):
    page = write(tmp_path / "report.html", labels=np.zeros(0, int), scores=np.zeros((0, 3)))

    assert "The test split has no samples." in page


@pytest.fixture
def several(tmp_path):
    """The second sample misses <b> and is called round; no sample is rare."""
    names = ("<b>", "round", "rare")
    labels = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], np.uint8)
    scores = np.array([[0.9, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.3]])
    thresholds = [0.5, 0.5, 0.25]
    metrics = compute_metrics("test", labels, scores, names, thresholds=thresholds)
    predictions = Predictions(("k0", "k1", "k2"), labels, scores, names).give(thresholds)
    curves = [Curve("validation", "mean_average_precision", (1, 2), (0.5, 1.0))]
    write_report(tmp_path / "report.html", "my run", metrics, predictions, curves)
    return Page((tmp_path / "report.html").read_text("utf-8"))


def texts_after(page, title):
    return [text for text in page.texts[page.texts.index(title) + 1 :] if text]


def test_of_several_labels_it_opens_with_the_mean_average_precision(several):
    assert "100.0% test mean average precision" in several.texts
    assert any("33.3% of the 3 samples of the test split have exactly the right labels" in t for t in several.texts)


def test_of_several_labels_there_is_no_matrix_but_what_was_given_instead(several):
    assert "Confusion matrix" not in several.texts
    assert len(several.images) == 1  # the curves
    assert texts_after(several, "What is given instead")[4:8] == ["<b>", "round", "1", "50.0%"]


def test_every_label_has_its_threshold_and_figures(several):
    cells = texts_after(several, "Every label")
    start = cells.index("round")

    assert cells[start : start + 8] == ["round", "0.5000", "50.0%", "100.0%", "66.7%", "100.0%", "1", "2"]


def test_of_a_label_that_no_sample_has_nothing_is_said(several):
    cells = texts_after(several, "Every label")
    start = cells.index("rare")

    assert cells[start : start + 8] == ["rare", "0.2500", "–", "–", "–", "–", "0", "1"]


def test_mistakes_of_several_labels_name_the_label(several):
    cells = texts_after(several, "Surest mistakes")
    start = cells.index("k1")

    assert cells[start : start + 4] == ["k1", "<b>", "not <b>", "20.0%"]


@pytest.mark.parametrize(
    ("scores", "message"),
    [([[0.9, 0.1]], "there is not one mistake"), ([[0.1, 0.1]], "No sample misses one label and wrongly has another")],
)
def test_labels_that_are_given_instead_of_none_are_told_in_words(scores, message, tmp_path):
    labels = np.array([[1, 0]])
    metrics = compute_metrics("test", labels, np.array(scores), ("a", "b"))
    predictions = Predictions(("k",), labels, np.array(scores), ("a", "b"))
    write_report(tmp_path / "r.html", "my run", metrics, predictions)

    assert message in (tmp_path / "r.html").read_text("utf-8")
