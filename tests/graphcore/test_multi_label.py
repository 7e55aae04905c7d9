"""Pictures with any number of labels, the whole way: from a list to what a run says of a new picture."""

import csv
import json
import os
from pathlib import Path

import hydra
import numpy as np
import pytest
from PIL import Image

from graphcore import composing
from graphcore.config import PredictConfig
from graphcore.errors import ConfigError
from graphcore.evaluate import evaluate
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.predictions import read_predictions
from graphcore.inference.classifier import Classifier
from graphcore.predict import predict, run_predict
from graphcore.train import train
from graphcore.training.run import load_run

LABELS = ("red", "square", "striped")
LIST = ["dataset=image_list", "dataset.list=list.csv"]
STEPS = ["trainer.steps=80", "trainer.eval_every_steps=20", "trainer.batch_size=16", "optimizer.learning_rate=0.01"]


def compose(*overrides):
    with hydra.initialize_config_dir(config_dir=str(composing.CONF_DIR), version_base="1.3"):
        return composing.to_options(hydra.compose("config", overrides=list(overrides)))


def draw(path, number, labels):
    """Dark noise that is red, has white stripes, or a square in its middle; or all of it."""
    pixels = np.random.default_rng(number).integers(0, 60, (64, 64, 3), dtype=np.uint8)
    if "red" in labels:
        pixels[..., 0] += 120
    if "striped" in labels:
        pixels[np.arange(64) % 8 < 2] = 250
    if "square" in labels:
        pixels[16:48, 16:48] = (0, 0, 255)
    Image.fromarray(pixels).save(path, quality=95)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder to work in, with 72 pictures of 0 to 3 labels each and a list of them."""
    folder = tmp_path_factory.mktemp("home")
    before = Path.cwd()
    os.chdir(folder)
    (folder / "pictures").mkdir()
    rows = ["path,labels"]
    for number in range(72):
        labels = [name for bit, name in enumerate(LABELS) if number >> bit & 1]
        draw(folder / "pictures" / f"{number}.jpg", number, labels)
        rows.append(f"pictures/{number}.jpg,{';'.join(labels)}")
    (folder / "list.csv").write_text("\n".join(rows) + "\n")
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def run(home):
    split = ["split.train=60", "split.validation=20", "split.test=20"]
    return train(compose(*LIST, *STEPS, *split, "head=multi_label"), "runs/shapes")


def read_figures(run):
    return json.loads(run.metrics_path.read_text())


def read_rows(run):
    with run.predictions_path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_labels_are_found(run):
    figures = read_figures(run)

    assert figures["test/mean_average_precision"] > 0.9
    assert figures["test/mean_average_precision"] > figures["test/random_average_precision"] + 0.2
    assert figures["validation/f1_macro"] > 0.9


def test_metrics_have_flat_names(run):
    names = set(read_figures(run))

    kinds = ("precision", "recall", "f1", "support", "average_precision", "threshold")
    assert {f"test/{kind}/{label}" for kind in kinds for label in LABELS} <= names
    whole = ("loss", "exact_match", "label_accuracy", "f1_macro", "f1_micro")
    assert {f"{split}/{name}" for split in ("validation", "test") for name in whole} <= names
    assert not [name for name in names if "top_" in name or name.endswith("/accuracy")]


def test_labels_in_predictions_are_those_of_the_list(home, run):
    with Path("list.csv").open(newline="") as file:
        listed = {row["path"]: row["labels"] for row in csv.DictReader(file)}

    rows = read_rows(run)

    assert len(rows) == read_figures(run)["test/samples"]
    assert {row["key"]: row["label"] for row in rows} == {row["key"]: listed[row["key"]] for row in rows}
    assert any(row["label"].count(";") for row in rows)
    assert any(not row["label"] for row in rows)


def test_metrics_json_repeats_what_predictions_csv_says(run):
    read = read_predictions(run.predictions_path, multi_label=True)
    given = read.find_given()

    figures = read_figures(run)
    assert figures["test/exact_match"] == pytest.approx((given == read.labels).all(axis=1).mean())
    recomputed = compute_metrics("test", read.labels, read.scores, LABELS, thresholds=run.thresholds)
    assert figures["test/mean_average_precision"] == pytest.approx(recomputed.values["mean_average_precision"])


def test_the_run_keeps_a_threshold_for_each_label(run):
    kept = load_run(run.folder)

    assert kept.thresholds == run.thresholds
    assert len(run.thresholds) == 3
    assert [read_figures(run)[f"test/threshold/{label}"] for label in LABELS] == run.thresholds


def test_testing_again_chooses_no_threshold(run):
    before = run.predictions_path.read_bytes()

    evaluate(run.folder, "test")

    assert load_run(run.folder).thresholds == run.thresholds
    assert run.predictions_path.read_bytes() == before


def test_the_exported_graph_gives_the_scores_of_the_test(run):
    rows = read_rows(run)
    with Classifier.load(run.folder) as classifier:
        scores = classifier.predict([row["key"] for row in rows])
        assert classifier.thresholds == tuple(run.thresholds)

    np.testing.assert_allclose(scores, [[float(row[label]) for label in LABELS] for row in rows], atol=1e-4)
    assert np.ptp(scores.sum(axis=1)) > 0.5  # sigmoids, which sum to anything


def test_prediction_names_the_labels_that_the_test_gave(run):
    rows = read_rows(run)

    predicted = predict(run.folder, [row["key"] for row in rows])

    assert [label for _, _, label, _ in predicted.rows()] == [row["predicted"] for row in rows]


def test_the_command_marks_the_labels_given_among_the_best(home, run, capsys):
    draw(home / "new.jpg", 1000, ("red", "striped"))

    run_predict(PredictConfig(run=str(run.folder), inputs=["new.jpg"], top=1, json="out.json"))

    (picture,) = json.loads(Path("out.json").read_text())["pictures"]
    assert picture["labels"] == ["red", "striped"]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    # Both are shown, though only the best was asked for.
    assert {row[1]: row[3] for row in rows if len(row) == 4} == {"red": "yes", "striped": "yes"}


def test_the_report_lists_labels_and_has_no_matrix(run):
    page = run.report_path.read_text("utf-8")

    assert "mean average precision" in page
    assert "Every label" in page
    assert "Confusion matrix" not in page


def test_the_same_command_again_changes_nothing(run):
    before = run.predictions_path.read_bytes()
    split = ["split.train=60", "split.validation=20", "split.test=20"]

    again = train(compose(*LIST, *STEPS, *split, "head=multi_label"), "runs/shapes")

    assert again.thresholds == run.thresholds
    assert run.predictions_path.read_bytes() == before


@pytest.mark.parametrize("head", ["linear", "mlp", "cosine"])
def test_a_head_of_one_label_a_picture_is_refused(head, run):
    message = rf"several labels or none; head={head} gives each exactly one\.\nSet head=multi_label"
    with pytest.raises(ConfigError, match=message):
        train(compose(*LIST, f"head={head}"), f"runs/{head}")


def test_an_objective_of_one_label_a_picture_is_refused_before_anything_is_read(home):
    with pytest.raises(ConfigError, match=r"trainer.objective=validation/accuracy(?s:.*)mean_average_precision"):
        train(compose("dataset.dir=nowhere", "head=multi_label", "trainer.objective=validation/accuracy"), "runs/never")


def test_the_head_takes_pictures_of_one_label_too(home):
    for number in range(24):
        for name in ("red", "striped"):
            Path("one", name).mkdir(parents=True, exist_ok=True)
            draw(Path("one", name, f"{number}.jpg"), 100 + number, (name,))

    run = train(compose("dataset.dir=one", *STEPS, "head=multi_label", "head.threshold=0.5"), "runs/one")

    assert run.multi_label
    assert run.thresholds == [0.5, 0.5]
    assert read_figures(run)["test/mean_average_precision"] > 0.9
