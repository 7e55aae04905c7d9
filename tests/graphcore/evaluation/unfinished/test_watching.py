import shutil

import pytest

from graphcore.errors import RunError
from graphcore.evaluation.curves import read_curves
from graphcore.evaluation.judging import JudgeOptions, judge_split
from graphcore.evaluation.unfinished import watching
from graphcore.evaluation.unfinished.watching import iterate_checkpoints, watch_run
from graphcore.training import checkpoints
from graphcore.training.run import RUN_FILE, Run
from graphcore.training.unfinished import BEGUN_FILE


class Training:
    """A training that does what is planned for each second, and the clock it is watched by."""

    def __init__(self, folder, plan):
        self.folder, self.plan, self.now = folder, plan, 0.0

    def sleep(self, seconds):
        self.now += seconds
        for action in self.plan.pop(int(self.now), ()):
            action(self)

    def clock(self):
        return self.now

    def run(self, steps=0):
        return Run(self.folder, ("a", "b"), "mobilenet_v1", 0.25, 128, self.folder, "", self.folder, steps=steps)


def begin(training):
    training.run().write(checkpoints.checkpoints_dir(training.folder) / BEGUN_FILE)


def save(step):
    def action(training):
        path = checkpoints.model_prefix(training.folder, step)
        path.with_name(f"{path.name}.index").touch()

    return action


def remove(step):
    def action(training):
        path = checkpoints.model_prefix(training.folder, step)
        path.with_name(f"{path.name}.index").unlink()

    return action


def finish(steps):
    return lambda training: training.run(steps).write()


def watch(folder, plan, timeout_secs=10.0):
    folder.mkdir()
    (folder / "checkpoints").mkdir()
    training = Training(folder, plan)
    found = iterate_checkpoints(folder, timeout_secs, training.sleep, training.clock)
    return [(step, training.now) for _, step in found], training.now


def test_each_checkpoint_is_given_once_until_the_run_is_finished(tmp_path, capsys):
    plan = {2: [begin], 3: [save(10)], 5: [save(20), save(30)], 8: [save(40), finish(40)]}
    steps, _ = watch(tmp_path / "run", plan)
    assert steps == [(10, 3.0), (20, 5.0), (30, 5.0), (40, 8.0)]
    said = capsys.readouterr().err
    assert "Waiting for the first checkpoint" in said
    assert "run is finished." in said


def test_a_run_that_does_not_begin_ends_the_waiting(tmp_path, capsys):
    assert watch(tmp_path / "run", {}, timeout_secs=4) == ([], 4.0)
    assert "No checkpoint came in 4 s (timeout_secs)." in capsys.readouterr().err


def test_a_file_is_not_waited_for(tmp_path):
    path = tmp_path / "run.json"
    path.write_text("{}")
    with pytest.raises(
        RunError, match=r"run=.*run\.json is a file, and never will be a run\.\nGive the folder of a run"
    ):
        watch_run(path, "test", JudgeOptions(), timeout_secs=60)


def test_each_checkpoint_begins_the_waiting_anew(tmp_path):
    steps, end = watch(tmp_path / "run", {1: [begin, save(10)], 4: [save(20)]}, timeout_secs=5)
    assert (steps, end) == ([(10, 1.0), (20, 4.0)], 9.0)


def test_a_finished_run_that_trains_on_is_not_finished(tmp_path):
    # run.json is that of the first 10 steps until the new ones are done.
    plan = {1: [begin, finish(10), save(20)], 3: [save(30), finish(30)]}
    assert watch(tmp_path / "run", plan)[0] == [(20, 1.0), (30, 3.0)]


def test_the_same_step_of_a_training_begun_anew_is_given_again(tmp_path):
    plan = {1: [begin, save(10)], 3: [remove(10)], 5: [save(10), finish(10)]}
    assert watch(tmp_path / "run", plan)[0] == [(10, 1.0), (10, 5.0)]


def test_checkpoints_of_a_run_are_worth_what_the_run_is(video_run, tmp_path, capsys):
    folder = tmp_path / "run"
    shutil.copytree(video_run.folder, folder)

    looks = watch_run(folder, "test", JudgeOptions(), timeout_secs=5)

    final = judge_split(video_run, "test", JudgeOptions(resamples=0)).metrics
    assert [look.step for look in looks] == [20, 40]
    assert video_run.best_step in (20, 40)
    best = next(look for look in looks if look.step == video_run.best_step)
    assert best.metrics.values["loss"] == pytest.approx(final.values["loss"], rel=1e-5)
    accuracy, edit = best.metrics.values["accuracy"], best.metrics.values["edit"]
    said = capsys.readouterr().err
    assert f"step {best.step}: accuracy {accuracy:.4f}, loss" in said
    assert f"edit {edit:.1f}, F1@50" in said
    curves = {(curve.split, curve.name): curve for curve in read_curves(folder / "summaries")}
    assert curves["test-watched", "accuracy"].steps == (20, 40)
    assert curves["test-watched", "f1@50"].steps == (20, 40)


def test_a_checkpoint_that_is_gone_is_passed_over(video_run, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    shutil.copytree(video_run.folder, folder)
    make = watching.make_run_at_step

    def make_later(begun, step, aside):
        if step == 20:  # the trainer was faster
            for path in checkpoints.checkpoints_dir(folder).glob("model.ckpt-20.*"):
                path.unlink()
        return make(begun, step, aside)

    monkeypatch.setattr(watching, "make_run_at_step", make_later)

    assert [look.step for look in watch_run(folder, "test", JudgeOptions(), timeout_secs=5)] == [40]
    assert "step 20: gone before it could be looked at" in capsys.readouterr().err


def test_a_run_that_was_never_described_is_watched_once_it_is_finished(video_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(video_run.folder, folder)
    (checkpoints.checkpoints_dir(folder) / BEGUN_FILE).unlink()
    assert (folder / RUN_FILE).is_file()

    assert [step for _, step in iterate_checkpoints(folder, 5)] == [20, 40]
