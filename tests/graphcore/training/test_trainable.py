import numpy as np
import pytest

from graphcore.config import FinetuneConfig
from graphcore.errors import ConfigError
from graphcore.training.trainable import TrainingPlan, is_folded, lies_under, plan_training, require_scopes

NAMES = (
    "Net/stem/weights",
    "Net/stem/BatchNorm/beta",
    "Net/block_1/weights",
    "Net/block_10/weights",
    "head/linear/weights",
)


def finetune(**options):
    return FinetuneConfig(name="finetune", **options)


@pytest.mark.parametrize(
    ("name", "scope", "expected"),
    [
        ("Net/a/weights", "Net", True),
        ("Net/a/weights", "Net/a/", True),
        ("Net/a/weights", "Net/a/weights", True),
        ("Net/ab/weights", "Net/a", False),
        ("Net/a", "Net/a/weights", False),
    ],
)
def test_scopes_end_at_slashes(name, scope, expected):
    assert lies_under(name, scope) is expected


def test_without_scopes_all_is_trained():
    plan = plan_training("Net", finetune())
    assert [plan.rate_factor(name) for name in NAMES] == [1.0] * 5


def test_with_scopes_only_they_and_the_head_are_trained():
    plan = plan_training("Net", finetune(trainable_scopes=["Net/block_1"]))
    assert [plan.rate_factor(name) for name in NAMES] == [0, 0, 1, 0, 1]


def test_the_longest_scope_decides_the_rate():
    plan = plan_training("Net", finetune(learning_rate_multipliers={"Net": 0.1, "Net/stem": 0, "head": 3}))
    assert [plan.rate_factor(name) for name in NAMES] == [0, 0, 0.1, 0.1, 3]


def test_the_backbone_can_be_named_without_knowing_its_scope():
    options = finetune(trainable_scopes=["backbone/stem"], learning_rate_multipliers={"backbone": 0.1, "head": 3})
    plan = plan_training("Net", options)
    assert [plan.rate_factor(name) for name in NAMES] == [0.1, 0.1, 0, 0, 3]
    require_scopes(options, NAMES, "Net", "the net")


def test_a_multiplier_does_not_thaw_what_is_out_of_scope():
    plan = plan_training("Net", finetune(trainable_scopes=["Net/stem"], learning_rate_multipliers={"Net": 0.1}))
    assert [plan.rate_factor(name) for name in NAMES] == [0.1, 0.1, 0, 0, 1]


@pytest.mark.parametrize(
    ("batch_norm", "folded", "frozen"),
    [("train", True, False), ("frozen", False, True), ("auto", False, False), ("auto", True, True)],
)
def test_batch_norm_of_what_is_trained_moves_unless_it_is_frozen_or_folded(batch_norm, folded, frozen):
    plan = plan_training("Net", finetune(batch_norm=batch_norm), folded)
    assert plan.is_frozen("Net/stem/BatchNorm") is frozen
    assert plan.is_frozen("head/mlp/BatchNorm") is False


@pytest.mark.parametrize("options", [{"trainable_scopes": ["Net/a"]}, {"learning_rate_multipliers": {"Net/b": 0}}])
def test_batch_norm_of_what_is_not_trained_never_moves(options):
    plan = plan_training("Net", finetune(batch_norm="train", **options))
    assert plan.is_frozen("Net/b/BatchNorm")
    assert not plan.is_frozen("Net/a/BatchNorm")


def test_batch_norm_does_not_move_where_only_its_offsets_are_trained():
    plan = TrainingPlan("Net", ("Net/stem/BatchNorm/beta",))
    assert plan.rate_factor("Net/stem/BatchNorm/beta") == 1
    assert plan.is_frozen("Net/stem/BatchNorm")


def test_scopes_that_fit_are_taken():
    require_scopes(
        finetune(trainable_scopes=["Net/stem/BatchNorm"], learning_rate_multipliers={"head": 2}),
        NAMES,
        "Net",
        "the net",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"trainable_scopes": ["Net/blok_1"]},
            r"(?s)trainable_scopes names 'Net/blok_1', and no .*the net.*Net/block_1",
        ),
        ({"trainable_scopes": ["Net", "stem"]}, r"(?s)names 'stem'.*Choices: Net/stem"),
        ({"trainable_scopes": ["backbone/stim"]}, r"(?s)names 'backbone/stim'.*Net/stem"),
        ({"learning_rate_multipliers": {"Head": 2}}, r"(?s)learning_rate_multipliers names 'Head'.*head"),
    ],
)
def test_a_scope_that_matches_nothing_is_refused_with_those_that_look_like_it(options, message):
    with pytest.raises(ConfigError, match=message):
        require_scopes(finetune(**options), NAMES, "Net", "the net")


def statistics(mean, variance):
    return {
        "Net/a/weights": np.ones(3, np.float32),
        "Net/a/BatchNorm/moving_mean": np.array([0, mean], np.float32),
        "Net/a/BatchNorm/moving_variance": np.array([0.999, variance], np.float32),
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (statistics(0, 0.999), True),
        (statistics(0.1, 0.999), False),
        (statistics(0, 0.9), False),
        ({"Net/a/weights": np.ones(3, np.float32)}, False),
    ],
)
def test_folded_batch_norm_is_known_by_what_is_left_of_it(values, expected):
    assert is_folded(values) is expected
