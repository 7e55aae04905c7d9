import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from graphcore.config import MlpHeadConfig, MultiLabelHeadConfig
from graphcore.errors import ConfigError
from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.export.classifier_graph import (
    CONTENTS,
    DECODED,
    INPUT,
    POOLED,
    SCORES,
    build_classifier_graph,
    build_classifier_graph_of,
    is_temporal,
)
from graphcore.graph.freeze import BATCH_NORM_OPS
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.heads.head import Head
from graphcore.heads.linear import BIASES, WEIGHTS
from graphcore.heads.trained import TrainedHead


@pytest.fixture(scope="module")
def classifier(run):
    return build_classifier_graph(run)


@pytest.fixture(scope="module")
def session(classifier):
    with tf1.Session(graph=classifier.graph) as session:
        yield session


def encode(pixels, kind="JPEG"):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(3).integers(0, 256, (90, 140, 3), np.uint8)


def test_the_four_tensors_have_the_classic_names_types_and_shapes(classifier):
    found = {name: classifier.graph.get_tensor_by_name(name) for name in (CONTENTS, DECODED, INPUT, SCORES)}

    assert (found[CONTENTS].name, found[CONTENTS].dtype) == ("DecodeJpeg/contents:0", tf.string)
    assert (found[DECODED].name, found[DECODED].dtype) == ("DecodeJpeg:0", tf.uint8)
    assert (found[INPUT].name, found[INPUT].shape.as_list()) == ("input:0", [None, 128, 128, 3])
    assert (found[SCORES].name, found[SCORES].shape.as_list()) == ("final_result:0", [None, 3])


def test_the_graph_has_neither_variables_nor_batch_norm(classifier):
    kinds = {op.type for op in classifier.graph.get_operations()}

    assert not kinds & {"VariableV2", "VarHandleOp", *BATCH_NORM_OPS}


def test_nothing_waits_for_an_input_but_the_picture(classifier):
    found = {op.name for op in classifier.graph.get_operations() if op.type.startswith("Placeholder")}

    assert found == {"DecodeJpeg/contents", "input"}


def test_scores_sum_to_one(session, pixels):
    scores = session.run(SCORES, {CONTENTS: encode(pixels)})

    np.testing.assert_allclose(scores.sum(axis=1), [1], atol=1e-6)


def test_feeding_the_prepared_picture_equals_feeding_its_bytes(session, pixels):
    prepared, from_bytes = session.run([INPUT, SCORES], {CONTENTS: encode(pixels)})

    np.testing.assert_allclose(session.run(SCORES, {INPUT: prepared}), from_bytes, atol=1e-6)


def test_feeding_decoded_pixels_equals_feeding_a_png_of_them(session, pixels):
    from_png = session.run(SCORES, {CONTENTS: encode(pixels, "PNG")})

    np.testing.assert_allclose(session.run(SCORES, {DECODED: pixels}), from_png, atol=1e-6)


def test_a_batch_gives_the_scores_of_its_pictures(session, pixels):
    pictures = [session.run(INPUT, {DECODED: shifted}) for shifted in (pixels, 255 - pixels, pixels // 3)]
    one_by_one = [session.run(SCORES, {INPUT: picture}) for picture in pictures]

    together = session.run(SCORES, {INPUT: np.concatenate(pictures)})

    np.testing.assert_allclose(together, np.concatenate(one_by_one), atol=1e-5)
    assert np.ptp(together, axis=0).max() > 0.01  # or the comparison would show nothing


def test_pixels_are_scaled_from_minus_one_to_one(session):
    black = session.run(INPUT, {DECODED: np.zeros((50, 50, 3), np.uint8)})
    white = session.run(INPUT, {DECODED: np.full((50, 50, 3), 255, np.uint8)})

    np.testing.assert_allclose(black, -np.ones((1, 128, 128, 3)), atol=1e-6)
    np.testing.assert_allclose(white, np.ones((1, 128, 128, 3)), atol=1e-6)


def test_the_head_is_a_softmax_over_a_linear_layer_of_the_features(run, classifier, session, pixels):
    # The last matrix product's input is the features.
    (product,) = (op for op in classifier.graph.get_operations() if op.type == "MatMul")
    features, scores = session.run([product.inputs[0], SCORES], {DECODED: pixels})
    head = run.read_head().variables
    exponentials = np.exp(features.astype(np.float64) @ head[WEIGHTS] + head[BIASES])

    np.testing.assert_allclose(scores, exponentials / exponentials.sum(), atol=1e-5)


@pytest.mark.parametrize(
    "name", ["input", "DecodeJpeg", "prepare", "Input", "features", "scores/", "two words", "-dash", ""]
)
def test_a_name_that_is_taken_or_that_no_node_can_have_is_refused(run, name):
    with pytest.raises(
        ConfigError, match=rf"output_name={name} cannot be the name of the scores.*\n.*: final_result\."
    ):
        build_classifier_graph(run, name)


def random_head(config, dimension):
    """A head of three classes with random weights, and statistics as those of a trained one."""
    head = get_head(config, 3)
    random = np.random.default_rng(0)
    with tf.Graph().as_default():
        head.build(tf.zeros([1, dimension]))
        shapes = {variable.op.name: variable.shape.as_list() for variable in tf1.global_variables()}
    values = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return TrainedHead(head, {name: abs(value) if "variance" in name else value for name, value in values.items()})


def test_any_head_can_be_put_on_any_backbone(run, pixels):
    backbone, frozen = freeze_run_backbone(run)
    head = random_head(MlpHeadConfig("mlp", widths=[6, 5]), backbone.feature_size)
    classifier = build_classifier_graph_of(backbone, frozen.program, head, run.labels, "answers")
    with tf1.Session(graph=classifier.graph) as session:
        prepared, scores = session.run([INPUT, "answers:0"], {DECODED: pixels})
    (features,) = frozen.program.run({"images": prepared}, ["features"])

    np.testing.assert_allclose(scores, head.scores(features), rtol=1e-4, atol=1e-6)
    assert classifier.scores == "answers:0"
    kinds = {op.type for op in classifier.graph.get_operations()}
    assert not kinds & {"VariableV2", "VarHandleOp", *BATCH_NORM_OPS}


def test_scores_of_a_multi_label_head_are_a_sigmoid_each(run, pixels):
    backbone, frozen = freeze_run_backbone(run)
    head = random_head(MultiLabelHeadConfig("multi_label"), backbone.feature_size)
    classifier = build_classifier_graph_of(backbone, frozen.program, head, run.labels)
    with tf1.Session(graph=classifier.graph) as session:
        prepared, scores = session.run([INPUT, SCORES], {DECODED: pixels})
    (features,) = frozen.program.run({"images": prepared}, ["features"])
    weights, biases = (head.variables[f"head/multi_label/logits/{name}"] for name in ("weights", "biases"))

    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-(features @ weights + biases))), rtol=1e-4, atol=1e-6)


