import io

import numpy as np
import pytest
from PIL import Image

from graphcore.export.classifier_graph import DECODED, INPUT, SCORES, build_classifier_graph
from graphcore.export.saved_model import write_saved_model
from graphcore.graph.runtime import tf, tf1


@pytest.fixture(scope="module")
def classifier(run):
    return build_classifier_graph(run)


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(5).integers(0, 256, (60, 80, 3), np.uint8)


@pytest.fixture(scope="module")
def expected(classifier, pixels):
    with tf1.Session(graph=classifier.graph) as session:
        return session.run([INPUT, SCORES], {DECODED: pixels})


@pytest.fixture(scope="module")
def loaded(classifier, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "saved_model"
    write_saved_model(classifier, folder)
    return tf.saved_model.load(str(folder))


def test_serving_default_takes_a_batch_of_prepared_pictures(loaded, expected):
    prepared, scores = expected

    given = loaded.signatures["serving_default"](images=tf.constant(prepared))["scores"].numpy()

    np.testing.assert_allclose(given, scores, atol=1e-5)


def test_decode_takes_an_encoded_picture(loaded, pixels, expected):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")

    given = loaded.signatures["decode"](contents=tf.constant(buffer.getvalue()))["scores"].numpy()

    np.testing.assert_allclose(given, expected[1], atol=1e-5)


def test_writing_again_replaces_the_folder_and_leaves_nothing_beside_it(classifier, tmp_path):
    folder = tmp_path / "saved_model"
    write_saved_model(classifier, folder)
    (folder / "stale").touch()

    write_saved_model(classifier, folder)

    assert [path.name for path in tmp_path.iterdir()] == ["saved_model"]
    assert not (folder / "stale").exists()


def test_the_scores_node_has_the_name_of_the_frozen_graph(run, tmp_path):
    write_saved_model(build_classifier_graph(run, "answers"), tmp_path / "saved_model")

    signature = tf.saved_model.load(str(tmp_path / "saved_model")).signatures["serving_default"]

    assert "answers" in {op.name for op in signature.graph.get_operations()}
    assert list(signature.structured_outputs) == ["scores"]
