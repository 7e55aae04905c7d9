"""On a network of two convolutions, so that a session costs a second."""

from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    AugmentConfig,
    BackboneConfig,
    Config,
    FinetuneConfig,
    HeadConfig,
    ImageFolderConfig,
    MlpHeadConfig,
    MomentumConfig,
    MultiLabelHeadConfig,
    ScheduleConfig,
    TrainerConfig,
)
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.layers import slim
from graphcore.layers.conv_norm import conv_norm_arg_scope
from graphcore.nets.backbone import Backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.training import network_stepper
from graphcore.training.actions import Pause, StopRequest
from graphcore.training.dataset import read_training_data
from graphcore.training.network_stepper import NetworkStepper, as_finetune, choose_shown
from graphcore.training.precision import find_precision
from graphcore.training.trainable import plan_training

HEAD = "head/linear/weights"
EMA = "/ExponentialMovingAverage"
CONFIG = Config(
    dataset=ImageFolderConfig(kind="image_folder"),
    backbone=BackboneConfig(batch_size=5),
    head=HeadConfig(weight_decay=1e-3),
    augment=AugmentConfig(flip_left_right=True),
    optimizer=AdamConfig("adam", 0.01),
    schedule=ScheduleConfig("fixed"),
    trainer=FinetuneConfig(name="finetune", steps=8, batch_size=4, weight_decay=1e-3, batch_norm="train"),
)


def build_toy(images, is_training=False, reuse=None, **options):
    with (
        tf1.variable_scope("Net", reuse=reuse),
        slim.arg_scope(conv_norm_arg_scope(is_training, **options)),
    ):
        net = slim.conv2d(images, 4, 3, stride=2, scope="low")
        net = slim.conv2d(net, 6, 3, stride=2, scope="high")
        return tf.reduce_mean(net, [1, 2]), {}


BACKBONE = Backbone("toy", 1.0, build_toy, InputSpec(16), 6, "Net", "high")


def configure(head=None, optimizer=None, augment=None, **trainer):
    config = replace(CONFIG, trainer=replace(CONFIG.trainer, **trainer))
    parts = {"head": head, "optimizer": optimizer, "augment": augment}
    return replace(config, **{name: part for name, part in parts.items() if part is not None})


@pytest.fixture
def make_stepper(toy_records):
    made = []

    def make(config=CONFIG, first_step=0, begin=True):
        data = read_training_data(toy_records)
        head = get_head(config.head, 3, config.seed)
        plan = plan_training("Net", config.trainer)
        made.append(NetworkStepper(config, data, BACKBONE, head, first_step, plan))
        if begin:
            made[-1].initialise(None)
        return made[-1]

    yield make
    for stepper in made:
        stepper.__exit__()


def differing(before, after):
    return {name for name in before if not np.array_equal(before[name], after[name])}


LOW = {f"Net/low/{name}" for name in ("weights", *(f"BatchNorm/{part}" for part in ("gamma", "beta")))}
LOW_STATISTICS = {f"Net/low/BatchNorm/{name}" for name in ("moving_mean", "moving_variance")}
HIGH = {name.replace("low", "high") for name in LOW}
HIGH_STATISTICS = {name.replace("low", "high") for name in LOW_STATISTICS}
ABOVE = {HEAD, "head/linear/biases"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, LOW | LOW_STATISTICS | HIGH | HIGH_STATISTICS | ABOVE),
        ({"trainable_scopes": ["Net/high"]}, HIGH | HIGH_STATISTICS | ABOVE),
        ({"learning_rate_multipliers": {"Net/low": 0.0, "Net": 0.1}}, HIGH | HIGH_STATISTICS | ABOVE),
        ({"batch_norm": "frozen"}, LOW | HIGH | ABOVE),
        ({"batch_norm": "frozen", "trainable_scopes": ["Net/low/weights"]}, {"Net/low/weights"} | ABOVE),
        ({"learning_rate_multipliers": {"head": 0}}, LOW | LOW_STATISTICS | HIGH | HIGH_STATISTICS),
    ],
)
def test_not_a_byte_changes_of_what_is_frozen_and_all_else_does(make_stepper, options, expected):
    stepper = make_stepper(configure(**options))
    before = stepper.read_weights()
    stepper.advance(0, 3, Pause())
    assert differing(before, stepper.read_weights()) == expected


