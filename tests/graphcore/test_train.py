"""The whole way, from pictures on the disk to everything a run holds."""

import csv
import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import hydra
import numpy as np
import pytest
from PIL import Image

from graphcore import atomic, composing
from graphcore.errors import ConfigError, GraphcoreError, RunError
from graphcore.inference.classifier import Classifier
from graphcore.inference.video import classify_video
from graphcore.train import check_options, train

ROOT = Path(__file__).parents[2]
SHARED = ROOT / ".." / "shared"
EXPERIMENTS = sorted(path.stem for path in (composing.CONF_DIR / "experiment").glob("*.yaml"))
# What makes an experiment's own data small enough for a test.
SMALL = {
    "suture_scenes": ["dataset.scenes=6", "dataset.scene_secs=10", "dataset.fps=2", "dataset.every_secs=1"],
    "procedures": ["dataset.cameras=1", "dataset.chapter_secs=8", "dataset.fps=2", "dataset.every_secs=1"],
    "fractals": ["dataset.classes=3", "dataset.per_class=20", "split.train=80", "split.validation=10", "split.test=10"],
}
TWO_STEPS = ["trainer.steps=2", "trainer.eval_every_steps=1", "trainer.batch_size=8"]


def compose(*overrides):
    with hydra.initialize_config_dir(config_dir=str(composing.CONF_DIR), version_base="1.3"):
        return composing.to_options(hydra.compose("config", overrides=list(overrides)))


