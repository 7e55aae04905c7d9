import numpy as np
import pytest

from graphcore.training.progress import Progress, TrainingState


def test_first_evaluation_is_the_best_so_far():
    values = {"accuracy": 0.1, "loss": 2.0}
    assert Progress(step=10).judge(values, "validation/accuracy") == Progress(10, best_step=10, best=values, stale=0)


@pytest.mark.parametrize(
    ("accuracy", "loss", "objective", "better"),
    [
        (0.6, 9.0, "validation/accuracy", True),
        (0.5, 0.9, "validation/accuracy", True),
        (0.5, 1.0, "validation/accuracy", False),
        (0.4, 0.1, "validation/accuracy", False),
        (0.4, 0.9, "validation/loss", True),
        (0.9, 1.1, "validation/loss", False),
        (0.9, 1.0, "validation/loss", True),
    ],
)
def test_better_by_objective_then_by_the_other_figure(accuracy, loss, objective, better):
    before = Progress(20, best_step=10, best={"accuracy": 0.5, "loss": 1.0})
    after = before.judge({"accuracy": accuracy, "loss": loss}, objective)
    assert (after.best_step, after.stale) == ((20, 0) if better else (10, 1))


@pytest.mark.parametrize(
    ("step", "stale", "patience", "over"),
    [(10, 0, 0, True), (9, 99, 0, False), (9, 2, 3, False), (9, 3, 3, True)],
)
def test_over_when_steps_or_patience_run_out(step, stale, patience, over):
    assert Progress(step, stale=stale).is_over(10, patience) is over


def test_state_survives_as_arrays():
    progress = Progress(30, 20, {"accuracy": 0.75, "loss": 0.1}, 1)
    state = TrainingState(progress, {"head/weights": np.ones(2)}, {"head/weights": np.zeros(2)}, "abc")
    again = TrainingState.from_arrays(state.to_arrays())
    assert (again.progress, again.fingerprint) == (progress, "abc")
    np.testing.assert_array_equal(again.variables["head/weights"], [1, 1])
    np.testing.assert_array_equal(again.best["head/weights"], [0, 0])
    assert list(again.variables) == ["head/weights"]


def test_arrays_of_something_else_are_refused():
    with pytest.raises(KeyError):
        TrainingState.from_arrays({"global_step": np.array(1)})
