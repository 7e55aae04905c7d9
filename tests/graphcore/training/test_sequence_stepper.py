import dataclasses
import importlib

import numpy as np
import pytest

from graphcore.config import AdamConfig, Config, CosineConfig, ImageFolderConfig, ScheduleConfig, TrainerConfig
from graphcore.config.network import GruHeadConfig, MsTcnHeadConfig, TecnoHeadConfig
from graphcore.features.store import FeatureSet
from graphcore.heads.judge import judge
from graphcore.heads.trained import TrainedHead
from graphcore.training import loop
from graphcore.training.actions import Pause
from graphcore.training.sequence_stepper import SequenceStepper
from graphcore.training.stepper import Stepper

CLASSES = 3
COUNTS = np.array([30, 30, 30])
GRU = GruHeadConfig("gru", units=8, dropout=0.2)
MS_TCN = MsTcnHeadConfig("ms_tcn", stages=2, layers=3, maps=8, dropout=0.2)
HEADS = [GRU, MS_TCN, TecnoHeadConfig("tecno", stages=2, layers=3, maps=8, dropout=0.2)]
ALL = pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)


def draw(lengths, seed, views=1):
    """Videos of three phases, whose frames lie about in no order: (features, rows of each video in time)."""
    random = np.random.default_rng(seed)
    rows = np.split(random.permutation(sum(lengths)), np.cumsum(lengths)[:-1])
    labels = np.empty(sum(lengths), np.int32)
    for each in rows:
        labels[each] = np.arange(len(each)) * CLASSES // len(each)
    values = [np.eye(CLASSES, 4)[labels] + random.normal(scale=0.6, size=(len(labels), 4)) for _ in range(views)]
    keys = tuple(f"{row}" for row in range(len(labels)))
    return FeatureSet(np.concatenate(values).astype(np.float32), labels, keys, views), rows


def make_data(views=1):
    (train, train_rows), (validation, validation_rows) = draw([15, 12, 18, 9], 0, views), draw([14, 1, 11], 1)
    return {"train": train, "validation": validation}, {"train": train_rows, "validation": validation_rows}


def make_config(head, steps=40, **trainer):
    return Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        head=head,
        optimizer=AdamConfig("adam", 0.01),
        schedule=CosineConfig("cosine"),
        trainer=TrainerConfig(**({"steps": steps, "batch_size": 36, "eval_every_steps": 10} | trainer)),
    )


def make_stepper(head, data=None, **options):
    features, videos = data or make_data()
    made = importlib.import_module(f"graphcore.heads.{head.name}").make_head(head, CLASSES, 0)
    return SequenceStepper(features, make_config(head, **options), COUNTS, made, videos)


def require_same(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], name)


@ALL
def test_a_resumed_training_is_an_unbroken_one_byte_for_byte(head):
    with make_stepper(head) as stepper:
        stepper.advance(0, 20, Pause())
        middle = stepper.read_variables()
        stepper.advance(20, 20, Pause())
        whole = stepper.read_variables()
    with make_stepper(head) as stepper:
        stepper.write_variables(middle)
        stepper.advance(20, 13, Pause())
        stepper.advance(33, 7, Pause())
        require_same(whole, stepper.read_variables())


@ALL
def test_it_learns_and_the_weights_say_so_elsewhere(head):
    features, videos = make_data()
    with make_stepper(head, (features, videos), steps=150) as stepper:
        first = stepper.evaluate()
        chunk = stepper.advance(0, 150, Pause())
        found = stepper.evaluate()
        weights = stepper.read_weights()
    assert chunk.steps == 150
    assert chunk.accuracy > 0.7
    assert found.values["accuracy"] > max(0.75, first.values["accuracy"])
    trained = TrainedHead(importlib.import_module(f"graphcore.heads.{head.name}").make_head(head, CLASSES, 0), weights)
    for rows in videos["validation"]:
        scores = trained.freeze(4).run({"features": features["validation"].features[rows]})[0]
        np.testing.assert_allclose(scores, found.scores[rows], rtol=1e-4, atol=1e-5)


def test_the_evaluation_is_in_the_order_of_the_features():
    features, videos = make_data()
    with make_stepper(MS_TCN, (features, videos)) as stepper:
        stepper.advance(0, 30, Pause())
        found = stepper.evaluate()
    assert found.keys == features["validation"].keys
    np.testing.assert_array_equal(found.labels, features["validation"].labels)
    np.testing.assert_allclose(found.scores.sum(1), 1, rtol=1e-5)
    assert found.values == judge(found.labels, found.scores)
    # Rows lie about in no order: scores that were put anywhere else would be right by chance alone.
    assert found.values["accuracy"] > 0.6


