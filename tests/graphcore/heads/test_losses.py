import numpy as np
import pytest

from graphcore.config import HeadConfig, MultiLabelHeadConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.losses import build_correct, build_loss, build_weight_decay, plan_class_weights

SCORES = np.array([[0.5, 0.3, 0.2], [0.8, 0.1, 0.1]])
LABELS = np.array([0, 1], np.int32)
# Sigmoid scores and the labels given.
SEVERAL = np.array([[0.9, 0.4], [0.2, 0.5]])
GIVEN = np.array([[1, 0], [1, 1]], np.float32)


def run(build):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(build())


def softmax_loss(class_weights=None, logits=None, **options):
    logits = np.log(SCORES) if logits is None else logits
    return run(lambda: build_loss(tf.constant(np.float32(logits)), LABELS, HeadConfig(**options), class_weights))


def sigmoid_loss(class_weights=None, logits=None, labels=GIVEN, **options):
    logits = np.log(SEVERAL / (1 - SEVERAL)) if logits is None else logits
    config = MultiLabelHeadConfig("multi_label", **options)
    return run(lambda: build_loss(tf.constant(np.float32(logits)), tf.constant(labels), config, class_weights))


def test_no_class_weights():
    assert plan_class_weights(np.array([1, 2]), "none") is None


def test_balanced_weights_are_inverse_to_counts_and_average_one_over_samples():
    weights = plan_class_weights(np.array([30, 10, 0]), "balanced")
    assert weights is not None
    # 40 samples in 2 classes that occur: 40 / (2 * 30) and 40 / (2 * 10).
    np.testing.assert_allclose(weights, [2 / 3, 2, 0], rtol=1e-6)
    assert (weights * [30, 10, 0]).sum() == pytest.approx(40)


def test_unknown_mode_lists_the_choices():
    with pytest.raises(ConfigError, match=r"(?s)sqrt is not known.*none, balanced"):
        plan_class_weights(np.array([1]), "sqrt")


def test_cross_entropy_is_the_mean_negative_log_likelihood():
    assert softmax_loss() == pytest.approx(-(np.log(0.5) + np.log(0.1)) / 2, rel=1e-5)


def test_class_weights_scale_each_samples_share():
    weights = np.array([3.0, 0.5, 1.0], np.float32)
    assert softmax_loss(weights) == pytest.approx(-(3 * np.log(0.5) + 0.5 * np.log(0.1)) / 2, rel=1e-5)


def test_smoothing_spreads_its_share_over_all_classes():
    # 0.3 of each label over three classes: 0.8 for the label, 0.1 for each other.
    targets = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    expected = -(targets * np.log(SCORES)).sum(1).mean()
    assert softmax_loss(label_smoothing=0.3) == pytest.approx(expected, rel=1e-5)


def test_focal_loss_weighs_by_what_the_label_lacks():
    expected = -(0.5**2 * np.log(0.5) + 0.9**2 * np.log(0.1)) / 2
    assert softmax_loss(focal_gamma=2) == pytest.approx(expected, rel=1e-5)


def test_smoothing_focus_and_weights_together():
    weights = np.array([3.0, 0.5, 1.0], np.float32)
    targets = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    losses = -(targets * np.log(SCORES)).sum(1) * [0.5**0.5, 0.9**0.5] * [3, 0.5]
    assert softmax_loss(weights, label_smoothing=0.3, focal_gamma=0.5) == pytest.approx(losses.mean(), rel=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 1, 2])
def test_focal_gradient_is_finite_where_the_answer_is_certain(gamma):
    # The score of the label is 1 in float32; a power below 1 has no slope there.
    logits = np.array([[100, 0, 0], [0, 100, 0]], np.float32)

    def build(config, labels):
        given = tf.constant(logits)
        return tf.gradients(build_loss(given, labels, config), given)

    assert np.isfinite(run(lambda: build(HeadConfig(focal_gamma=gamma), LABELS))).all()
    certain = (logits > 0).astype(np.float32)
    config = MultiLabelHeadConfig("multi_label", focal_gamma=gamma)
    assert np.isfinite(run(lambda: build(config, tf.constant(certain)))).all()


def kinds(config, labels):
    with tf.Graph().as_default() as graph:
        build_loss(tf.zeros([2, 3]), tf.constant(labels), config)
        return [op.type for op in graph.get_operations()]


def test_the_plain_loss_is_the_fused_operation_and_nothing_else():
    found = kinds(HeadConfig(), LABELS)
    assert found.count("SparseSoftmaxCrossEntropyWithLogits") == 1
    assert not {"Exp", "Log", "Softmax", "LogSoftmax", "Mul", "OneHot", "Pow"} & set(found)


def test_the_smoothed_loss_is_a_fused_operation_too():
    assert "SoftmaxCrossEntropyWithLogits" in kinds(HeadConfig(label_smoothing=0.1), LABELS)


def test_sigmoid_cross_entropy_is_the_mean_over_samples_and_classes():
    expected = -np.log([[0.9, 0.6], [0.2, 0.5]]).mean()
    assert sigmoid_loss() == pytest.approx(expected, rel=1e-5)


def test_sigmoid_smoothing_draws_targets_towards_a_half():
    # 0.2 of each: 1 becomes 0.9, 0 becomes 0.1.
    targets = np.array([[0.9, 0.1], [0.9, 0.9]])
    expected = -(targets * np.log(SEVERAL) + (1 - targets) * np.log(1 - SEVERAL)).mean()
    assert sigmoid_loss(label_smoothing=0.2) == pytest.approx(expected, rel=1e-5)


def test_sigmoid_focal_loss_looks_at_the_score_of_the_truth():
    truth = np.array([[0.9, 0.6], [0.2, 0.5]])
    expected = -((1 - truth) ** 2 * np.log(truth)).mean()
    assert sigmoid_loss(focal_gamma=2) == pytest.approx(expected, rel=1e-5)


def test_class_weights_scale_the_labels_that_are_given():
    weights = np.array([3.0, 0.5], np.float32)
    expected = -(np.log([[0.9, 0.6], [0.2, 0.5]]) * [[3, 1], [3, 0.5]]).mean()
    assert sigmoid_loss(weights) == pytest.approx(expected, rel=1e-5)


def test_multi_label_head_takes_one_label_a_sample():
    assert sigmoid_loss(labels=np.array([0, 1], np.int32)) == pytest.approx(
        -np.log([[0.9, 0.6], [0.8, 0.5]]).mean(), rel=1e-5
    )


def test_large_logits_do_not_overflow():
    assert sigmoid_loss(logits=np.array([[-1e4, 0], [0, 0]])) == pytest.approx((1e4 + 3 * np.log(2)) / 4, rel=1e-5)


def test_correct_counts_samples():
    logits = np.array([[2, 1, 0], [2, 1, 0]], np.float32)
    assert run(lambda: build_correct(tf.constant(logits), tf.constant(LABELS))) == 1


def test_correct_of_several_labels_counts_shares_of_samples():
    logits = np.array([[1, -1], [-1, 1]], np.float32)
    assert run(lambda: build_correct(tf.constant(logits), tf.constant(GIVEN), multi_label=True)) == 1.5
    assert run(lambda: build_correct(tf.constant(logits), tf.constant(LABELS), multi_label=True)) == 2


def test_weight_decay_is_half_the_sum_of_squares():
    assert run(lambda: build_weight_decay([tf.constant([1.0, 2.0]), tf.constant([3.0])], 0.1)) == pytest.approx(0.7)
    assert run(lambda: build_weight_decay([tf.constant([1.0])], 0.0)) == 0