def draw_photos(folder, per_class=15):
    """Three classes told apart by the channel that stands out."""
    random = np.random.default_rng(0)
    for channel, name in enumerate(("red", "Green", "green")):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            pixels = random.integers(0, 90, (60, 70, 3), dtype=np.uint8)
            pixels[..., channel] += 120
            Image.fromarray(pixels).save(folder / name / f"{number}.jpg")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder to work in, with photos of three classes."""
    folder = tmp_path_factory.mktemp("home")
    draw_photos(folder / "photos")
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def photos_run(home):
    return train(compose("dataset.dir=photos", "trainer.steps=60", "trainer.eval_every_steps=20"), "runs/photos")


def figures(run):
    return json.loads((run.folder / "metrics.json").read_text())


def untimed(run):
    return {name: value for name, value in figures(run).items() if not name.startswith(("seconds", "images_per"))}


def test_a_run_holds_what_the_contract_names(photos_run):
    held = {str(path.relative_to(photos_run.folder)) for path in photos_run.folder.rglob("*") if path.is_file()}
    named = {"config.yaml", "metrics.json", "predictions.csv", "report.html"}
    assert named | {"export/frozen_graph.pb", "export/labels.txt"} <= held
    assert {path.name for path in (photos_run.folder / "summaries").iterdir()} >= {"train", "validation", "test"}


def test_metrics_are_flat_and_named_as_promised(photos_run):
    names = set(figures(photos_run))
    assert {"test/accuracy", "test/loss", "validation/accuracy", "train/steps", "images_per_second/features"} <= names
    assert {f"seconds/{stage}" for stage in ("convert", "features", "train", "total")} <= names
    assert all(isinstance(value, (int, float)) for value in figures(photos_run).values())


def test_colours_are_told_apart_and_labels_kept_as_they_are(photos_run):
    assert photos_run.labels == ("Green", "green", "red")
    assert figures(photos_run)["train/steps"] == 60
    assert figures(photos_run)["test/accuracy"] >= 0.8


def test_every_test_sample_is_predicted_once(photos_run):
    with (photos_run.folder / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["key", "label", "predicted", "Green", "green", "red"]
    assert len({row["key"] for row in rows}) == len(rows) == figures(photos_run)["test/samples"]
    for row in rows:
        assert sum(float(row[name]) for name in photos_run.labels) == pytest.approx(1, abs=1e-5)
        assert row["key"].startswith(row["label"] + "/")


def read_scores(run):
    """The rows of predictions.csv: scores by key."""
    with (run.folder / "predictions.csv").open(newline="") as file:
        return {row["key"]: [float(row[name]) for name in run.labels] for row in csv.DictReader(file)}


def test_prediction_sees_pictures_as_training_saw_them(home):
    run = train(compose("dataset.dir=photos", "dataset.size=32", "dataset.name=small", *TWO_STEPS), "runs/small")
    tested = read_scores(run)
    with Classifier.load(run.folder) as classifier:
        scores = classifier.predict([home / "photos" / key for key in tested])
    np.testing.assert_allclose(scores, list(tested.values()), atol=1e-4)


@pytest.mark.parametrize("head", ["linear", "median", "hmm", "gru", "ms_tcn", "tecno"])
def test_prediction_sees_frames_as_training_saw_them(home, head):
    smaller = ["head.stages=2", "head.layers=3"] if head in ("ms_tcn", "tecno") else []
    options = ["+experiment=suturing", f"head={head}", *smaller, *SMALL["suture_scenes"], *TWO_STEPS, "dataset.size=96"]
    run = train(compose(*options), f"runs/scenes_{head}")
    tested = read_scores(run)
    video = next(iter(tested)).split("@")[0]
    clip = next((home / "data/samples").glob(f"suture_scenes-*/{video}.mp4"))
    with Classifier.load(run.folder) as classifier:
        assert classifier.every_secs == 1.0
        found = classify_video(classifier, clip, classifier.every_secs)
    keys = [f"{video}@{time_secs:.3f}" for time_secs in found.times_secs]
    assert set(keys) == {key for key in tested if key.startswith(f"{video}@")}
    np.testing.assert_allclose(found.scores, [tested[key] for key in keys], atol=1e-4)


def test_the_same_command_gives_the_same_figures(home, photos_run):
    shutil.rmtree(home / "data")
    again = train(compose("dataset.dir=photos", "trainer.steps=60", "trainer.eval_every_steps=20"), "runs/again")
    assert untimed(again) == untimed(photos_run)


def test_the_same_run_again_changes_no_figure_and_extracts_nothing(photos_run, capsys):
    before = untimed(photos_run)
    config = compose("dataset.dir=photos", "trainer.steps=60", "trainer.eval_every_steps=20")
    assert untimed(train(config, "runs/photos")) == before
    assert "Features of" not in capsys.readouterr().err


def test_result_files_wait_for_the_disk_beside_the_job_and_figures_are_written_once(photos_run, monkeypatch):
    own, written = atomic._write, []

    def note(path, *rest):
        written.append((path.name, threading.current_thread() is threading.main_thread()))
        own(path, *rest)

    monkeypatch.setattr(atomic, "_write", note)
    train(compose("dataset.dir=photos", "trainer.steps=60", "trainer.eval_every_steps=20"), "runs/photos")
    behind = {name for name, in_main in written if not in_main}
    assert {"predictions.csv", "report.html", "labels.txt"} <= behind
    assert [in_main for name, in_main in written if name == "metrics.json"] == [True]


def test_a_training_whose_files_cannot_be_written_has_no_figures_until_they_can(home, photos_run, monkeypatch):
    own = atomic._write

    def fail(path, *rest):
        if path.name == "report.html":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        own(path, *rest)

    config = compose("dataset.dir=photos", "trainer.steps=60", "trainer.eval_every_steps=20")
    with monkeypatch.context() as full, pytest.raises(OSError, match="No space left"):
        full.setattr(atomic, "_write", fail)
        train(config, "runs/full")
    assert not Path("runs/full/metrics.json").exists()
    assert untimed(train(config, "runs/full")) == untimed(photos_run)


def test_options_that_do_nothing_for_photos_are_told(photos_run, capsys):
    options = ["trainer.steps=60", "trainer.eval_every_steps=20", "test.relax_secs=2", "segments.min_secs=1"]
    train(compose("dataset.dir=photos", *options), "runs/photos")
    assert "segments.min_secs, test.relax_secs does nothing" in " ".join(capsys.readouterr().err.split())
    train(compose("dataset.dir=photos", *options[:2]), "runs/photos")


def test_other_options_on_the_same_run_are_refused_and_nothing_is_lost(photos_run):
    before = (photos_run.folder / "config.yaml").read_text()
    with pytest.raises(RunError, match=r"another hydra\.run\.dir"):
        train(compose("dataset.dir=photos", "optimizer.learning_rate=0.5"), "runs/photos")
    assert (photos_run.folder / "config.yaml").read_text() == before


def test_a_refused_run_keeps_the_records_it_was_trained_on(home, photos_run):
    records = (home / "data/tfrecords/photos/dataset.json").read_bytes()
    with pytest.raises(RunError, match=r"split\.train was 80\.0, now 60\.0"):
        train(compose("dataset.dir=photos", "split.train=60", "split.test=30"), "runs/photos")
    assert (home / "data/tfrecords/photos/dataset.json").read_bytes() == records


def test_config_of_a_run_says_every_option(photos_run):
    from omegaconf import OmegaConf

    written = OmegaConf.load(photos_run.folder / "config.yaml")
    assert written.dataset.dir == "photos"
    assert written.trainer.steps == 60
    assert written.backbone.checkpoint == "embedded"


@pytest.mark.slow
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_trains_two_steps(experiment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind = compose(f"+experiment={experiment}").dataset.kind
    run = train(compose(f"+experiment={experiment}", *SMALL[kind], *TWO_STEPS), "run")
    assert figures(run)["train/steps"] == 2
    assert 0 <= figures(run)["test/accuracy"] <= 1


@pytest.mark.slow
def test_a_sweep_trains_each_job_in_a_folder_of_its_own(home):
    options = ["dataset.dir=photos", *TWO_STEPS, "optimizer.learning_rate=0.001,0.01", "hydra.sweep.dir=sweep"]
    program = [sys.executable, "-m", "graphcore.train", "-m", *options]
    shown = subprocess.run(program, cwd=home, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    for job, rate in (("0", "0.001"), ("1", "0.01")):
        assert f"learning_rate: {rate}" in (home / "sweep" / job / "config.yaml").read_text()
        assert json.loads((home / "sweep" / job / "metrics.json").read_text())["train/steps"] == 2


@pytest.mark.slow
def test_tensorflow_keeps_its_chatter_off_the_screen(home):
    options = ["dataset.dir=photos", *TWO_STEPS, "hydra.run.dir=runs/quiet"]
    program = [sys.executable, "-W", "default", "-m", "graphcore.train", *options]
    shown = subprocess.run(program, cwd=home, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    for noise in ("oneDNN", "cuda", "Warning", "WARNING", "deprecat", "absl"):
        assert noise not in shown.stderr + shown.stdout, shown.stderr


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "data/clothing").is_dir(), reason="needs ../shared")
def test_real_photos_beat_chance_by_far(tmp_path, monkeypatch):
    photos, weights = (SHARED / "data/clothing").resolve(), (SHARED / "checkpoints/mobilenet_v1_0.5_160").resolve()
    monkeypatch.chdir(tmp_path)
    backbone = ["backbone.width=0.5", "backbone.image_size=160", f"backbone.checkpoint={weights}"]
    run = train(compose(f"dataset.dir={photos}", *backbone), "run")
    assert figures(run)["test/accuracy"] > 0.5  # ten classes: chance is 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["augment.flip_left_right=true"], "trainer=finetune"),
        (["backbone.checkpoint=nowhere/model.ckpt"], "nowhere/model.ckpt"),
        (["backbone.width=0.3"], "backbone.width is 0.3"),
        (["export.output_name=MobilenetV1/features"], r"export\.output_name=MobilenetV1/features lies among the nodes"),
        (["summaries.profile_steps=999"], r"summaries\.profile_steps=999 needs as many steps again"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_is_converted(options, message, home):
    with pytest.raises(GraphcoreError, match=message):
        train(compose("dataset.dir=photos", "dataset.name=never", *options), "runs/never")
    assert not Path("data/tfrecords/never").exists()


def test_a_dataset_that_leaks_is_refused_unless_told_otherwise(home, capsys):
    """The same picture lies in the train/ and in the test/ folder."""
    for split in ("train", "test"):
        shutil.copytree("photos", f"leaky/{split}", dirs_exist_ok=True)
    with pytest.raises(GraphcoreError, match=r"(?s)audit\.on_leakage=warn"):
        train(compose("dataset.dir=leaky", *TWO_STEPS), "runs/leaky")
    assert not Path("runs/leaky/metrics.json").exists()
    capsys.readouterr()
    train(compose("dataset.dir=leaky", "audit.on_leakage=warn", *TWO_STEPS), "runs/leaky")
    told = capsys.readouterr().err
    assert "warning" in told
    assert "samples (the audit found leakage: see above)." in told
    assert "never trained on" not in told


def test_folds_are_one_command_and_test_every_group_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_photos(tmp_path / "photos", per_class=12)
    for path in list(Path("photos").rglob("*.jpg")):
        target = Path("people") / f"p{int(path.stem) % 3}" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    options = ["dataset.dir=people", "dataset.pattern={subject}/{class}/{name}", "split.group_by=subject"]
    options += ["split.folds=3", "split.fold=1,2,3", "hydra.sweep.dir=sweep", *TWO_STEPS]
    subprocess.run([sys.executable, "-m", "graphcore.train", "-m", *options], check=True, capture_output=True)
    tested = []
    for fold in range(3):
        with open(f"sweep/{fold}/predictions.csv", newline="") as file:
            tested.append({row["key"].split("/")[0] for row in csv.DictReader(file)})
    assert sorted(map(sorted, tested)) == [["p0"], ["p1"], ["p2"]]


def test_weights_of_another_network_are_refused_before_anything_is_converted(home):
    config = compose("dataset.dir=photos", "dataset.name=unread", "backbone.width=0.5", "backbone.image_size=160")
    with pytest.raises(GraphcoreError, match=r"looks like mobilenet_v1 of width 0.25: set backbone.width=0.25"):
        train(config, "runs/unread")
    assert not (home / "data/tfrecords/unread").exists()


def test_a_warmup_that_never_ends_is_told(home, capsys):
    options = ["dataset.dir=photos", "schedule.warmup_steps=5", "trainer.steps=2", "trainer.eval_every_steps=1"]
    train(compose(*options), "runs/warm", quiet=True)
    assert "schedule.warmup_steps=5 is all of trainer.steps=2" in " ".join(capsys.readouterr().err.split())


def test_missing_xnnpack_is_told_before_anything_is_converted(monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    config = compose("dataset=image_folder", "dataset.dir=photos", "backbone.executor=xnnpack")
    with pytest.raises(ConfigError, match=r"(?s)ai-edge-litert, which cannot be imported.*pip install ai-edge-litert"):
        check_options(config)
