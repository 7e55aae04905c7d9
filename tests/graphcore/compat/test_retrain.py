"""retrain.py's command line: every flag, and one training through all of it."""

from __future__ import annotations

import shlex
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from graphcore.compat.job import compose
from graphcore.compat.parse import parse_flags
from graphcore.compat.retrain import plan_retrain, run_retrain
from graphcore.compat.retrain_flags import RETRAIN
from graphcore.errors import CheckpointError, ConfigError, DatasetError

# Every flag of SPEC section 2, with a value that is not its default, and what it becomes.
FLAGS = [
    ("image_dir", "pictures", "dataset.dir=pictures"),
    ("output_graph", "g.pb", "product"),
    ("output_labels", "l.txt", "product"),
    ("intermediate_output_graphs_dir", "steps", "told"),
    ("intermediate_store_frequency", "50", "export.every_steps=50"),
    ("summaries_dir", "logs", "product"),
    ("how_many_training_steps", "500", "trainer.steps=500"),
    ("learning_rate", "0.5", "optimizer.learning_rate=0.5"),
    ("testing_percentage", "20", "split.test=20"),
    ("validation_percentage", "30", "split.validation=30"),
    ("eval_step_interval", "25", "trainer.eval_every_steps=25"),
    ("train_batch_size", "50", "trainer.batch_size=50"),
    ("validation_batch_size", "50", "told"),
    ("test_batch_size", "50", "told"),
    ("print_misclassified_test_images", "true", "test.show_mistakes=1000000"),
    ("model_dir", "models", "told"),
    ("bottleneck_dir", "b", "backbone.features_dir=b"),
    ("final_tensor_name", "out", "export.output_name=out"),
    ("flip_left_right", "true", "augment.flip_left_right=true"),
    ("random_crop", "10", "augment.random_crop=10"),
    ("random_scale", "10", "augment.random_scale=10"),
    ("random_brightness", "10", "augment.random_brightness=10"),
    ("architecture", "mobilenet_0.75_192", "backbone.width=0.75"),
    ("saved_model_dir", "saved", "export.formats=[frozen,saved_model]"),
    ("logging_verbosity", "DEBUG", "told"),
    ("checkpoint_path", "checkpoints", "product"),
    (
        "tfhub_module",
        "https://tfhub.dev/google/imagenet/mobilenet_v2_100_224/feature_vector/2",
        "backbone=mobilenet_v2",
    ),
]


def plan(*arguments):
    return plan_retrain(parse_flags(["--image_dir=photos", *arguments], RETRAIN))


def test_the_table_has_every_flag():
    assert {flag.name for flag in RETRAIN.flags} == {name for name, _, _ in FLAGS}


@pytest.mark.parametrize(("name", "value", "becomes"), FLAGS)
def test_every_flag_acts_or_is_told(name, value, becomes):
    found = plan(f"--{name}={value}")
    if becomes == "told":
        assert f"--{name}" in {one.flag for one in found.plan.differences}
    elif becomes == "product":
        assert str(next(one.place for one in found.products if one.flag == name)).startswith(value)
    else:
        assert becomes in found.plan.overrides


def test_without_other_flags_it_is_what_retrain_did_by_default():
    config = compose(plan().plan.overrides)
    assert (config.backbone.name, config.backbone.checkpoint) == ("inception_v3", "imagenet")
    assert (config.trainer.name, config.trainer.steps, config.trainer.batch_size) == ("frozen", 4000, 100)
    assert (config.trainer.eval_every_steps, config.trainer.sampling) == (10, "natural")
    assert (config.optimizer.name, config.optimizer.learning_rate) == ("sgd", 0.01)
    assert (config.head.name, config.head.weight_decay) == ("linear", 0)
    assert config.split.shares() == {"train": 80, "validation": 10, "test": 10}
    assert config.augment.is_off()
    assert config.export.output_name == "final_result"


def test_the_same_options_come_out_of_the_printed_command():
    found = plan("--architecture=mobilenet_0.50_160", "--flip_left_right", "--saved_model_dir=s").plan
    assert compose(found.overrides) == compose(shlex.split(shlex.join(found.arguments))[:-1])


def test_changes_are_made_in_views_of_each_picture():
    assert plan("--random_crop=5").plan.overrides[-5:-1] != plan().plan.overrides[-5:-1]
    config = compose(plan("--random_crop=5", "--flip_left_right").plan.overrides)
    assert (config.augment.flip_left_right, config.augment.random_crop, config.augment.random_scale) == (True, 5, 0)
    assert config.augment.views == 8


def test_quantized_networks_are_taken_with_float_weights_and_that_is_told():
    found = plan("--architecture=mobilenet_0.25_128_quantized").plan
    assert {"backbone=mobilenet_v1", "backbone.width=0.25", "backbone.image_size=128"} <= set(found.overrides)
    assert any("float weights" in one.now for one in found.differences)