def test_what_is_frozen_has_no_slots(make_stepper):
    names = make_stepper(configure(trainable_scopes=["Net/high"])).read_variables()
    assert "Net/high/weights/Adam" in names
    assert not [name for name in names if name.startswith("Net/low") and "Adam" in name]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"accumulate_steps": 2, "ema_decay": 0.9, "learning_rate_multipliers": {"Net": 0.1}, "sampling": "uniform"},
        {"head": MlpHeadConfig("mlp", widths=[5], dropout=0.5), "optimizer": MomentumConfig("momentum", clip_norm=0.1)},
    ],
)
def test_a_resumed_training_is_the_unbroken_one_bit_for_bit(make_stepper, options):
    config = configure(**options)
    whole = make_stepper(config)
    whole.advance(0, 3, Pause())
    half = whole.read_variables()
    # 24 samples: the second part goes into another epoch.
    whole.advance(3, 5, Pause())
    resumed = make_stepper(config, first_step=3, begin=False)
    resumed.write_variables(half)
    resumed.advance(3, 5, Pause())
    expected, found = whole.read_variables(), resumed.read_variables()
    assert differing(half, found) > ABOVE - {"head/linear/biases", HEAD}
    assert differing(expected, found) == set()


def test_how_many_steps_are_taken_in_one_go_changes_no_bit(make_stepper):
    # The last step of each go fetches its gradients too.
    config = configure(ema_decay=0.9, optimizer=MomentumConfig("momentum", clip_norm=0.1))
    at_once, one_by_one = make_stepper(config), make_stepper(config)
    at_once.advance(0, 6, Pause())
    for step in range(6):
        one_by_one.advance(step, 1, Pause())
    assert differing(at_once.read_variables(), one_by_one.read_variables()) == set()


