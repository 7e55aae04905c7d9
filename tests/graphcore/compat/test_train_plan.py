"""slim's training flags: every one becomes an option, is refused by name, or is told to differ."""

from __future__ import annotations

import pytest

from graphcore.compat.job import compose
from graphcore.compat.parse import parse_flags
from graphcore.compat.train_flags import TRAIN
from graphcore.compat.train_plan import is_last_layer, plan_training
from graphcore.errors import ConfigError, DatasetError

# Every flag of SPEC section 2, with a value that is not its default, and what becomes of it; before a bar, the flags
# that it needs.
FLAGS = [
    ("master", "grpc://x", "refused"),
    ("train_dir", "runs/x", "hydra.run.dir=runs/x"),
    ("warmup_epochs", "2", "schedule.warmup_steps=2"),  # 24 pictures by 32, twice: 1.5 steps
    ("num_clones", "2", "refused"),
    ("clone_on_cpu", "true", "environment"),
    ("worker_replicas", "2", "refused"),
    ("num_ps_tasks", "1", "refused"),
    ("num_readers", "8", "told"),
    ("num_preprocessing_threads", "8", "trainer.threads=8"),
    ("log_every_n_steps", "50", "told"),
    ("save_summaries_secs", "60", "told"),
    ("save_interval_secs", "60", "trainer.checkpoint_every_secs=60.0"),
    ("task", "1", "refused"),
    ("weight_decay", "0.001", "trainer.weight_decay=0.001"),
    ("optimizer", "adam", "optimizer=adam"),
    ("adadelta_rho", "0.9", "optimizer=adadelta|optimizer.rho=0.9"),
    ("adagrad_initial_accumulator_value", "0.2", "optimizer=adagrad|optimizer.initial_accumulator_value=0.2"),
    ("adam_beta1", "0.8", "optimizer=adam|optimizer.beta1=0.8"),
    ("adam_beta2", "0.99", "optimizer=adam|optimizer.beta2=0.99"),
    ("opt_epsilon", "0.1", "optimizer.epsilon=0.1"),
    ("ftrl_learning_rate_power", "-0.6", "optimizer=ftrl|optimizer.learning_rate_power=-0.6"),
    ("ftrl_initial_accumulator_value", "0.2", "optimizer=ftrl|optimizer.initial_accumulator_value=0.2"),
    ("ftrl_l1", "0.1", "optimizer=ftrl|optimizer.l1=0.1"),
    ("ftrl_l2", "0.1", "optimizer=ftrl|optimizer.l2=0.1"),
    ("momentum", "0.8", "optimizer=momentum|optimizer.momentum=0.8"),
    ("rmsprop_momentum", "0.8", "optimizer.momentum=0.8"),
    ("rmsprop_decay", "0.8", "optimizer.decay=0.8"),
    ("quantize_delay", "0", "refused"),
    ("learning_rate_decay_type", "fixed", "schedule=fixed"),
    ("learning_rate", "0.1", "optimizer.learning_rate=0.1"),
    ("end_learning_rate", "0.001", "learning_rate_decay_type=polynomial|schedule.end_factor=0.1"),
    ("label_smoothing", "0.1", "head.label_smoothing=0.1"),
    ("learning_rate_decay_factor", "0.5", "schedule.decay_rate=0.5"),
    ("num_epochs_per_decay", "3", "schedule.decay_epochs=3.0"),
    ("sync_replicas", "true", "refused"),
    ("replicas_to_aggregate", "2", "refused"),
    ("moving_average_decay", "0.999", "trainer.ema_decay=0.999"),
    ("dataset_name", "roses", "dataset.name=roses-records"),
    ("dataset_split_name", "training", "told"),
    ("dataset_dir", "", "refused"),
    ("labels_offset", "1", "dataset.labels_offset=1"),
    ("model_name", "mobilenet_v1_050", "backbone.width=0.5"),
    ("preprocessing_name", "vgg", "augment.color=0.0"),
    ("batch_size", "64", "trainer.batch_size=64"),
    ("train_image_size", "160", "backbone.image_size=160"),
    ("max_number_of_steps", "7", "trainer.steps=7"),
    ("use_grayscale", "true", "backbone.grayscale=true"),
    ("checkpoint_path", "w.ckpt", "backbone.checkpoint=w.ckpt"),
    ("checkpoint_exclude_scopes", "InceptionV3/Logits,InceptionV3/Mixed_7c", "exclude_scopes=[InceptionV3/Mixed_7c]"),
    ("trainable_scopes", "InceptionV3/Logits,InceptionV3/Mixed_7c", "trainable_scopes=[InceptionV3/Mixed_7c]"),
    ("ignore_missing_vars", "true", "backbone.ignore_missing=true"),
]


@pytest.fixture
def plan(slim_records):
    """Returns a function that plans a training on small records."""

    def make(*arguments):
        required = [f"--dataset_dir={slim_records}", "--max_number_of_steps=100"]
        return plan_training(parse_flags([*required, *arguments], TRAIN))

    return make


def test_the_table_has_every_flag():
    assert {flag.name for flag in TRAIN.flags} == {name for name, _, _ in FLAGS}