def test_scores_follow_from_the_features_alone(run, classifier, session, pixels):
    found = classifier.graph.get_tensor_by_name(POOLED)
    assert (found.dtype, found.shape.as_list()) == (tf.float32, [None, run.read_head().variables[WEIGHTS].shape[0]])
    features, scores = session.run([POOLED, SCORES], {DECODED: pixels})

    np.testing.assert_allclose(session.run(SCORES, {POOLED: features}), scores, atol=1e-6)


def test_a_graph_of_somebody_elses_keeps_its_own_features(run, pixels):
    backbone, _ = freeze_run_backbone(run)
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 128, 128, 3], name="images")
        tf.reduce_mean(images, [1, 2], name="features")
    foreign = Program(graph, {"images": "images"}, {"features": "features"})
    head = random_head(MlpHeadConfig("mlp", widths=[4]), 3)
    small = dataclasses.replace(backbone, feature_size=3)

    classifier = build_classifier_graph_of(small, foreign, head, run.labels)

    assert [op.name for op in classifier.graph.get_operations() if op.name.startswith("features")].count(
        "features"
    ) == 1
    with tf1.Session(graph=classifier.graph) as session:
        prepared, features = session.run([INPUT, POOLED], {DECODED: pixels})
    np.testing.assert_allclose(features, prepared.mean(axis=(1, 2)), atol=1e-6)


def temporal_head():
    """Each frame is judged by the mean of the features of all frames of the video."""

    def build(features, is_training=False, step=None):
        with tf1.variable_scope("head/mean", reuse=tf1.AUTO_REUSE):
            weights = tf1.get_variable("weights", [features.shape[1], 3], tf.float32)
        mean = tf.reduce_mean(features, 0, keepdims=True)
        logits = tf.tile(mean @ weights, [tf.shape(features)[0], 1])
        return logits, {"logits": logits, "probabilities": tf.nn.softmax(logits)}

    return Head("mean", 3, "head/mean", (), build, temporal=True, causal=False)


def test_a_graph_tells_whether_its_batches_are_videos(run, classifier, pixels):
    assert not is_temporal(classifier.graph)
    backbone, frozen = freeze_run_backbone(run)
    weights = np.random.default_rng(0).normal(size=(backbone.feature_size, 3)).astype(np.float32)
    head = TrainedHead(temporal_head(), {"head/mean/weights": weights})

    temporal = build_classifier_graph_of(backbone, frozen.program, head, run.labels)

    assert is_temporal(temporal.graph)
    with tf1.Session(graph=temporal.graph) as session:
        frames = np.concatenate([session.run(INPUT, {DECODED: frame}) for frame in (pixels, 255 - pixels)])
        features, together = session.run([POOLED, SCORES], {INPUT: frames})
        np.testing.assert_allclose(session.run(SCORES, {POOLED: features}), together, atol=1e-6)
    np.testing.assert_allclose(together[0], together[1], atol=1e-6)
    np.testing.assert_allclose(together, head.scores(features), atol=1e-5)