def test_weights_are_taken_from_model_dir_where_they_lie(tmp_path):
    folder = tmp_path / "mobilenet_v1_0.5_160"
    folder.mkdir()
    (folder / "mobilenet_v1_0.5_160.ckpt.index").touch()
    arguments = ("--architecture=mobilenet_0.50_160", f"--model_dir={tmp_path}")
    assert f"backbone.checkpoint={folder}" in plan(*arguments).plan.overrides
    (tmp_path / "classify_image_graph_def.pb").touch()
    graph = plan(f"--model_dir={tmp_path}").plan.overrides
    assert "backbone=graph" in graph
    assert f"backbone.checkpoint={tmp_path}/classify_image_graph_def.pb" in graph


def test_intermediate_graphs_are_put_where_they_used_to_be():
    products = plan("--intermediate_store_frequency=5", "--intermediate_output_graphs_dir=d").products
    product = next(one for one in products if one.flag == "intermediate_output_graphs_dir")
    assert (product.renamed, str(product.place)) == (("frozen_graph-", "intermediate_"), "d")


def test_faults_of_retrain_that_graphcore_does_not_have_are_told_every_time():
    told = " ".join(f"{one.did} {one.now}" for one in plan().plan.differences)
    for word in (
        "hash of the path",
        "trainer.sampling=natural",
        "lower-cased",
        "PNG",
        "removed",
        "87.5 %",
        "DecodeJpeg/contents",
    ):
        assert word in told


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--testing_percentage=60", "--validation_percentage=40"], "leave nothing to train on"),
        (["--testing_percentage=-1"], "--testing_percentage=-1 is too small"),
        (["--architecture=alexnet"], "--architecture=alexnet is not known"),
        (["--architecture=inception_v3", "--tfhub_module=x"], "both name the network"),
        (["--tfhub_module=x"], "do not run on a current TensorFlow"),
        (["--image_dir="], "--image_dir is not given"),
        (["--train_batch_size=-1"], "--train_batch_size=-1 is too small"),
        (["--logging_verbosity=LOUD"], "DEBUG, INFO, WARN, ERROR, FATAL"),
    ],
)
def test_what_cannot_be_is_refused(arguments, problem):
    with pytest.raises(ConfigError, match=problem):
        plan(*arguments)


def test_options_of_graphcore_win_over_the_flags():
    found = plan("--how_many_training_steps=5", "trainer.steps=7", "hydra.run.dir=runs/mine").plan
    assert compose(found.overrides).trainer.steps == 7
    assert str(found.run_dir) == "runs/mine"
    with pytest.raises(ConfigError, match=r"There is no option trainer\.stesp(.|\n)*Did you mean trainer\.steps"):
        compose(plan("trainer.stesp=7").plan.overrides)


def test_one_training_through_all_of_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for channel, name in enumerate(("red", "Green")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(0, 90, (40, 40, 3), dtype=np.uint8)
            pixels[..., channel] += 120
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    flags = "--image_dir photos --architecture=mobilenet_0.25_128 --how_many_training_steps=2 --train_batch_size 4"
    places = "--output_graph out/g.pb --output_labels=out/l.txt --summaries_dir out/logs --bottleneck_dir out/b"
    extra = ["backbone.checkpoint=embedded", "hydra.run.dir=runs/r", "split.require_every_class=false"]
    run_retrain(parse_flags([*flags.split(), *places.split(), *extra], RETRAIN))
    assert (tmp_path / "out/l.txt").read_text() == "Green\nred\n"
    assert (tmp_path / "out/g.pb").read_bytes() == (tmp_path / "runs/r/export/frozen_graph.pb").read_bytes()
    assert list((tmp_path / "out/logs/r").rglob("events*"))
    assert list((tmp_path / "out/b").iterdir())
    assert (tmp_path / "runs/r/train.log").stat().st_size
    assert "train \\\n    dataset=image_folder" in capsys.readouterr().out


def test_what_cannot_be_trained_on_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = ["--summaries_dir=logs", "--architecture=mobilenet_0.25_128", "--output_graph=g.pb", "--output_labels=l"]
    with pytest.raises(DatasetError, match="--image_dir=photos is no folder"):
        run_retrain(parse_flags(["--image_dir=photos", *flags], RETRAIN))
    (tmp_path / "photos").mkdir()
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        run_retrain(parse_flags(["--image_dir=photos", *flags, "backbone.checkpoint=none.ckpt"], RETRAIN))
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_a_mistake_ends_with_status_2_and_no_traceback():
    command = [sys.executable, "-m", "graphcore.compat.retrain", "--image_dri=photos"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Did you mean --image_dir?" in ended.stderr
    assert "Traceback" not in ended.stderr