@pytest.mark.parametrize(("name", "value", "becomes"), FLAGS)
def test_every_flag_acts_or_is_refused_or_told(plan, name, value, becomes):
    needed, _, becomes = becomes.rpartition("|")
    arguments = [f"--{needed}"] if needed else []
    if becomes == "refused":
        with pytest.raises(ConfigError, match=f"--{name}"):
            plan(*arguments, f"--{name}={value}")
        return
    found = plan(*arguments, f"--{name}={value}")
    if becomes == "told":
        assert f"--{name}" in {one.flag for one in found.differences}
    elif becomes == "environment":
        assert found.environment == {"CUDA_VISIBLE_DEVICES": "-1"}
    else:
        assert any(argument.endswith(becomes) for argument in found.arguments)
        compose(found.overrides)


def test_without_other_flags_it_is_what_slim_did_by_default(plan, slim_records):
    config = compose(plan().overrides)
    assert (config.dataset.kind, config.dataset.dir) == ("record_files", str(slim_records))
    assert (config.backbone.name, config.backbone.image_size, config.backbone.checkpoint) == ("inception_v3", 299, None)
    assert (config.trainer.name, config.trainer.batch_size) == ("finetune", 32)
    assert (config.trainer.trainable_scopes, config.trainer.weight_decay) == (None, 4e-5)
    assert (config.optimizer.name, config.optimizer.decay, config.optimizer.momentum) == ("rmsprop", 0.9, 0.9)
    assert (config.optimizer.epsilon, config.optimizer.learning_rate) == (1.0, 0.01)
    assert (config.schedule.name, config.schedule.decay_rate, config.schedule.decay_epochs) == ("exponential", 0.94, 2)
    assert config.schedule.staircase
    assert (config.trainer.ema_decay, config.head.label_smoothing) == (0, 0)


def test_the_last_layer_alone_is_trainer_frozen(plan):
    found = plan("--trainable_scopes=InceptionV3/Logits,InceptionV3/AuxLogits", "--moving_average_decay=0.9")
    config = compose(found.overrides)
    assert config.trainer.name == "frozen"
    assert config.augment.views == 8
    told = {one.flag: one.now for one in found.differences}
    assert "trainer=frozen" in told["--trainable_scopes"]
    assert "does nothing" in told["--moving_average_decay"]


def test_scopes_of_last_layers_are_known():
    assert all(map(is_last_layer, ["MobilenetV1/Logits", "InceptionV4/AuxLogits", "resnet_v1_50/logits", "vgg_16/fc8"]))
    assert not any(map(is_last_layer, ["MobilenetV1", "InceptionV3/Mixed_7c", "vgg_16/fc7"]))


def test_the_last_layer_that_nobody_named_is_told_to_be_trained(plan):
    told = [one.now for one in plan("--trainable_scopes=InceptionV3/Mixed_7c").differences]
    assert "the new last layer is trained in any case" in told


def test_flags_of_another_optimiser_or_decay_are_told_to_do_nothing(plan):
    found = plan("--adam_beta1=0.8", "--end_learning_rate=0.001", "--optimizer=sgd", "--opt_epsilon=0.1")
    told = {one.flag: one.now for one in found.differences}
    assert told["--adam_beta1"] == told["--opt_epsilon"] == "does nothing with optimizer=sgd"
    assert told["--end_learning_rate"] == "does nothing with schedule=exponential"


def test_what_no_flag_decided_is_told_too(plan):
    told = " ".join(f"{one.did} {one.now}" for one in plan().differences)
    for word in ("auxiliary last layer", "0.9997", "share pictures"):
        assert word in told


def test_ftrl_is_told_to_begin_at_the_checkpoint(plan):
    told = {one.flag: one.now for one in plan("--optimizer=ftrl").differences}
    assert "begin where the weights are" in told["--optimizer"]
    assert "--optimizer" not in {one.flag for one in plan().differences}


def test_a_training_without_an_end_is_refused(slim_records):
    with pytest.raises(ConfigError, match="--max_number_of_steps is not given"):
        plan_training(parse_flags([f"--dataset_dir={slim_records}"], TRAIN))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--dataset_split_name=validation"], "graphcore trains on train"),
        (["--model_name=nasnet_large"], "does not build"),
        (["--learning_rate_decay_type=polynomial", "--end_learning_rate=1"], "--end_learning_rate=1 is not between"),
        (["--optimizer=lamb"], "--optimizer=lamb is not known(.|\n)*rmsprop"),
        (["--quantize_delay=100"], r"contrib\.quantize"),
        (["--num_clones=4"], "one machine"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(plan, arguments, problem):
    with pytest.raises(ConfigError, match=problem):
        plan(*arguments)


def test_folders_without_records_are_refused(plan, tmp_path):
    with pytest.raises(DatasetError, match="holds no files of records"):
        plan(f"--dataset_dir={tmp_path}")
    with pytest.raises(DatasetError, match="is no folder"):
        plan(f"--dataset_dir={tmp_path / 'none'}")


def test_of_several_sets_the_name_chooses(plan, tmp_path):
    for name in ("flowers_train.tfrecord", "mnist_train.tfrecord"):
        (tmp_path / name).touch()
    found = plan(f"--dataset_dir={tmp_path}", "--dataset_name=mnist")
    assert "dataset.prefix=mnist" in found.overrides
    with pytest.raises(ConfigError, match=r"--dataset_name=cars(.|\n)*flowers, mnist"):
        plan(f"--dataset_dir={tmp_path}", "--dataset_name=cars")
