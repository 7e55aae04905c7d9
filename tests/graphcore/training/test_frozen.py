from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    AugmentConfig,
    BackboneConfig,
    Config,
    HeadConfig,
    ImageFolderConfig,
    ScheduleConfig,
    SgdConfig,
    TrainerConfig,
)
from graphcore.errors import CheckpointError, ConfigError, RunError
from graphcore.features.extract import get_features
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf1
from graphcore.heads.factory import get_head
from graphcore.nets import memory
from graphcore.nets.network import Network
from graphcore.nets.weights import digest_weights
from graphcore.training import checkpoints
from graphcore.training.actions import Pause
from graphcore.training.batches import plan_batches
from graphcore.training.frozen import train_frozen, train_head
from graphcore.training.head_stepper import HeadStepper
from graphcore.training.run import load_run

CLASSES = 3


@pytest.fixture
def features():
    """Three clusters in four dimensions that a line can part."""
    random = np.random.default_rng(0)

    def draw(count):
        labels = (np.arange(count) % CLASSES).astype(np.int32)
        values = np.eye(CLASSES, 4)[labels] * 3 + random.normal(size=(count, 4))
        return FeatureSet(values.astype(np.float32), labels, tuple(map(str, range(count))))

    return {"train": draw(40), "validation": draw(20)}


def make_config(**parts):
    defaults = {
        "dataset": ImageFolderConfig(kind="image_folder"),
        "optimizer": AdamConfig("adam", 0.05),
        "schedule": ScheduleConfig("fixed"),
        "trainer": TrainerConfig(steps=60, batch_size=16, eval_every_steps=20, checkpoint_every_steps=30),
    }
    return Config(**(defaults | parts))


class Data:
    labels = ("a", "b", "c")
    digest = "digest"

    def class_counts(self, split):
        return np.array([14, 13, 13])


def train(features, folder, **parts):
    return train_head(features, make_config(**parts), Data(), "weights", folder)


