import csv
import dataclasses
import hashlib
import html
import io
import json
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from graphcore import evaluate as command
from graphcore.config import EvaluateConfig, ImageFolderConfig, SegmentsConfig
from graphcore.errors import ConfigError, RunError
from graphcore.evaluate import evaluate, run_evaluate
from graphcore.evaluation.scoring import score_split
from graphcore.evaluation.unfinished import watching
from graphcore.export import export
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.linear import BIASES, WEIGHTS
from graphcore.nets.factory import get_backbone
from graphcore.nets.weights import read_variables
from graphcore.training import checkpoints
from graphcore.training.run import Run
from tfrecords.manifest import Manifest
from tfrecords.plan import Entry, plan_shards
from tfrecords.reader import Reader
from tfrecords.writer import begin, finish, write_dataset

LABELS = ("dark", "light, <b>")
COUNTS = {"train": 3, "validation": 2, "test": 5}


def write_records(folder, pictures):
    """A dataset of noise pictures; sample n of a split is of class n % 2."""
    entries = []
    pictures.mkdir(parents=True)
    for split, count in COUNTS.items():
        for number in range(count):
            level = (60, 190)[number % 2]
            pixels = np.random.default_rng(len(entries)).normal(level, 30, (40, 50, 3)).clip(0, 255)
            buffer = io.BytesIO()
            Image.fromarray(pixels.astype(np.uint8)).save(buffer, "JPEG")
            source = pictures / f"{split}{number}.jpg"
            source.write_bytes(buffer.getvalue())
            entries.append(
                Entry(
                    key=f"{split}/{number}.jpg", split=split, label=number % 2, text=LABELS[number % 2],
                    filename=source.name, format="jpeg", height=40, width=50,
                    size_bytes=len(buffer.getvalue()), source=str(source),
                    digest=hashlib.sha256(buffer.getvalue()).hexdigest(),
                )
            )  # fmt: skip
    begin(folder)
    shards = write_dataset(folder, plan_shards(entries, shard_bytes=3000))
    counts = {
        split: {label: sum(e.split == split and e.text == label for e in entries) for label in LABELS}
        for split in COUNTS
    }
    manifest = Manifest(name="toy", kind="test", labels=LABELS, counts=counts, shards=tuple(shards))
    finish(folder, manifest)
    return manifest


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of random weights over a few pictures."""
    folder = tmp_path_factory.mktemp("toy")
    manifest = write_records(folder / "records", folder / "pictures")
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        backbone.build(tf1.placeholder(tf.float32, [None, 128, 128, 3]), is_training=False)
        session.run(tf1.global_variables_initializer())
        weights = read_variables(session, tf1.global_variables(backbone.scope))
    # Fresh weights are so small that every picture ends near the same features. Four times as large, a change of 1e-7
    # in the picture is one of 1 in the features: no two ways to compute them would agree.
    weights = {name: value * 2 if name.endswith("weights") else value for name, value in weights.items()}
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(folder / "run"), weights)
    head = np.random.default_rng(0).normal(size=(backbone.feature_size, 2)).astype(np.float32) * 0.02
    checkpoints.write_checkpoint(
        checkpoints.best_prefix(folder / "run"), {WEIGHTS: head, BIASES: np.zeros(2, np.float32)}
    )
    run = Run(
        folder / "run", LABELS, "mobilenet_v1", 0.25, 128, folder / "records", manifest.digest(),
        folder / "features", batch_size=2, steps=10, best_step=8,
    )  # fmt: skip
    run.write()
    return run


@pytest.fixture(scope="module")
def metrics(run):
    """What the evaluation of the test split gave; its files lie in the run."""
    return evaluate(run)


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_sample_is_scored_exactly_once(run, metrics):
    rows = read_csv(run.predictions_path)
    assert sorted(row["key"] for row in rows) == [f"test/{number}.jpg" for number in range(5)]
    assert metrics.count == 5
    assert metrics.confusion.sum(axis=1).tolist() == [3, 2]


def test_metrics_json_repeats_what_predictions_csv_says(run, metrics):
    rows = read_csv(run.predictions_path)
    figures = json.loads(run.metrics_path.read_text())
    assert figures["test/accuracy"] == np.mean([row["label"] == row["predicted"] for row in rows])
    assert figures["test/loss"] == pytest.approx(np.mean([-np.log(float(row[row["label"]])) for row in rows]), abs=1e-6)
    assert figures["test/support/light, <b>"] == 2


def test_the_frozen_graph_gives_the_scores_of_predictions_csv(run, metrics):
    frozen, _ = export(run)
    graph_def = tf1.GraphDef()
    graph_def.ParseFromString(frozen.read_bytes())
    rows = read_csv(run.predictions_path)
    reader = Reader(run.records)

    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.import_graph_def(graph_def, name="")
        scores = [
            session.run("final_result:0", {"DecodeJpeg/contents:0": reader.lookup(row["key"]).encoded})[0]
            for row in rows
        ]

    written = [[float(row[label]) for label in LABELS] for row in rows]
    np.testing.assert_allclose(scores, written, atol=1e-4)
    assert np.ptp(written, axis=0).min() > 1e-3  # or the comparison would show nothing


def test_another_split_has_files_of_its_own_and_keeps_the_first_ones_figures(run, metrics):
    evaluate(run.folder, "validation")

    figures = json.loads(run.metrics_path.read_text())
    assert (figures["test/accuracy"], figures["validation/samples"]) == (metrics.values["accuracy"], 2)
    assert len(read_csv(run.folder / "predictions-validation.csv")) == 2
    assert len(read_csv(run.predictions_path)) == 5
    assert (run.folder / "report-validation.html").is_file()


def test_the_report_names_the_run_and_its_classes(run, metrics):
    page = run.report_path.read_text("utf-8")
    assert "/run: test split of toy, 20" in page
    assert "light, &lt;b&gt;" in page


def test_a_top_k_of_all_classes_is_left_out(metrics):
    assert not [name for name in metrics.values if name.startswith("top_")]


def test_the_command_prints_figures_and_returns_the_accuracy(run, capsys):
    accuracy = run_evaluate(EvaluateConfig(run=str(run.folder)))

    printed = capsys.readouterr()
    assert f"{accuracy:.4f}" in printed.out
    assert "light, <b>" in printed.out
    assert "report.html" in printed.err


def test_a_split_without_samples_has_no_rows(run):
    assert score_split(run, "nothing").scores.shape == (0, 2)


def test_changed_records_are_an_error(run):
    changed = Run(**{**vars(run), "dataset_digest": "other"})

    with pytest.raises(RunError, match=r"not those that .* was trained on"):
        evaluate(changed)


def test_records_that_moved_are_found_where_the_option_says(run, metrics, tmp_path):
    moved = shutil.copytree(run.records, tmp_path / "moved")
    lost = dataclasses.replace(run, records=tmp_path / "gone")

    with pytest.raises(RunError, match=r"no longer in .*gone.*\n.*records=DIR"):
        evaluate(lost)
    assert evaluate(lost, records=moved).values == metrics.values


@pytest.fixture
def call(monkeypatch):
    """Runs the command with what is written after its name; gives its status."""

    def run_main(*arguments):
        monkeypatch.setattr(sys, "argv", ["evaluate", *arguments])
        try:
            command.main()
        except SystemExit as ended:
            return ended.code
        return 0

    return run_main


def make_photos(folder):
    for place, label in enumerate(LABELS):
        (folder / label).mkdir(parents=True)
        for number in range(3):
            pixels = np.random.default_rng(100 + number).normal((60, 190)[place], 30, (40, 50, 3)).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(folder / label / f"{number}.jpg")
    return folder


def test_another_dataset_is_chosen_as_for_train_and_converted_as_the_run_was(run, call, tmp_path, monkeypatch, capsys):
    dataclasses.replace(run, dataset_options={"dataset.size": 32, "dataset.quality": 50}).write()
    own = run.metrics_path.read_bytes() if run.metrics_path.exists() else None
    photos = make_photos(tmp_path / "photos")
    monkeypatch.chdir(tmp_path)

    options = ("dataset=image_folder", f"dataset.dir={photos}", "dataset.quality=90", "resamples=20")
    assert call(f"run={run.folder}", *options) == 0

    printed = capsys.readouterr()
    assert printed.out.startswith("All of photos: 6 samples")
    assert f"Report: {run.folder}/evaluations/photos/report.html" in printed.err
    note = json.loads((tmp_path / "data" / "tfrecords" / "photos-evaluated" / "dataset.json").read_text())
    assert (note["options"]["dataset.size"], note["options"]["dataset.quality"]) == (32, 90)
    assert (run.metrics_path.read_bytes() if own else None) == own
    run.write()


def test_the_report_has_the_command_as_it_was_typed(run, call, monkeypatch):
    assert call(f"run={run.folder}", "resamples=0", "top_k=2") == 0
    page = html.unescape(run.report_path.read_text("utf-8"))
    assert f"python -m graphcore.evaluate run={run.folder} resamples=0 top_k=2</code>" in page


def test_options_of_a_dataset_that_was_not_chosen_are_refused_with_what_to_add(run, call, capsys):
    dataclasses.replace(run, dataset_options={"dataset.kind": "image_folder"}).write()
    assert call(f"run={run.folder}", "dataset.dir=my photos") == 2
    run.write()
    said = " ".join(capsys.readouterr().err.split())
    assert "Choose a dataset first: dataset=image_folder 'dataset.dir=my photos'" in said


def test_options_that_do_nothing_for_photos_are_told(run, capsys):
    asked = EvaluateConfig(run=str(run.folder), resamples=0, relax_secs=2.0, segments=SegmentsConfig(min_secs=1.0))
    run_evaluate(asked)
    assert "segments.min_secs, relax_secs does nothing" in capsys.readouterr().err


def test_a_misspelt_option_of_the_other_dataset_is_refused(run, call, capsys):
    assert call(f"run={run.folder}", "dataset=image_folder", "dataset.dri=PHOTOS") == 2
    said = capsys.readouterr().err
    assert "There is no option dataset.dri." in said
    assert "Did you mean dataset.dir?" in said
    assert "python -m graphcore.evaluate --help" in said


def test_a_run_that_is_missing_is_told_with_another_dataset_too(call, tmp_path, capsys):
    assert call(f"run={tmp_path / 'gone'}", "dataset=image_folder", "dataset.dir=PHOTOS") == 2
    assert "gone is not a folder" in capsys.readouterr().err


def test_two_kinds_of_evaluation_at_once_are_refused(run, call, capsys):
    assert call(f"run={run.folder}", "dataset=image_folder", "watch=true") == 2
    assert "dataset and watch are evaluations of different kinds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "validation", "dataset": ImageFolderConfig("image_folder")}, "split=validation says nothing beside"),
        ({"watch": True, "show_mistakes": 3}, "show_mistakes=3 shows nothing beside watch"),
        ({"heads": ["mlp"], "show_mistakes": 3}, "show_mistakes=3 shows nothing beside heads"),
        ({"timeout_secs": 5.0}, "timeout_secs=5 ends nothing without watch=true"),
    ],
)
def test_options_that_would_do_nothing_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        run_evaluate(EvaluateConfig(run="run", **options))


def test_help_names_what_can_be_asked(call, capsys):
    assert call("--help") == 0
    shown = capsys.readouterr().out
    for option in ("dataset=image_folder dataset.dir=PHOTOS", "watch: false", "heads: null", "resamples: 1000"):
        assert option in shown


def test_a_run_that_never_comes_ends_the_watch_well(call, tmp_path, capsys):
    assert call(f"run={tmp_path / 'run'}", "watch=true", "timeout_secs=0") == 0
    assert "No checkpoint came in 0 s" in capsys.readouterr().err


def test_ctrl_c_ends_the_watch_well(call, tmp_path, monkeypatch, capsys):
    def interrupt(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(watching, "iterate_checkpoints", interrupt)
    assert call(f"run={tmp_path / 'run'}", "watch=true") == 0
    assert "Interrupted" not in capsys.readouterr().err


def test_mistakes_are_shown_by_name(run, capsys):
    run_evaluate(EvaluateConfig(run=str(run.folder), show_mistakes=5, resamples=0))
    printed = capsys.readouterr()
    assert "The surest mistakes on test" in printed.out or "No mistakes on test." in printed.err
