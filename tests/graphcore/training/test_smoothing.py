import numpy as np
import pytest

from graphcore.config import HmmHeadConfig, MedianHeadConfig
from graphcore.errors import DatasetError
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import get_head
from graphcore.heads.median import WIDTH
from graphcore.heads.trained import TrainedHead
from graphcore.training.checkpoints import read_checkpoint, write_checkpoint
from graphcore.training.loop import TrainingResult
from graphcore.training.progress import Progress
from graphcore.training.smoothing import fit_smoothing

# One video of two scenes: frames 4 and 11 are called wrongly by themselves.
LABELS = np.array([0] * 8 + [1] * 8, np.int32)
CALLED = np.where(np.isin(np.arange(16), [4, 11]), 1 - LABELS, LABELS)
# The frames of a split lie in shuffled order.
ORDER = np.random.default_rng(0).permutation(16)
ROWS = np.argsort(ORDER)


def make_features(views=1):
    """Features are log scores: 0.8 for what a frame is called. A second view would say the opposite."""
    features = np.log(np.where(np.eye(2)[CALLED[ORDER]], 0.8, 0.2)).astype(np.float32)
    keys = tuple(map(str, ORDER))
    return FeatureSet(np.concatenate([features, -features][:views]), LABELS[ORDER], keys, views)


NOTHING = FeatureSet(np.zeros((0, 2), np.float32), np.zeros(0, np.int32), ())


def make_result(name, validation):
    weights = {f"head/{name}/weights": np.eye(2, dtype=np.float32), f"head/{name}/biases": np.zeros(2, np.float32)}
    return TrainingResult(Progress(step=5, best_step=5), weights, validation)


BEFORE = {"validation/accuracy": 14 / 16, "validation/loss": 0.5}


def test_width_is_added_to_the_weights_and_figures_are_those_of_smoothed_scores():
    head = get_head(MedianHeadConfig("median"), 2)
    features, videos = (
        {"train": make_features(2), "validation": make_features()},
        {"train": [ROWS], "validation": [ROWS]},
    )
    before = make_result("median", BEFORE)
    after = fit_smoothing(head, before, features, videos, 0.5)
    assert set(after.weights) == {*before.weights, WIDTH}
    assert after.weights[WIDTH] == 3
    assert after.progress == before.progress
    # Each frame at 0.8 but for the changes between scenes: medians of three are 0.8 there too.
    assert after.validation == pytest.approx({"validation/accuracy": 1.0, "validation/loss": -np.log(0.8)}, rel=1e-4)
    assert before.validation == BEFORE


def test_a_smoothing_head_survives_its_checkpoint(tmp_path):
    head = get_head(MedianHeadConfig("median"), 2)
    features, videos = (
        {"train": make_features(), "validation": make_features()},
        {"train": [ROWS], "validation": [ROWS]},
    )
    weights = fit_smoothing(head, make_result("median", BEFORE), features, videos, 0.5).weights
    write_checkpoint(tmp_path / "best.ckpt", weights)
    read = read_checkpoint(tmp_path / "best.ckpt")
    assert read[WIDTH].dtype == np.int32
    scores = TrainedHead(head, read).scores(make_features().features, [ROWS])
    np.testing.assert_array_equal(scores.argmax(1), LABELS[ORDER])


def test_transitions_are_counted_in_the_order_of_time():
    head = get_head(HmmHeadConfig("hmm", pseudo_count=1.0), 2)
    features, videos = (
        {"train": make_features(), "validation": make_features()},
        {"train": [ROWS], "validation": [ROWS]},
    )
    after = fit_smoothing(head, make_result("hmm", BEFORE), features, videos, 0.5)
    # 7 stays and a change from 0, 7 stays from 1.
    expected = [[8 / 10, 2 / 10], [1 / 9, 8 / 9]]
    np.testing.assert_allclose(np.exp(after.weights["head/hmm/log_transitions"]), expected, rtol=1e-5)
    assert after.validation["validation/accuracy"] == 1


def test_without_validation_there_are_no_figures():
    head = get_head(MedianHeadConfig("median", width_secs=1.5), 2)
    features, videos = {"train": make_features(), "validation": NOTHING}, {"train": [ROWS], "validation": []}
    after = fit_smoothing(head, make_result("median", {}), features, videos, 0.5)
    assert after.validation == {}
    assert after.weights[WIDTH] == 3


def test_samples_that_are_no_frames_are_refused():
    head = get_head(MedianHeadConfig("median"), 2)
    features, videos = {"train": make_features(), "validation": NOTHING}, {"train": [ROWS[:-1]], "validation": []}
    with pytest.raises(DatasetError, match="1 of 16 samples are not frames of exactly one video"):
        fit_smoothing(head, make_result("median", {}), features, videos, 0.5)