def test_without_validation_frames_nothing_is_judged():
    features, videos = make_data()
    empty = FeatureSet(np.zeros((0, 4), np.float32), np.zeros(0, np.int32), ())
    with make_stepper(GRU, (features | {"validation": empty}, videos | {"validation": []})) as stepper:
        assert stepper.advance(0, 2, Pause()).steps == 2
        assert stepper.evaluate() is None


def test_every_step_of_a_chunk_is_told():
    told = []
    with make_stepper(GRU) as stepper:
        stepper.advance(0, 3, Pause(on_steps=told.append))
    assert told == [1, 1, 1]


def test_a_pause_is_heard_between_two_steps():
    pause = Pause()
    pause.stop.ask()
    with make_stepper(GRU) as stepper:
        assert stepper.advance(0, 10, pause).steps == 1


def test_the_loss_and_the_accuracy_are_means_over_steps_and_frames():
    with make_stepper(GRU) as stepper:
        first = stepper.advance(0, 1, Pause())
    # Weights of the last layer begin near 0: every class is as likely, and scores do not change in time.
    assert first.loss == pytest.approx(np.log(3), rel=0.01)
    assert first.learning_rate == pytest.approx(0.01)
    assert first.accuracy_name == "accuracy"
    with make_stepper(GRU) as stepper:
        apart = [stepper.advance(step, 1, Pause()).loss for step in range(4)]
    with make_stepper(GRU) as stepper:
        assert stepper.advance(0, 4, Pause()).loss == pytest.approx(np.mean(apart), rel=1e-5)


def test_a_loss_that_is_not_finite_ends_the_chunk():
    features, videos = make_data()
    broken = dataclasses.replace(features["train"], features=np.full_like(features["train"].features, np.nan))
    with make_stepper(GRU, (features | {"train": broken}, videos)) as stepper:
        chunk = stepper.advance(0, 5, Pause())
    assert chunk.steps == 1
    assert np.isnan(chunk.loss)


def test_long_videos_are_trained_on_in_stretches():
    head = dataclasses.replace(MS_TCN, window=6)
    with make_stepper(head, batch_size=12) as stepper:
        assert np.isfinite(stepper.advance(0, 10, Pause()).loss)
        assert len(stepper.evaluate().scores) == 26


def test_all_views_are_learnt_from():
    features, videos = make_data(views=2)
    rows = len(features["train"])
    seen = []
    for view in range(2):
        values = features["train"].features.copy()
        values[view * rows : (view + 1) * rows] = 0
        changed = dataclasses.replace(features["train"], features=values)
        with make_stepper(GRU, (features | {"train": changed}, videos)) as stepper:
            seen.append(stepper.advance(0, 8, Pause()).loss)
    with make_stepper(GRU, (features, videos)) as stepper:
        plain = stepper.advance(0, 8, Pause()).loss
    assert len({plain, *seen}) == 3


def test_a_look_at_histograms_changes_nothing():
    with make_stepper(MS_TCN) as stepper:
        before = stepper.read_variables()
        first, second = stepper.read_histograms(), stepper.read_histograms()
        require_same(before, stepper.read_variables())
    require_same(first, second)
    weights = {name for name in first if not name.startswith("gradients/")}
    assert weights == {name for name in before if name in first}
    assert {f"gradients/{name}" for name in weights} == first.keys() - weights
    assert "head/ms_tcn/stage_2/layer_3/dilated/weights" in weights


def test_weight_decay_pulls_weights():
    sums = []
    for decay in (0.0, 10.0):
        head = dataclasses.replace(GRU, weight_decay=decay)
        with make_stepper(head) as stepper:
            stepper.advance(0, 30, Pause())
            sums.append(np.abs(stepper.read_weights()["head/gru/layer_1/forwards/weights"]).sum())
    assert sums[1] < 0.7 * sums[0]


def test_weights_are_what_a_run_keeps_and_variables_what_resuming_needs():
    with make_stepper(GRU) as stepper:
        weights, variables = stepper.read_weights(), stepper.read_variables()
    assert all(name.startswith("head/gru/") for name in weights)
    assert weights.keys() < variables.keys()
    assert not [name for name in variables if name.startswith("data/")]


def test_the_loop_trains_it(tmp_path):
    config = make_config(MS_TCN)
    config.schedule = ScheduleConfig("fixed")
    with make_stepper(MS_TCN) as stepper:
        checked: Stepper = stepper
        result = loop.train(checked, config.trainer, tmp_path, "fingerprint", None)
    assert result.progress.step == 40
    assert result.validation["validation/accuracy"] > 0.6
