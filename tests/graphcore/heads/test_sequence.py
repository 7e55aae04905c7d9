"""What GRU, MS-TCN and TeCNO have in common: tried on each."""

import importlib

import numpy as np
import pytest

from graphcore.config.network import GruHeadConfig, MsTcnHeadConfig, TecnoHeadConfig
from graphcore.graph.allow_list import find_forbidden_ops
from graphcore.graph.program import Program, read_program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.temporal import SequenceHead

FEATURES = np.random.default_rng(0).normal(size=(2, 9, 5)).astype(np.float32)
MASK = np.arange(9) < np.array([[9], [6]])
SMALL = {"stages": 2, "layers": 3, "maps": 4}
CONFIGS = [
    GruHeadConfig("gru", units=3, layers=2),
    GruHeadConfig("gru", units=3, causal=True),
    MsTcnHeadConfig("ms_tcn", **SMALL),
    MsTcnHeadConfig("ms_tcn", causal=True, **SMALL),
    TecnoHeadConfig("tecno", **SMALL),
    TecnoHeadConfig("tecno", causal=False, **SMALL),
]
ALL = pytest.mark.parametrize("config", CONFIGS, ids=lambda each: f"{each.name}-{'causal' if each.causal else 'both'}")


def make_head(config, seed=0):
    return importlib.import_module(f"graphcore.heads.{config.name}").make_head(config, 3, seed)


def spread(session):
    """Initial weights, the last ones large enough for differences to show."""
    session.run(tf1.global_variables_initializer())
    for variable in tf1.global_variables():
        if variable.op.name.endswith("logits/weights"):
            session.run(variable.initializer, {variable.initializer.inputs[1]: np.eye(*variable.shape)})


def score(config, *videos):
    """Logits of each video by itself."""
    with tf.Graph().as_default(), tf1.Session() as session:
        features = tf1.placeholder(tf.float32, [None, 5])
        logits, _ = make_head(config).build(features)
        spread(session)
        return [session.run(logits, {features: video}) for video in videos]


@ALL
def test_the_head_says_what_it_is(config):
    head = make_head(config)
    assert isinstance(head, SequenceHead)
    assert (head.name, head.temporal, head.causal) == (config.name, True, config.causal)
    assert head.scope == f"head/{config.name}"
    assert (head.window, head.smoothing, head.smoothing_clamp) == (1024, 0.15, 4.0)


@ALL
def test_probabilities_of_a_video_sum_to_one(config):
    with tf.Graph().as_default(), tf1.Session() as session:
        logits, end_points = make_head(config).build(tf.constant(FEATURES[0]))
        spread(session)
        logits, found = session.run([logits, end_points])
    assert logits.shape == (9, 3)
    np.testing.assert_array_equal(found["logits"], logits)
    np.testing.assert_allclose(found["probabilities"].sum(1), 1, rtol=1e-5)


@ALL
def test_a_video_of_one_frame_is_scored(config):
    (logits,) = score(config, FEATURES[0, :1])
    assert logits.shape == (1, 3)
    assert np.isfinite(logits).all()


@ALL
def test_only_what_is_not_causal_sees_later_frames(config):
    changed = FEATURES[0].copy()
    changed[6:] += 1
    first, second = score(config, FEATURES[0], changed)
    assert np.array_equal(first[:6], second[:6]) == config.causal
    assert not np.array_equal(first[6:], second[6:])


@ALL
def test_every_stage_scores_videos_side_by_side_as_one_by_one(config):
    broken = np.where(MASK[..., None], FEATURES, np.nan)
    with tf.Graph().as_default(), tf1.Session() as session:
        stages = make_head(config).build_stages(tf.constant(broken), tf.constant(MASK))
        spread(session)
        found = session.run(stages)
    assert len(found) == getattr(config, "stages", 1)
    whole, short = score(config, FEATURES[0], FEATURES[1, :6])
    np.testing.assert_allclose(found[-1][0], whole, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[-1][1, :6], short, rtol=1e-4, atol=1e-5)


@ALL
def test_padding_has_no_gradient(config):
    with tf.Graph().as_default(), tf1.Session() as session:
        features = tf.constant(np.where(MASK[..., None], FEATURES, np.nan))
        stages = make_head(config).build_stages(features, tf.constant(MASK), is_training=True)
        loss = tf.add_n([tf.reduce_sum(tf.boolean_mask(tf.sin(stage), MASK)) for stage in stages])
        gradients = tf.gradients(loss, tf1.trainable_variables())
        spread(session)
        assert all(np.isfinite(gradient).all() for gradient in session.run(gradients))


@ALL
def test_decayed_are_all_weights_and_no_biases(config):
    head = make_head(config)
    with tf.Graph().as_default():
        head.build(tf.constant(FEATURES[0]))
        names = [variable.op.name for variable in tf1.model_variables()]
        assert names == [variable.op.name for variable in tf1.global_variables()]
    assert set(head.decayed) == {name for name in names if name.endswith("weights")}
    assert len(head.decayed) == len(set(head.decayed))


@ALL
def test_a_second_build_shares_the_variables(config):
    head = make_head(config)
    with tf.Graph().as_default():
        head.build_stages(tf.constant(FEATURES), tf.constant(MASK), is_training=True, step=tf.constant(0, tf.int64))
        count = len(tf1.global_variables())
        head.build(tf.constant(FEATURES[0]))
        assert len(tf1.global_variables()) == count


@ALL
def test_dropout_is_a_function_of_seed_and_step(config):
    def run(steps, seed=0):
        with tf.Graph().as_default(), tf1.Session() as session:
            step = tf1.placeholder(tf.int64, [])
            logits = make_head(config, seed).build_stages(tf.constant(FEATURES), None, is_training=True, step=step)[-1]
            spread(session)
            return [session.run(logits, {step: number}) for number in steps]

    first, second = run([4, 5])
    np.testing.assert_array_equal(run([5])[0], second)
    assert not np.array_equal(first, second)


@ALL
def test_a_look_in_training_mode_drops_nothing(config):
    with tf.Graph().as_default(), tf1.Session() as session:
        head = make_head(config)
        built = [head.build(tf.constant(FEATURES[0]), is_training=each)[0] for each in (True, False)]
        spread(session)
        looked, plain = session.run(built)
    np.testing.assert_allclose(looked, plain, rtol=1e-5, atol=1e-6)


@ALL
def test_it_freezes_and_is_let_in_again(config, tmp_path):
    with tf.Graph().as_default() as graph:
        features = tf1.placeholder(tf.float32, [None, 5], name="features")
        _, end_points = make_head(config).build(features)
        program = Program(graph, {"features": features.name}, {"scores": end_points["probabilities"].name})
    with program.session() as runner:
        frozen = runner.freeze()
        expected = runner.run({"features": FEATURES[0]})[0]
    assert find_forbidden_ops(frozen.graph.as_graph_def()) == []
    frozen.write(tmp_path / "head.pb")
    read = read_program(tmp_path / "head.pb", outputs={"scores": end_points["probabilities"].name})
    np.testing.assert_allclose(read.run({"features": FEATURES[0]})[0], expected, rtol=1e-5, atol=1e-6)
    assert read.run({"features": FEATURES[0, :1]})[0].shape == (1, 3)
    read.close()
