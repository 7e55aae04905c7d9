from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation import chunks
from graphcore.evaluation.choices.temperature import apply_temperature, fit_run_temperature, fit_temperature
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.samples.penalties import log_losses
from graphcore.timelines.marks import Marks
from graphcore.training.run import Run


def softmax(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def draw_one(count, temperature, seed=0):
    """Labels drawn from the softmax of logits / temperature, and the scores of somebody who forgot to divide."""
    random = np.random.default_rng(seed)
    logits = 3 * random.standard_normal((count, 4))
    chances = softmax(logits / temperature)
    labels = (random.random(count)[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
    return labels, softmax(logits)


def draw_several(count, temperature):
    random = np.random.default_rng(1)
    logits = 4 * random.standard_normal((count, 3))
    return (random.random((count, 3)) < sigmoid(logits / temperature)).astype(np.uint8), sigmoid(logits)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 4.0])
def test_the_temperature_of_a_model_that_is_too_sure_is_found(temperature):
    # The error of a temperature from 20 000 samples is about 1 %.
    assert fit_temperature(*draw_one(20_000, temperature)) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_the_temperature_of_several_labels_is_found(temperature):
    labels, scores = draw_several(20_000, temperature)

    assert fit_temperature(labels, scores, multi_label=True) == pytest.approx(temperature, rel=0.05)


def cost(labels, scores, temperature, multi_label):
    """Of as many observations as there are samples, with the prior that the docstring tells of."""
    loss = log_losses(labels, apply_temperature(scores, temperature, multi_label)).mean()
    return len(labels) * loss + np.log(temperature) ** 2 / (2 * 0.5**2)


@pytest.mark.parametrize("multi_label", [False, True])
def test_no_other_temperature_is_likelier(multi_label):
    labels, scores = draw_several(100, 2.5) if multi_label else draw_one(100, 2.5)
    best = fit_temperature(labels, scores, multi_label)
    assert best is not None

    costs = [cost(labels, scores, other, multi_label) for other in np.geomspace(0.05, 20, 400)]

    assert cost(labels, scores, best, multi_label) <= min(costs) + 1e-4


def test_few_observations_keep_the_temperature_near_1():
    labels, scores = draw_one(2000, 4.0)
    found = [fit_temperature(labels, scores, observations=number) or 0.0 for number in (2000, 20, 2)]

    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(4, rel=0.15)
    assert 1 < found[2] < 2


def test_scores_that_are_worse_than_chance_get_the_highest_temperature():
    # Always sure, and mostly wrong: the more even, the better.
    labels, scores = np.arange(3000) % 3, np.eye(3)[np.arange(3000) // 3 % 2] * 0.97 + 0.01
    labels[labels == 0] = 2

    assert fit_temperature(labels, scores) == pytest.approx(20, rel=1e-3)


def test_scores_that_are_hardly_sure_get_the_lowest_temperature():
    # 99 of 100 are right, and all are called with 0.5001.
    scores = np.tile([0.5001, 0.4999], (10_000, 1))
    labels = (np.arange(10_000) % 100 == 0).astype(int)

    assert fit_temperature(labels, scores) == pytest.approx(0.05, rel=1e-3)


def test_float32_scores_of_exactly_0_are_worked_with():
    labels, scores = np.array([0, 1, 1] * 300), np.array([[1, 0], [1, 0], [0, 1]] * 300, np.float32)
    temperature = fit_temperature(labels, scores)
    assert temperature is not None

    # A mistake among three wants logits log(2) apart; these are 87 apart, and 4.4 at the highest temperature.
    assert temperature == pytest.approx(20, rel=1e-3)
    assert np.isfinite(apply_temperature(scores, temperature)).all()


@pytest.mark.parametrize(
    ("labels", "scores", "multi_label"),
    [
        (np.zeros(0, int), np.zeros((0, 2)), False),
        (np.zeros((0, 2), int), np.zeros((0, 2)), True),
        (np.array([1, 1]), np.array([[0.6, 0.4], [0.4, 0.6]]), False),
        (np.array([[1], [1]]), np.array([[0.6], [0.4]]), True),
        (np.array([0, 1]), np.array([[0.6, 0.4], [0.4, 0.6]]), False),
        (np.array([[1, 0]]), np.array([[0.6, 0.4]]), True),
    ],
    ids=["empty", "empty of several", "one class", "one answer", "no mistake", "no mistake of several"],
)
def test_of_nothing_telling_there_is_no_temperature(labels, scores, multi_label):
    assert fit_temperature(labels, scores, multi_label) is None


def test_a_large_split_a_few_rows_at_a_time(monkeypatch):
    labels, scores = draw_one(300, 2.0)
    whole = fit_temperature(labels, scores), apply_temperature(scores, 3.0)
    monkeypatch.setattr(chunks, "MOST_CELLS", 100)

    assert fit_temperature(labels, scores) == pytest.approx(whole[0])
    np.testing.assert_array_equal(apply_temperature(scores, 3.0), whole[1])


def test_applied_it_is_the_softmax_of_divided_logits():
    logits = np.array([[2.0, 1.0, -3.0], [0.0, 5.0, 5.5]])

    np.testing.assert_allclose(apply_temperature(softmax(logits), 2.5), softmax(logits / 2.5), rtol=1e-12)


def test_applied_to_several_labels_it_divides_each_logit():
    logits = np.array([[2.0, -1.0, 0.0]])

    np.testing.assert_allclose(apply_temperature(sigmoid(logits), 0.5, True), sigmoid(logits / 0.5), rtol=1e-12)


def test_scores_keep_their_type():
    assert apply_temperature(np.array([[0.25, 0.75]], np.float32), 2.0).dtype == np.float32
    assert apply_temperature(np.array([[0, 1]]), 2.0).dtype == np.float64


chances = st.floats(0, 1, width=32) | st.sampled_from([0.0, 2.0**-24, 0.5, 1 - 2.0**-24, 1.0])
rows = st.lists(st.lists(chances, min_size=3, max_size=3), min_size=1, max_size=4)


@given(rows, st.floats(0.05, 20), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_no_answer_ever_changes(rows, temperature, multi_label, dtype):
    scores = np.array(rows, dtype)
    found = apply_temperature(scores, temperature, multi_label)

    np.testing.assert_array_equal(found.argmax(axis=1), scores.argmax(axis=1))
    assert ((found >= 0) & (found <= 1)).all()
    if not multi_label:
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_neighbours_that_rounding_would_make_equal_stay_in_order():
    high = np.nextafter(np.float32(0.5), np.float32(1))
    scores = np.array([[0.5, high]], np.float32)

    assert apply_temperature(scores, 20.0).argmax() == 1
    assert apply_temperature(np.array([[1 - 2.0**-24, 1]], np.float32), 0.05, True).argmax() == 1


def test_frames_count_as_their_videos(tmp_path):
    labels, scores = draw_one(40, 4.0)
    keys = tuple(map(str, range(40)))
    marks = Marks(keys, keys, ("v1",) * 20 + ("v2",) * 20, np.arange(40.0), ("",) * 40, ("",) * 40)
    validation = Predictions(keys, labels, scores, ("a", "b", "c", "d"), marks=marks)

    run = fit_run_temperature(make_run(tmp_path), validation)

    assert run.temperature == fit_temperature(labels, scores, observations=2)


def make_run(folder):
    return Run(
        folder=folder,
        labels=("a", "b", "c", "d"),
        backbone_name="mobilenet_v1",
        width=0.25,
        image_size=128,
        records=Path("records"),
        dataset_digest="",
        features_dir=Path("features"),
    )


def test_a_run_gets_the_temperature_of_its_validation_split(tmp_path, capsys):
    labels, scores = draw_one(2000, 2.0)
    validation = Predictions(tuple(map(str, range(2000))), labels, scores, ("a", "b", "c", "d"))

    run = fit_run_temperature(make_run(tmp_path), validation)

    assert run.temperature == fit_temperature(labels, scores)
    assert (
        f"Temperature: {run.temperature:.2f}, from 2,000 samples of validation, where scores were surer"
        in capsys.readouterr().err
    )
    assert not list(tmp_path.iterdir())


def test_a_run_whose_validation_says_nothing_gets_none(tmp_path, capsys):
    empty = Predictions((), np.zeros(0, int), np.zeros((0, 4)), ("a", "b", "c", "d"))

    assert fit_run_temperature(make_run(tmp_path), empty).temperature is None
    assert "Temperature: none" in capsys.readouterr().err


def test_what_it_was_fitted_on_is_counted_as_people_do(tmp_path, capsys):
    labels, scores = draw_one(200, 2.0)
    keys, one = tuple(map(str, range(200))), ("only.mp4",) * 200
    marks = Marks(keys, one, one, np.arange(200.0), ("",) * 200, ("",) * 200)
    fit_run_temperature(make_run(tmp_path), Predictions(keys, labels, scores, ("a", "b", "c", "d"), marks=marks))

    assert "from 1 video of validation" in capsys.readouterr().err
