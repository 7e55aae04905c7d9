import dataclasses

import numpy as np
import pytest

from graphcore.config import MlpHeadConfig, MultiLabelHeadConfig
from graphcore.errors import RunError
from graphcore.evaluation import scoring
from graphcore.evaluation.scoring import score_split
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.training import checkpoints
from graphcore.training.run import Run
from tfrecords.manifest import read_manifest

LABELS = ("blue", "green", "red")
KEYS = tuple(f"test/{number}" for number in range(33, 40))
FOUND = FeatureSet(
    np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32), np.arange(7, dtype=np.int32) % 3, KEYS
)


@pytest.fixture
def make_run(tmp_path, toy_records, monkeypatch):
    """A run on the toy records with a random head, whose features are FOUND whatever its backbone."""
    monkeypatch.setattr(scoring, "_get_features", lambda run, split: FOUND)

    def make(config):
        with tf.Graph().as_default(), tf1.Session() as session:
            get_head(config, 3).build(tf.zeros([1, 4]))
            session.run(tf1.global_variables_initializer())
            values = session.run({variable.op.name: variable for variable in tf1.global_variables()})
        # The last layer begins near 0, where every score is the same.
        values = {name: value * 1000 if name.endswith("logits/weights") else value for name, value in values.items()}
        checkpoints.write_checkpoint(checkpoints.best_prefix(tmp_path), values)
        digest = read_manifest(toy_records).digest()
        run = Run(tmp_path, LABELS, "mobilenet_v1", 0.25, 128, toy_records, digest, tmp_path)
        return dataclasses.replace(run, head_options=dataclasses.asdict(config))

    return make


def test_hidden_layers_are_part_of_the_head_that_scores(make_run):
    run = make_run(MlpHeadConfig("mlp", widths=[5]))
    predictions = score_split(run, "test")
    head = run.read_head().variables
    sums = FOUND.features @ head["head/mlp/hidden_1/weights"] / np.sqrt(1.001)
    logits = np.maximum(sums, 0) @ head["head/mlp/logits/weights"]
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    np.testing.assert_allclose(predictions.scores, exponentials / exponentials.sum(1, keepdims=True), atol=1e-5)
    np.testing.assert_array_equal(predictions.labels, FOUND.labels)
    assert predictions.keys == KEYS


def test_labels_of_a_multi_label_head_are_a_zero_or_one_a_class(make_run):
    predictions = score_split(make_run(MultiLabelHeadConfig("multi_label")), "test")
    np.testing.assert_array_equal(predictions.labels, np.eye(3, dtype=np.uint8)[FOUND.labels])


def test_changed_records_are_refused(make_run):
    run = dataclasses.replace(make_run(MlpHeadConfig("mlp")), dataset_digest="other")
    with pytest.raises(RunError, match=r"are not those that .* was trained on"):
        score_split(run, "test")
