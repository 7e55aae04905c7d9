import itertools

import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.training.summary_profile import Profile


@pytest.fixture
def profiler(monkeypatch):
    """Notes what TensorFlow's profiler is told to do."""
    told = []

    class Profiler:
        running = False

        def start(self, folder):
            if self.running:
                raise tf.errors.AlreadyExistsError(None, None, "running")
            self.running = True
            told.append(("start", folder))

        def stop(self, save=True):
            self.running = False
            told.append(("stop", save))

    profiler = Profiler()
    profiler.told = told
    monkeypatch.setattr(tf.profiler, "experimental", profiler)
    return profiler


def run(profile, make_moment, steps):
    for first, last in itertools.pairwise(steps):
        profile.before(first)
        profile.advanced(make_moment(last))


def test_steps_are_profiled_once_after_as_many_that_warm_up(profiler, make_moment, tmp_path, capfd):
    run(Profile(tmp_path, 10, 100), make_moment, [0, 7, 10, 15, 20, 30, 40])
    assert profiler.told == [("start", str(tmp_path / "summaries" / "train")), ("stop", True)]
    assert "Profiled steps 10 to 20" in capfd.readouterr().err


def test_a_resumed_training_warms_up_again(profiler, make_moment, tmp_path, capfd):
    run(Profile(tmp_path, 10, 100), make_moment, [40, 50, 60, 70])
    assert "Profiled steps 50 to 60" in capfd.readouterr().err


def test_a_profile_that_another_training_left_open_is_dropped(profiler, make_moment, tmp_path):
    profiler.running = True
    run(Profile(tmp_path, 10, 100), make_moment, [0, 10, 20])
    assert [name for name, _ in profiler.told] == ["stop", "start", "stop"]
    assert profiler.told[0] == ("stop", False)


def test_a_training_too_short_for_it_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"profile_steps=60 needs.*trainer.steps=100.\n.*=50 or less"):
        Profile(tmp_path, 60, 100)