def test_gathered_batches_make_the_step_of_one_large_batch(make_stepper):
    plain = AugmentConfig()
    large = make_stepper(configure(augment=plain, batch_norm="frozen", batch_size=12))
    small = make_stepper(configure(augment=plain, batch_norm="frozen", batch_size=4, accumulate_steps=3))
    small.write_variables(large.read_variables())
    results = [stepper.advance(0, 4, Pause()) for stepper in (large, small)]
    assert results[0].loss == pytest.approx(results[1].loss, rel=1e-5)
    assert results[0].accuracy == pytest.approx(results[1].accuracy)
    before, after = large.read_weights(), small.read_weights()
    for name, value in before.items():
        np.testing.assert_allclose(after[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


def test_weight_decay_pulls_at_filters_of_the_backbone_and_weights_of_the_head(make_stepper):
    config = configure(
        HeadConfig(weight_decay=0.5),
        MomentumConfig("momentum", 1.0, momentum=0.0),
        trainable_scopes=["Net/high"],
        weight_decay=0.25,
    )
    gradients = []
    for decays in (True, False):
        free = replace(config, head=HeadConfig(weight_decay=0.0), trainer=replace(config.trainer, weight_decay=0.0))
        stepper = make_stepper(config if decays else free)
        before = stepper.read_weights()
        stepper.advance(0, 1, Pause())
        after = stepper.read_weights()
        gradients.append({name: before[name] - after[name] for name in (HEAD, "Net/high/weights")})
    with_decay, without = gradients
    np.testing.assert_allclose(with_decay[HEAD] - without[HEAD], 0.5 * before[HEAD], atol=1e-5)
    pull = with_decay["Net/high/weights"] - without["Net/high/weights"]
    np.testing.assert_allclose(pull, 0.25 * before["Net/high/weights"], atol=1e-5)


def test_averages_are_kept_evaluated_and_resumed_beside_the_weights(make_stepper):
    stepper = make_stepper(configure(ema_decay=0.5, trainable_scopes=["Net/high"]))
    start = stepper.read_variables()
    np.testing.assert_array_equal(start[f"Net/high/weights{EMA}"], start["Net/high/weights"])
    stepper.advance(0, 4, Pause())
    state, kept = stepper.read_variables(), stepper.read_weights()
    averaged = {name.removesuffix(EMA) for name in state if name.endswith(EMA)}
    assert averaged == HIGH | HIGH_STATISTICS | ABOVE
    for name in averaged:
        np.testing.assert_array_equal(kept[name], state[name + EMA])
    assert differing({name: state[name] for name in averaged}, kept) == averaged
    scores = stepper.evaluate().scores
    assert differing(state, stepper.read_variables()) == set()
    plain = make_stepper(configure(trainable_scopes=["Net/high"]))
    plain.write_variables({**plain.read_variables(), **kept})
    np.testing.assert_array_equal(plain.evaluate().scores, scores)


def test_pictures_of_another_size_train_the_same_weights(make_stepper):
    stepper = make_stepper(configure(train_image_size=24))
    shapes = {op.outputs[0].shape[1] for op in stepper.graph.get_operations() if op.type == "FusedBatchNormV3"}
    # Halved by the first layer: 24 in training, 16 in evaluation; and again by the second.
    assert shapes == {12, 6, 8, 4}
    assert stepper.advance(0, 1, Pause()).steps == 1
    assert stepper.evaluate().scores.shape == (9, 3)


def test_a_request_to_pause_is_heard_after_a_step(make_stepper):
    stop = StopRequest()
    stop.ask()
    assert make_stepper().advance(0, 5, Pause(stop)).steps == 1


def test_every_step_of_a_chunk_is_told(make_stepper):
    told = []
    make_stepper().advance(0, 2, Pause(on_steps=told.append))
    assert told == [1, 1]


def test_a_loss_that_is_not_finite_ends_the_chunk_at_its_step(make_stepper):
    # Each step multiplies the head's weights by -1e9.
    stepper = make_stepper(configure(HeadConfig(weight_decay=1e3), MomentumConfig("momentum", 1e6, momentum=0.0)))
    found = stepper.advance(0, 8, Pause())
    assert found.steps < 8
    assert not np.isfinite(found.loss)
    assert found.learning_rate == pytest.approx(1e6)


def test_histograms_have_weights_and_the_gradients_of_the_newest_step(make_stepper):
    stepper = make_stepper(configure(optimizer=MomentumConfig("momentum", 0.1, momentum=0.0)))
    assert set(stepper.read_histograms()) == {"Net/low/weights", "Net/high/weights", *ABOVE}
    stepper.advance(0, 2, Pause())
    before = stepper.read_histograms()
    stepper.advance(2, 1, Pause())
    found = stepper.read_histograms()
    assert (
        set(found)
        == set(before)
        == {f"{part}{name}" for part in ("", "gradients/") for name in before if "gr" not in name}
    )
    np.testing.assert_allclose(before[HEAD] - 0.1 * found[f"gradients/{HEAD}"], found[HEAD], atol=1e-6)


def test_shown_are_the_head_and_filters_from_all_depths():
    names = [f"Net/{number}/{kind}" for number in range(100) for kind in ("weights", "BatchNorm/beta")]
    shown = choose_shown([*names, "head/linear/weights", "head/linear/biases"], "head/linear")
    assert len(shown) == 18
    assert shown[0] == "Net/0/weights"
    assert shown[15:] == ["Net/99/weights", "head/linear/weights", "head/linear/biases"]


def test_nothing_of_the_backbone_is_shown_where_none_of_it_is_trained():
    assert choose_shown(["head/linear/weights"], "head/linear") == ["head/linear/weights"]


def test_plain_options_take_the_defaults_of_a_fine_tuning():
    assert as_finetune(TrainerConfig(name="finetune", steps=3)) == FinetuneConfig(name="finetune", steps=3)


def test_a_head_of_several_labels_learns_and_is_judged_by_precision(make_stepper):
    stepper = make_stepper(configure(MultiLabelHeadConfig("multi_label")))
    assert 0 < stepper.advance(0, 2, Pause()).accuracy <= 1
    found = stepper.evaluate()
    assert set(found.values) == {"mean_average_precision", "loss"}
    assert found.labels.shape == found.scores.shape == (9, 3)
    assert found.labels.dtype == np.uint8


def test_half_precision_trains_the_same_float32_weights(make_stepper):
    try:
        find_precision("mixed")
    except ConfigError as error:
        pytest.skip(str(error))
    plain, mixed = make_stepper(), make_stepper(configure(precision="mixed"))
    mixed.write_variables({**mixed.read_variables(), **plain.read_variables()})
    losses = [stepper.advance(0, 3, Pause()).loss for stepper in (plain, mixed)]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    assert {value.dtype.name for value in mixed.read_weights().values()} == {"float32"}


def test_a_step_in_float16_scales_its_loss(make_stepper, monkeypatch):
    # No GPU is needed to see that the step is the same one; only the rewriter is left out.
    monkeypatch.setattr(network_stepper, "find_precision", lambda asked: "float16")
    scaled = make_stepper()
    monkeypatch.undo()
    plain = make_stepper()
    plain.write_variables(scaled.read_variables())
    assert scaled.read_variables()["loss_scale/factor"] == 2.0**15
    for stepper in (plain, scaled):
        stepper.advance(0, 3, Pause())
    found = scaled.read_variables()
    assert found["loss_scale/good_steps"] == 3
    for name, value in plain.read_weights().items():
        np.testing.assert_allclose(found[name], value, rtol=1e-3, atol=1e-4, err_msg=name)
