import csv
import io

import numpy as np
import pytest

from graphcore.errors import RunError
from graphcore.evaluation.predictions import (
    Predictions,
    format_predictions,
    read_predictions,
    write_predictions,
)
from graphcore.evaluation.samples.penalties import log_losses

NAMES = ("plain", 'comma, "quote"', "Übung\nline")


@pytest.fixture
def predictions():
    scores = np.array([[0.7, 0.2, 0.1], [0.123456789, 0.8, 0.076543211], [0.6, 0.3, 0.1]])
    return Predictions(("p/1.jpg", "q,2.jpg", "v@4.040"), np.array([0, 1, 2]), scores, NAMES)


def test_columns_are_key_label_predicted_and_the_classes(predictions):
    rows = list(csv.reader(io.StringIO(format_predictions(predictions))))

    assert rows[0] == ["key", "label", "predicted", *NAMES]
    assert rows[3] == ["v@4.040", NAMES[2], "plain", "0.6", "0.3", "0.1"]


def test_scores_keep_nine_digits(predictions):
    assert ",0.123456789,0.8,0.076543211\n" in format_predictions(predictions)


def test_figures_of_what_is_read_back_are_those_of_what_was_written(tmp_path):
    # A score that is small, of the true class, is most of the loss; with decimals it would be 0.
    scores = np.array([[1 - 2e-7, 1.5e-9, 2e-7], [3e-12, 1, 4e-30]], np.float32)
    write_predictions(tmp_path / "p.csv", Predictions(("p", "q"), np.array([1, 0]), scores, NAMES))

    read = read_predictions(tmp_path / "p.csv")

    np.testing.assert_array_equal(read.scores.astype(np.float32), scores)
    np.testing.assert_allclose(log_losses(read.labels, read.scores), -np.log([1.5e-9, 3e-12]), rtol=1e-6)


def test_what_is_written_is_read_back(predictions, tmp_path):
    write_predictions(tmp_path / "predictions.csv", predictions)

    read = read_predictions(tmp_path / "predictions.csv")

    assert (read.keys, read.class_names) == (predictions.keys, NAMES)
    np.testing.assert_array_equal(read.labels, predictions.labels)
    np.testing.assert_allclose(read.scores, predictions.scores, atol=1e-8)


def test_an_empty_split_is_a_header(tmp_path):
    empty = Predictions((), np.zeros(0, int), np.zeros((0, 3)), NAMES)
    write_predictions(tmp_path / "predictions.csv", empty)

    assert read_predictions(tmp_path / "predictions.csv").scores.shape == (0, 3)


@pytest.fixture
def several():
    labels = np.array([[1, 0, 1], [0, 0, 0]], np.uint8)
    scores = np.array([[0.75, 0.4, 0.2], [0.1, 0.6, 0.3]], np.float32)
    return Predictions(("p", "q"), labels, scores, ("red", "semi;colon", "round"))


def test_several_labels_stand_in_one_cell(several):
    rows = list(csv.reader(io.StringIO(format_predictions(several.give([0.5, 0.5, 0.1])))))

    assert rows[1][:4] == ["p", "red;round", "red;round", "0.75"]
    assert rows[2][:3] == ["q", "", "semi\\;colon;round"]


def test_without_thresholds_labels_are_given_from_one_half(several):
    rows = list(csv.reader(io.StringIO(format_predictions(several))))

    assert [row[2] for row in rows[1:]] == ["red", "semi\\;colon"]


def test_several_labels_are_read_back(several, tmp_path):
    given = several.give([0.5, 0.5, 0.1])
    write_predictions(tmp_path / "p.csv", given)

    read = read_predictions(tmp_path / "p.csv", multi_label=True)

    np.testing.assert_array_equal(read.labels, several.labels)
    np.testing.assert_array_equal(read.given, given.given)


def test_labels_given_are_read_and_not_worked_out_from_rounded_scores(tmp_path):
    score = np.float32(0.7)  # 0.699999988 in the file
    just = Predictions(("p",), np.array([[1]], np.uint8), np.array([[score]]), ("a",)).give([0.7])
    write_predictions(tmp_path / "p.csv", just)

    assert read_predictions(tmp_path / "p.csv", multi_label=True).give(None).find_given().tolist() == [[True]]


def test_an_empty_split_of_several_labels_is_a_header(tmp_path):
    write_predictions(tmp_path / "p.csv", Predictions((), np.zeros((0, 2), np.uint8), np.zeros((0, 2)), ("a", "b")))

    assert read_predictions(tmp_path / "p.csv", multi_label=True).labels.shape == (0, 2)


def test_a_label_of_several_without_a_column_is_an_error(tmp_path):
    (tmp_path / "p.csv").write_text("key,label,predicted,a,b\nx,a;c,a,0.5,0.5\n")

    with pytest.raises(RunError, match=r"labels a sample 'c'.*\nChoices: a, b\."):
        read_predictions(tmp_path / "p.csv", multi_label=True)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(
        RunError, match=r"predictions\.csv cannot be read: No such file.*\nRun python -m graphcore\.evaluate"
    ):
        read_predictions(tmp_path / "predictions.csv")


def test_another_csv_is_an_error(tmp_path):
    (tmp_path / "p.csv").write_text("path,reason\n")

    with pytest.raises(RunError, match=r"is not a predictions\.csv: its first columns are not key, label, predicted"):
        read_predictions(tmp_path / "p.csv")


def test_a_label_without_a_column_is_an_error(tmp_path):
    (tmp_path / "p.csv").write_text("key,label,predicted,a,b\nx,c,a,0.5,0.5\n")

    with pytest.raises(RunError, match=r"labels a sample 'c'.*\nChoices: a, b\."):
        read_predictions(tmp_path / "p.csv")


HEAD = "key,label,predicted,a,b\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "x,a,a,0.5,0.5\ny,b\n", "row 3 has 2 cells, and the first 5"),
        (HEAD + "x,a,a,0.5,0.5,0.5\n", "row 2 has 6 cells, and the first 5"),
        (HEAD + "x,a,a,0.5,half\n", "could not convert string to float: 'half'"),
        (HEAD + "x,a,a,0.5,nan\n", "row 2 has a score of nan, which is not in 0 to 1"),
        (HEAD + "x,a,a,0.5,0.5\ny,a,a,-5,0.5\n", "row 3 has a score of -5, which is not in 0 to 1"),
        (HEAD + "x,a,a,0.5,0.5\nx,a,a,0.5,0.5\n", "sample 'x' is there twice"),
        (HEAD + "x" * 200_000 + ",a,a,0.5,0.5\n", "field larger than field limit"),
        (HEAD.encode("utf-16"), "codec can't decode"),
        ("", "its first columns are not key, label, predicted"),
    ],
)
def test_what_was_cut_or_edited_is_told_and_not_counted(text, message, tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(RunError, match=rf"p\.csv is not a predictions\.csv: .*{message}.*\nRun python -m"):
        read_predictions(path)