def test_sgd_takes_the_steps_that_numpy_takes(features):
    config = make_config(optimizer=SgdConfig("sgd", 0.5), head=HeadConfig(weight_decay=0.1))
    with HeadStepper(features, config, Data().class_counts("train"), get_head(config.head, CLASSES)) as stepper:
        weights = stepper.read_weights()["head/linear/weights"].astype(np.float64)
        result = stepper.advance(0, 5, Pause())
        trained = stepper.read_weights()
    biases, losses = np.zeros(CLASSES), []
    for batch in plan_batches(0, 5, 40, 16, seed=0):
        inputs, labels = features["train"].features[batch], features["train"].labels[batch]
        logits = inputs @ weights + biases
        scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        losses.append(-np.log(scores[np.arange(16), labels]).mean())
        error = (scores - np.eye(CLASSES)[labels]) / 16
        weights, biases = weights - 0.5 * (inputs.T @ error + 0.1 * weights), biases - 0.5 * error.sum(0)
    np.testing.assert_allclose(trained["head/linear/weights"], weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(trained["head/linear/biases"], biases, rtol=1e-4, atol=1e-6)
    assert result.steps == 5
    assert result.loss == pytest.approx(np.mean(losses), rel=1e-5)


def test_many_steps_are_one_run_of_one_loop(features):
    config = make_config()
    with HeadStepper(features, config, Data().class_counts("train"), get_head(config.head, CLASSES)) as stepper:
        kinds = [op.type for op in stepper.graph.get_operations()]
    assert sum(kind in ("While", "StatelessWhile") for kind in kinds) == 1


def test_parted_clusters_are_learnt(features, tmp_path):
    assert train(features, tmp_path).validation["validation/accuracy"] > 0.9


def test_same_seed_gives_the_same_bits(features, tmp_path):
    first, second = (train(features, tmp_path / name) for name in "ab")
    for name, value in first.weights.items():
        np.testing.assert_array_equal(value, second.weights[name])
    assert first.validation == second.validation


def test_resumed_training_is_bit_identical_to_an_unbroken_one(features, tmp_path):
    train(features, tmp_path / "whole")
    short = replace(make_config().trainer, steps=30)
    train(features, tmp_path / "resumed", trainer=short)
    train(features, tmp_path / "resumed")
    whole, resumed = (checkpoints.read_newest_state(tmp_path / name) for name in ("whole", "resumed"))
    assert whole.keys() == resumed.keys()
    assert any("Adam" in name for name in whole)
    for name, value in whole.items():
        np.testing.assert_array_equal(value, resumed[name], name)


def test_explosion_stops_the_loop_at_its_step(features, tmp_path):
    found = features["train"]
    huge = {"train": FeatureSet(found.features * np.float32(1e30), found.labels, found.keys)}
    with pytest.raises(RunError, match=r"(?s)at step 2 .*Lower optimizer\.learning_rate"):
        train(features | huge, tmp_path, optimizer=SgdConfig("sgd", 1e6))


def test_weights_that_explode_in_the_last_step_of_all_are_no_result(features, tmp_path):
    # The step's own loss is still finite.
    found = features["train"]
    huge = {"train": FeatureSet(found.features * np.float32(1e36), found.labels, found.keys)}
    with pytest.raises(RunError, match=r"validation loss is nan at step 1 \(learning rate 1e\+06\); no checkpoint"):
        train(
            features | huge,
            tmp_path,
            optimizer=SgdConfig("sgd", 1e6),
            trainer=TrainerConfig(steps=1, batch_size=16, eval_every_steps=1),
        )
    assert checkpoints.saved_steps(tmp_path) == []


def test_class_weights_change_the_head(features, tmp_path):
    plain = train(features, tmp_path / "a").weights["head/linear/biases"]
    balanced = train(features, tmp_path / "b", head=HeadConfig(class_weights="balanced"))
    assert not np.array_equal(plain, balanced.weights["head/linear/biases"])


def test_empty_validation_split(features, tmp_path):
    none = FeatureSet(np.zeros((0, 4), np.float32), np.zeros(0, np.int32), ())
    assert train(features | {"validation": none}, tmp_path).validation == {}


@pytest.fixture(scope="module")
def run(toy_records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("frozen")
    config = make_config(
        backbone=BackboneConfig(width=0.25, image_size=128, checkpoint=None, features_dir=str(folder / "features")),
    )
    return train_frozen(config, toy_records, folder / "run")


def test_run_can_be_loaded_and_stands_alone(run):
    loaded = load_run(run.folder)
    assert loaded == run
    assert loaded.labels == ("blue", "green", "red")
    assert loaded.read_head().variables["head/linear/weights"].shape == (256, 3)
    assert "MobilenetV1/Conv2d_0/weights" in checkpoints.read_checkpoint(loaded.backbone_checkpoint)


def test_training_in_another_process_on_cached_features_never_builds_the_backbone(
    run, toy_records, tmp_path, monkeypatch
):
    config = make_config(
        backbone=BackboneConfig(
            width=0.25,
            image_size=128,
            checkpoint=str(run.backbone_checkpoint),
            features_dir=str(tmp_path / "features"),
        ),
    )
    first = train_frozen(config, toy_records, tmp_path / "first")
    memory.forget()  # as another process would begin
    monkeypatch.setattr(Network, "build", lambda self, seed=0: pytest.fail("it was built"))
    second = train_frozen(config, toy_records, tmp_path / "second")
    memory.forget()
    assert second.backbone_digest == first.backbone_digest == run.backbone_digest
    assert second.validation == first.validation
    one, other = (checkpoints.read_checkpoint(each.backbone_checkpoint) for each in (run, second))
    assert digest_weights(one) == digest_weights(other)


@pytest.mark.filterwarnings("ignore")
def test_summaries_hold_curves_graph_and_histogram(run):
    found = {}
    for split in ("train", "validation"):
        for path in (run.summaries_dir / split).glob("events*"):
            for event in tf1.train.summary_iterator(str(path)):
                found.setdefault(split, set()).update(value.tag for value in event.summary.value)
                if event.graph_def:
                    found["graph"] = True
    assert found["graph"]
    assert found["train"] >= {
        *("accuracy", "loss", "learning_rate"),
        *("head/linear/weights", "head/linear/biases"),
        *("gradients/head/linear/weights", "gradients/head/linear/biases"),
    }
    assert found["validation"] >= {"accuracy", "loss", "learning_rate"}


def test_folder_of_another_training_is_refused_untouched(run, toy_records):
    before = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    config = make_config(
        backbone=BackboneConfig(
            width=0.25, image_size=128, checkpoint=None, features_dir=str(run.folder.parent / "features")
        ),
        seed=5,
    )
    with pytest.raises(RunError, match="holds a training of other data, weights or options"):
        train_frozen(config, toy_records, run.folder)
    assert {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()} == before


def test_augmentation_without_views_is_refused_with_both_ways_out(toy_records, tmp_path):
    config = make_config(augment=AugmentConfig(flip_left_right=True))
    with pytest.raises(ConfigError, match=r"(?s)augment\.views=0.*augment\.views=4.*trainer=finetune"):
        train_frozen(config, toy_records, tmp_path)


def test_views_without_augmentation_are_refused(toy_records, tmp_path):
    config = make_config(augment=AugmentConfig(views=3))
    with pytest.raises(ConfigError, match=r"(?s)augment\.views=3 would be the same picture 3 times.*augment\.views=0"):
        train_frozen(config, toy_records, tmp_path)


def test_views_are_trained_on_with_the_labels_of_their_samples(features):
    found = features["train"]
    # In the first view all features are naught, so whatever is learnt comes from the second and its labels.
    both = np.concatenate([np.zeros_like(found.features), found.features])
    viewed = features | {"train": FeatureSet(both, found.labels, found.keys, views=2)}
    config = make_config()
    with HeadStepper(viewed, config, Data().class_counts("train"), get_head(config.head, CLASSES)) as stepper:
        stepper.advance(0, 100, Pause())
        assert stepper.evaluate().values["accuracy"] > 0.9


def test_uniform_sampling_learns_the_rare_class_as_well(features):
    found = features["train"]
    # Without features only the frequencies can be learnt.
    rare = np.where(np.arange(40) < 4, 0, 1).astype(np.int32)
    blind = features | {"train": FeatureSet(np.zeros_like(found.features), rare, found.keys)}

    def learn(sampling):
        config = make_config(trainer=replace(make_config().trainer, sampling=sampling, batch_size=40))
        with HeadStepper(blind, config, Data().class_counts("train"), get_head(config.head, CLASSES)) as stepper:
            stepper.advance(0, 300, Pause())
            biases = stepper.read_weights()["head/linear/biases"]
        return biases[1] - biases[0]

    assert learn("natural") == pytest.approx(np.log(9), abs=0.2)
    assert learn("uniform") == pytest.approx(0, abs=0.05)


@pytest.fixture
def augmented(toy_records, tmp_path):
    return make_config(
        augment=AugmentConfig(flip_left_right=True, min_area=0.5, views=2),
        backbone=BackboneConfig(width=0.25, image_size=128, checkpoint=None, features_dir=str(tmp_path / "features")),
        trainer=TrainerConfig(steps=4, batch_size=8, eval_every_steps=2, checkpoint_every_steps=2),
    )


def test_training_on_views_resumes_to_the_same_bits(augmented, toy_records, tmp_path):
    whole = train_frozen(augmented, toy_records, tmp_path / "whole")
    train_frozen(replace(augmented, trainer=replace(augmented.trainer, steps=2)), toy_records, tmp_path / "resumed")
    resumed = train_frozen(augmented, toy_records, tmp_path / "resumed")
    for name, value in whole.read_head().variables.items():
        np.testing.assert_array_equal(value, resumed.read_head().variables[name])


def test_features_that_are_not_finite_are_not_blamed_on_the_learning_rate(toy_records, tmp_path, monkeypatch):
    from graphcore.training import frozen

    def spoil(records, split, *others):
        extraction = get_features(records, split, *others)
        values = extraction.found.features.copy()
        values[0, 0] = np.nan
        return replace(extraction, found=replace(extraction.found, features=values))

    monkeypatch.setattr(frozen, "get_features", spoil)
    config = make_config(backbone=BackboneConfig(features_dir=str(tmp_path / "features")))
    with pytest.raises(CheckpointError, match=r"The features of 1 of \d+ pictures of train are not finite"):
        train_frozen(config, toy_records, tmp_path / "run")
