from dataclasses import replace

import pytest

from graphcore.config import (
    CosineHeadConfig,
    GruHeadConfig,
    HeadConfig,
    HmmHeadConfig,
    MedianHeadConfig,
    MlpHeadConfig,
    MsTcnHeadConfig,
    MultiLabelHeadConfig,
    TecnoHeadConfig,
)
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import HEADS, get_head, is_multi_label, is_temporal, require_fitting_head
from graphcore.heads.temporal import SmoothingHead

CONFIGS = [
    HeadConfig("linear"),
    MlpHeadConfig("mlp", widths=[6, 5]),
    CosineHeadConfig("cosine", learn_scale=True),
    MultiLabelHeadConfig("multi_label", widths=[6]),
    MultiLabelHeadConfig("multi_label"),
    MedianHeadConfig("median"),
    HmmHeadConfig("hmm"),
    GruHeadConfig("gru", units=6),
    MsTcnHeadConfig("ms_tcn", stages=2, layers=2, maps=6),
    TecnoHeadConfig("tecno", layers=2, maps=6),
]


def test_every_head_is_tried_here():
    assert {config.name for config in CONFIGS} == set(HEADS)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_head_gives_a_logit_a_class_and_keeps_to_its_scope(config):
    head = get_head(config, num_classes=4)
    with tf.Graph().as_default():
        logits, end_points = head.build(tf.zeros([2, 8]), is_training=True, step=tf.constant(0, tf.int64))
        names = {variable.op.name for variable in tf1.global_variables()}
        assert names == {variable.op.name for variable in tf1.model_variables()}
    for output in (logits, end_points["probabilities"]):
        # Some loops over time do not tell how many frames come out.
        assert output.shape.is_compatible_with([2, 4])
        assert output.shape[1] == 4
    assert end_points["logits"] is logits
    assert head.scope == f"head/{config.name}"
    assert all(name.startswith(f"{head.scope}/") for name in names)
    assert set(head.decayed) == {name for name in names if name.endswith(("/weights", "/recurrent_weights"))}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_second_build_in_a_loop_and_in_inference_shares_the_variables(config):
    head = get_head(config, num_classes=3)
    with tf.Graph().as_default():
        head.build(tf.zeros([2, 8]), is_training=True, step=tf.constant(0, tf.int64))
        names = [variable.op.name for variable in tf1.global_variables()]

        def body(step):
            logits, _ = head.build(tf.zeros([2, 8]), is_training=True, step=step)
            with tf.control_dependencies([logits]):
                return step + 1

        tf1.while_loop(lambda step: step < 2, body, [tf.constant(0, tf.int64)])
        head.build(tf.zeros([5, 8]))
        assert [variable.op.name for variable in tf1.global_variables()] == names
        assert len(set(names)) == len(names)


def test_only_the_multi_label_head_scores_each_class_by_itself():
    expected = [config.name == "multi_label" for config in CONFIGS]
    assert [get_head(config, 2).multi_label for config in CONFIGS] == expected
    assert [is_multi_label(config) for config in CONFIGS] == expected


def test_heads_that_look_along_time_say_so_and_whether_they_look_ahead():
    names = {config.name for config in CONFIGS if is_temporal(config)}
    assert names == {"median", "hmm", "gru", "ms_tcn", "tecno"}
    assert names == {config.name for config in CONFIGS if get_head(config, 2).temporal}
    assert {config.name for config in CONFIGS if not get_head(config, 2).causal} == names - {"tecno"}
    assert get_head(HmmHeadConfig("hmm", causal=True), 2).causal


def test_unknown_head_lists_the_choices():
    config = HeadConfig("linear")
    config.name = "bilinear"
    with pytest.raises(
        ConfigError,
        match=r"(?s)bilinear is not known.*cosine, gru, hmm, linear, median, mlp, ms_tcn, multi_label, tecno",
    ):
        get_head(config, 2)


def test_a_name_without_its_options_says_how_to_choose():
    with pytest.raises(ConfigError, match=r"(?s)head\.name=mlp .*Choose it by head=mlp"):
        get_head(HeadConfig("mlp"), 2)


def test_one_class_is_refused_but_for_the_multi_label_head():
    with pytest.raises(ConfigError, match="at least 2 classes, and the dataset has 1"):
        get_head(HeadConfig("linear"), 1)
    assert get_head(MultiLabelHeadConfig("multi_label"), 1).num_classes == 1
    with pytest.raises(ConfigError, match="at least 1 classes, and the dataset has 0"):
        get_head(MultiLabelHeadConfig("multi_label"), 0)


def test_samples_of_several_labels_want_the_multi_label_head():
    with pytest.raises(ConfigError, match=r"(?s)several labels or none; head=mlp .*Set head=multi_label"):
        require_fitting_head(MlpHeadConfig("mlp"), multi_label=True)


def test_samples_of_one_label_suit_every_head():
    for config in CONFIGS:
        require_fitting_head(config, multi_label=False)
    require_fitting_head(MultiLabelHeadConfig("multi_label"), multi_label=True)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_heads_that_build_the_same_have_one_identity(config):
    assert get_head(config, 3, 1).identity == get_head(replace(config, weight_decay=0.7), 3, 1).identity


@pytest.mark.parametrize(
    "other",
    [
        lambda: get_head(CosineHeadConfig("cosine"), 4, 1),
        lambda: get_head(CosineHeadConfig("cosine"), 3, 2),
        lambda: get_head(CosineHeadConfig("cosine", scale=2.0), 3, 1),
        lambda: get_head(HeadConfig(), 3, 1),
    ],
)
def test_heads_that_build_something_else_have_another_identity(other):
    identity = get_head(CosineHeadConfig("cosine"), 3, 1).identity
    assert identity
    assert other().identity != identity


@pytest.mark.parametrize(
    ("config", "shared"),
    [
        (HeadConfig(), True),
        (MlpHeadConfig("mlp", dropout=0.0), True),
        (MlpHeadConfig("mlp", dropout=0.1), False),
    ],
)
def test_a_head_says_whether_its_seed_only_begins_it(config, shared):
    first, second = get_head(config, 3, 1), get_head(config, 3, 2)
    assert first.identity != second.identity
    assert (first.unseeded != "") == shared
    assert first.unseeded == second.unseeded


def test_what_a_smoothing_head_trains_has_an_identity_of_its_own():
    head = get_head(MedianHeadConfig("median"), 3, 1)
    assert isinstance(head, SmoothingHead)
    assert head.frame.identity
    assert head.frame.identity not in (head.identity, get_head(HeadConfig(), 3, 1).identity)
