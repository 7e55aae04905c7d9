import numpy as np
import pytest

from graphcore.config.network import MsTcnHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.ms_tcn import make_head
from graphcore.heads.sequence_loss import build_roughness, build_sequence_loss

RANDOM = np.random.default_rng(0)
# Some changes from frame to frame are beyond the clamp of 2, others are not.
STAGES = [RANDOM.normal(scale=3, size=(2, 5, 3)).astype(np.float32) for _ in range(2)]
LABELS = np.array([[0, 1, 2, 2, 1], [1, 1, 0, 0, 0]], np.int32)
MASK = np.arange(5) < np.array([[5], [3]])


def log_softmax(logits):
    logits = logits.astype(np.float64)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def cross_entropy_by_hand(logits, weights=(1, 1, 1)):
    terms = []
    for place in zip(*np.nonzero(MASK), strict=True):
        terms.append(-log_softmax(logits[place])[LABELS[place]] * weights[LABELS[place]])
    return np.mean(terms)


def roughness_by_hand(logits, clamp):
    terms = []
    for sequence, frame in [(0, 1), (0, 2), (0, 3), (0, 4), (1, 1), (1, 2)]:
        change = np.abs(log_softmax(logits[sequence, frame]) - log_softmax(logits[sequence, frame - 1]))
        terms += [min(each, clamp) ** 2 for each in change]
    return np.mean(terms)


def run(smoothing=0.15, clamp=2.0, weights=None, answer_only=False, **options):
    config = MsTcnHeadConfig("ms_tcn", smoothing=smoothing, smoothing_clamp=clamp, **options)
    with tf.Graph().as_default(), tf1.Session() as session:
        stages = [tf.constant(stage) for stage in STAGES]
        head = make_head(config, 3, 0)
        loss, answer = build_sequence_loss(stages, tf.constant(LABELS), tf.constant(MASK), head, config, weights)
        assert loss.dtype == answer.dtype == tf.float32
        return session.run(answer if answer_only else loss)


def test_it_is_the_sum_over_the_stages_of_both_parts():
    assert roughness_by_hand(STAGES[0], 2.0) < roughness_by_hand(STAGES[0], 1e3)
    expected = sum(cross_entropy_by_hand(stage) + 0.15 * roughness_by_hand(stage, 2.0) for stage in STAGES)
    assert run() == pytest.approx(expected, rel=1e-5)


def test_without_smoothing_it_is_the_cross_entropy():
    assert run(smoothing=0.0) == pytest.approx(sum(map(cross_entropy_by_hand, STAGES)), rel=1e-5)


def test_the_answers_part_is_the_cross_entropy_of_the_last_stage():
    assert run(answer_only=True) == pytest.approx(cross_entropy_by_hand(STAGES[-1]), rel=1e-5)


def test_classes_weigh_as_they_are_told():
    weights = np.float32([2, 0, 0.5])
    expected = sum(cross_entropy_by_hand(stage, weights) for stage in STAGES)
    assert run(smoothing=0.0, weights=weights) == pytest.approx(expected, rel=1e-5)


def test_labels_are_smoothed_as_any_heads_are():
    terms = []
    for stage in STAGES:
        scores = log_softmax(stage)[MASK]
        targets = np.eye(3)[LABELS[MASK]] * 0.7 + 0.1
        terms.append(-(targets * scores).sum(1).mean())
    assert run(smoothing=0.0, label_smoothing=0.3) == pytest.approx(sum(terms), rel=1e-5)


def roughness_and_gradient(logits, mask, clamp=2.0):
    with tf.Graph().as_default(), tf1.Session() as session:
        given = tf.constant(np.float32(logits))
        roughness = build_roughness(given, tf.constant(mask), clamp)
        return session.run([roughness, tf.gradients(roughness, given)[0]])


def test_a_single_frame_is_smooth():
    roughness, gradient = roughness_and_gradient(STAGES[0][:, :1], MASK[:, :1])
    assert roughness == 0
    assert not gradient.any()


def test_a_change_pulls_the_later_frame_alone():
    _, gradient = roughness_and_gradient([[[0, 0], [1, 0]]], np.array([[True, True]]))
    assert not gradient[0, 0].any()
    assert gradient[0, 1, 0] > 0 > gradient[0, 1, 1]


def test_a_change_beyond_the_clamp_pulls_no_more():
    roughness, gradient = roughness_and_gradient([[[0, 0, 0], [90, -90, 0]]], np.array([[True, True]]))
    # Log scores went from -log 3 to 0, -180 and -90: two of three changes are beyond the clamp.
    assert roughness == pytest.approx((np.log(3) ** 2 + 4 + 4) / 3, rel=1e-5)
    assert np.abs(gradient).max() < 1e-6


def test_padding_changes_nothing():
    other = STAGES[0].copy()
    other[1, 3:] = 77
    first, second = (roughness_and_gradient(each, MASK) for each in (STAGES[0], other))
    assert first[0] == second[0]
    np.testing.assert_array_equal(first[1][MASK], second[1][MASK])
    assert not first[1][~MASK].any()
