"""The faults of the scripts that graphcore replaces, one test each: a run over a small folder shows none of them."""

import csv
import io
import json
import os
from pathlib import Path

import hydra
import numpy as np
import pytest
from PIL import Image

from graphcore import composing
from graphcore.convert import convert
from graphcore.evaluate import evaluate
from graphcore.evaluation.metrics import compute_metrics
from graphcore.graph.program import read_program
from graphcore.inputs.preprocess import decode_and_prepare
from graphcore.nets.factory import get_backbone
from graphcore.nets.weights import locate_checkpoint
from graphcore.train import train
from graphcore.training import checkpoints
from graphcore.training.batches import plan_batches
from tfrecords.reader import Reader

PER_CLASS = 14


def compose(*overrides):
    with hydra.initialize_config_dir(config_dir=str(composing.CONF_DIR), version_base="1.3"):
        return composing.to_options(hydra.compose("config", overrides=list(overrides)))


def draw(folder, names=("Class_A", "class a", "b")):
    """A folder per class; the last picture of each is a PNG, and one file of the first is damaged."""
    random = np.random.default_rng(0)
    for channel, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(PER_CLASS):
            pixels = random.integers(0, 90, (40, 50, 3), dtype=np.uint8)
            pixels[..., channel % 3] += 120
            suffix = "png" if number == PER_CLASS - 1 else "JPG" if number % 2 else "jpg"
            Image.fromarray(pixels).save(folder / name / f"{number}.{suffix}", "PNG" if suffix == "png" else "JPEG")
    (folder / names[0] / "broken.jpg").write_bytes((folder / names[0] / "0.jpg").read_bytes()[:200])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    draw(folder / "photos")
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def run(home):
    options = ["dataset.dir=photos", "trainer.steps=20", "trainer.eval_every_steps=10", "head.class_weights=balanced"]
    return train(compose(*options), "runs/a", quiet=True)


def splits(folder):
    """The split of every sample by its key."""
    reader = Reader(folder)
    return {sample.key: split for split in reader.manifest.splits for sample in reader.iterate(split)}


def test_1_a_moved_folder_changes_nobodys_split(home, run):
    (home / "elsewhere").mkdir()
    draw(home / "elsewhere" / "moved")
    convert(compose("dataset.dir=elsewhere/moved"))
    assert splits(Path("data/tfrecords/moved")) == splits(run.records)


def test_2_training_sees_classes_as_often_as_there_are_samples_of_them():
    assert compose("dataset=image_folder").trainer.sampling == "natural"
    assert sorted(plan_batches(0, 5, count=20, batch_size=4, seed=1).ravel()) == list(range(20))


def test_3_labels_that_differ_in_case_or_spelling_stay_apart(run):
    assert run.labels == ("Class_A", "b", "class a")


def test_4_an_edited_picture_and_edited_weights_have_features_of_their_own(home, run):
    draw(home / "edited")
    convert(compose("dataset.dir=edited"))
    Image.new("RGB", (40, 50), "red").save(home / "edited" / "b" / "0.jpg")
    again = train(compose("dataset.dir=edited", "trainer.steps=1"), "runs/edited", quiet=True)
    assert again.dataset_digest != run.dataset_digest
    backbone = checkpoints.read_checkpoint(run.backbone_checkpoint)
    name = "MobilenetV1/Conv2d_0/weights"
    checkpoints.write_checkpoint(home / "other.ckpt", backbone | {name: backbone[name] * 2})
    folders = {path.name for path in (home / "data/features").iterdir()} | {"networks"}
    train(compose("dataset.dir=photos", "backbone.checkpoint=other.ckpt", "trainer.steps=1"), "runs/w", quiet=True)
    assert len({path.name for path in (home / "data/features").iterdir()} - folders) == 1


def test_5_classification_prepares_a_picture_as_training_did(run):
    from graphcore.graph.runtime import tf, tf1

    sample = next(iter(Reader(run.records).iterate("train")))
    spec = get_backbone("mobilenet_v1", 0.25, 128).input_spec
    with tf.Graph().as_default(), tf1.Session() as session:
        trained_on = session.run(decode_and_prepare(tf.constant(sample.encoded), spec))
    program = read_program(
        run.export_dir / "frozen_graph.pb", {"contents": "DecodeJpeg/contents:0"}, {"input": "input:0"}
    )
    (classified,) = program.run({"contents": sample.encoded})
    program.close()
    np.testing.assert_array_equal(classified[0], trained_on)
    assert trained_on.min() >= -1
    assert trained_on.max() <= 1


def test_6_features_are_pooled_maps_not_probabilities_of_imagenet(run):
    assert get_backbone("mobilenet_v1", 0.25, 128).feature_size == 256
    assert run.read_head().variables["head/linear/weights"].shape == (256, 3)


def test_7_no_byte_of_a_frozen_backbone_drifts(run):
    before = locate_checkpoint("embedded").read_all()
    after = checkpoints.read_checkpoint(run.backbone_checkpoint)
    assert any(name.endswith("moving_mean") for name in after)
    for name, value in after.items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_8_evaluation_counts_everybody_once_and_knows_fewer_than_five_classes(run):
    rows = list(csv.DictReader(io.StringIO(run.predictions_path.read_text())))
    assert len({row["key"] for row in rows}) == len(rows) == Reader(run.records).manifest.samples("test")
    scores = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1]])
    assert compute_metrics("test", np.array([0, 0]), scores, ("a", "b", "c"), top_k=5).values["accuracy"] == 0.5


def test_9_an_empty_split_a_broken_jpeg_a_png_and_two_suffixes_are_no_trouble(home, run):
    reader = Reader(run.records)
    assert sum(reader.manifest.samples(split) for split in ("train", "validation", "test")) == 3 * PER_CLASS
    assert "broken.jpg" in (run.records / "rejected.csv").read_text()
    assert sum(key.endswith(".png") for key in splits(run.records)) == 3
    options = ["dataset.dir=photos", "dataset.name=all", "split.train=100", "split.validation=0", "split.test=0"]
    alone = train(compose(*options, "trainer.steps=2"), "runs/all", quiet=True)
    assert evaluate(alone, "test").count == 0


def test_10_a_run_resumes_and_holds_confusion_names_and_weights_of_classes(run, capsys):
    more = ["dataset.dir=photos", "trainer.steps=30", "trainer.eval_every_steps=10", "head.class_weights=balanced"]
    assert train(compose(*more), run.folder, quiet=True).steps == 30
    assert "Going on after step 20 of 30" in capsys.readouterr().err
    assert evaluate(run, "test").confusion.sum() == Reader(run.records).manifest.samples("test")
    assert "Class_A/" in run.predictions_path.read_text()
    assert json.loads((run.folder / "run.json").read_text())["head_options"]["class_weights"] == "balanced"


def test_11_nobody_has_to_guess_the_names_of_the_exported_graphs_tensors(run):
    program = read_program(run.export_dir / "frozen_graph.pb")
    assert set(program.inputs) >= {"DecodeJpeg/contents", "input"}
    assert set(program.outputs) == {"final_result"}
