import dataclasses
import json
import math
import os
import signal

import numpy as np
import pytest

from graphcore.config import AdamConfig, Config, CosineConfig, ImageFolderConfig, ScheduleConfig, TrainerConfig
from graphcore.config.network import GraphBackboneConfig
from graphcore.errors import RunError
from graphcore.graph.runtime import tf
from graphcore.training import checkpoints, loop
from graphcore.training.observer import Observer
from graphcore.training.resuming import fingerprint_training, read_resumable
from graphcore.training.stepper import ChunkResult, Evaluation


class Counter:
    """A stepper whose one weight is the number of steps taken, scored by a table of accuracies by step."""

    def __init__(self, accuracies, nan_at=None, interrupt_at=None, validated=True):
        self.graph = tf.Graph()
        self.accuracies, self.nan_at, self.interrupt_at = accuracies, nan_at, interrupt_at
        self.validated = validated
        self.weight = 0
        self.chunks = []

    def advance(self, first_step, steps, pause):
        self.chunks.append((first_step, steps))
        self.weight += steps
        if self.interrupt_at is not None and self.weight >= self.interrupt_at:
            os.kill(os.getpid(), signal.SIGTERM)
        loss = math.nan if self.nan_at is not None and self.weight >= self.nan_at else 1.0
        return ChunkResult(steps, loss, 0.5, 0.1)

    def evaluate(self):
        if not self.validated:
            return None
        return Evaluation({"accuracy": self.accuracies.get(self.weight, 0.0), "loss": 1.0})

    def read_variables(self):
        return {"weight": np.array(self.weight)}

    def write_variables(self, values):
        self.weight = int(values["weight"])

    def read_weights(self):
        return {"weight": np.array(self.weight)}

    def read_histograms(self):
        return {"weight": np.zeros(2)}


def train(stepper, folder, observers=(), **options):
    options = {"steps": 10, "eval_every_steps": 2, "checkpoint_every_steps": 5} | options
    state = read_resumable(folder, "fingerprint")
    return loop.train(stepper, TrainerConfig(**options), folder, "fingerprint", state, observers)


def test_weights_of_the_best_evaluation_are_kept(tmp_path):
    result = train(Counter({2: 0.2, 4: 0.9, 6: 0.3}), tmp_path)
    assert (result.progress.step, result.progress.best_step) == (10, 4)
    assert result.weights["weight"] == 4
    assert result.validation == {"validation/accuracy": 0.9, "validation/loss": 1.0}


def test_chunks_end_at_evaluations_and_checkpoints(tmp_path):
    stepper = Counter({})
    train(stepper, tmp_path)
    assert stepper.chunks == [(0, 2), (2, 2), (4, 1), (5, 1), (6, 2), (8, 2)]
    assert checkpoints.saved_steps(tmp_path) == [5, 10]


def test_patience_ends_the_training(tmp_path, capfd):
    result = train(Counter({2: 0.5}), tmp_path, patience=2)
    assert (result.progress.step, result.progress.best_step) == (6, 2)
    assert "2 evaluations in a row brought no better validation/accuracy than step 2" in " ".join(
        capfd.readouterr().err.split()
    )


def test_training_without_validation_keeps_the_last_weights_and_says_that_patience_is_idle(tmp_path, capfd):
    result = train(Counter({}, validated=False), tmp_path, patience=1)
    assert " ".join(capfd.readouterr().err.split()).count("trainer.patience=1 ends nothing") == 1
    assert (result.progress.step, result.progress.best_step) == (10, 10)
    assert result.validation == {}


def test_loss_that_is_not_finite_names_step_and_rate(tmp_path):
    with pytest.raises(RunError, match=r"(?s)nan at step 6 \(learning rate 0.1\); the last good.*ckpt-5.\n.*to 0.01"):
        train(Counter({}, nan_at=6), tmp_path)


class Exploding(Counter):
    """Its loss stays finite, and its weight is not from a step on, as after the last step of a chunk."""

    def __init__(self, from_step, **options):
        super().__init__({}, **options)
        self.from_step = from_step

    def read_variables(self):
        return {"weight": np.array(math.inf if self.weight >= self.from_step else self.weight)}

    def evaluate(self):
        found = super().evaluate()
        return Evaluation({"accuracy": 0.0, "loss": math.nan}) if found and self.weight >= self.from_step else found


def test_weights_that_no_loss_has_seen_yet_are_found_by_the_evaluation(tmp_path):
    with pytest.raises(RunError, match=r"validation loss is nan at step 6 .*the last good.*ckpt-5\."):
        train(Exploding(6), tmp_path)


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    with pytest.raises(RunError, match=r"weight is not finite at step 10 .*the last good.*ckpt-5\."):
        train(Exploding(10, validated=False), tmp_path)
    assert checkpoints.saved_steps(tmp_path) == [5]


def test_signal_saves_and_the_same_run_goes_on(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(Counter({4: 0.9}, interrupt_at=6), tmp_path)
    assert checkpoints.saved_steps(tmp_path)[-1] == 6
    stepper = Counter({8: 0.1})
    result = train(stepper, tmp_path)
    assert stepper.chunks[0][0] == 6
    assert (result.progress.step, result.progress.best_step, stepper.weight) == (10, 4, 10)
    assert result.weights["weight"] == 4


def test_finished_training_is_not_trained_again(tmp_path):
    train(Counter({4: 0.9}), tmp_path)
    stepper = Counter({})
    assert train(stepper, tmp_path).validation["validation/accuracy"] == 0.9
    assert stepper.chunks == []


def test_folder_that_is_further_than_asked_is_refused(tmp_path):
    train(Counter({}), tmp_path)
    with pytest.raises(RunError, match=r"at step 10 already, beyond trainer.steps=4.\nSet trainer.steps=10 or more"):
        train(Counter({}), tmp_path, steps=4)


def test_other_training_in_the_folder_is_refused(tmp_path):
    train(Counter({}), tmp_path)
    with pytest.raises(RunError, match=r"(?s)other data, weights or options.*hydra.run.dir"):
        read_resumable(tmp_path, "another")


def test_checkpoints_of_another_program_are_refused(tmp_path):
    checkpoints.write_state(tmp_path, 5, {"global_step": np.array(5)})
    with pytest.raises(RunError, match="checkpoints of another program"):
        read_resumable(tmp_path, "fingerprint")


def make_config(schedule, **options):
    return Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        optimizer=AdamConfig("adam"),
        schedule=schedule,
        trainer=TrainerConfig(**options),
    )


def test_fingerprint_is_plain_and_changes_with_what_decides_the_result():
    fixed = ScheduleConfig("fixed")
    base = fingerprint_training(make_config(fixed), "data", "weights")
    assert base == fingerprint_training(make_config(fixed), "data", "weights")
    assert base != fingerprint_training(make_config(fixed), "other", "weights")
    assert base != fingerprint_training(make_config(fixed), "data", "other")
    assert base != fingerprint_training(make_config(fixed, batch_size=7), "data", "weights")
    assert json.dumps(base)


def test_fingerprint_has_every_option_of_the_backbone_but_where_it_lies():
    def fingerprint(**options):
        backbone = GraphBackboneConfig("graph", checkpoint=options.pop("checkpoint", "a.pb"), **options)
        config = dataclasses.replace(make_config(ScheduleConfig("fixed")), backbone=backbone)
        return fingerprint_training(config, "data", "weights")

    assert fingerprint() == fingerprint(checkpoint="b.pb", features_dir="elsewhere", batch_size=1)
    changes = [{"crop_fraction": 1.0}, {"low": 0.0}, {"grayscale": True}, {"features_tensor": "pool:0"}]
    assert len({fingerprint(), *(fingerprint(**change) for change in changes)}) == 5


def test_more_steps_go_on_unless_they_bend_the_schedule():
    def fingerprint(schedule, steps):
        return fingerprint_training(make_config(schedule, steps=steps), "data", "weights")

    assert fingerprint(ScheduleConfig("fixed"), 10) == fingerprint(ScheduleConfig("fixed"), 20)
    assert fingerprint(CosineConfig("cosine"), 10) != fingerprint(CosineConfig("cosine"), 20)


def test_observers_hear_of_every_chunk_and_evaluation_and_of_steps_of_their_own(tmp_path):
    class Listener(Observer):
        every_steps = 3

        def __init__(self):
            self.heard = []

        def before(self, step):
            self.heard.append(("before", step))

        def advanced(self, moment):
            self.heard.append(("advanced", moment.step))

        def evaluated(self, moment):
            self.heard.append(("evaluated", moment.step, moment.evaluation.values["accuracy"]))

    listener = Listener()
    train(Counter({4: 0.9}), tmp_path, [listener], steps=4, checkpoint_every_steps=4)
    assert listener.heard == [
        *(("before", 0), ("advanced", 2), ("evaluated", 2, 0.0)),
        *(("before", 2), ("advanced", 3)),
        *(("before", 3), ("advanced", 4), ("evaluated", 4, 0.9)),
    ]


def test_observers_hear_of_a_checkpoint_after_the_evaluation_and_before_it_is_written(tmp_path, monkeypatch):
    heard, write_state = [], checkpoints.write_state

    class Listener(Observer):
        def evaluated(self, moment):
            heard.append(("evaluated", moment.step))

        def saving(self):
            heard.append("saving")

    def write(folder, step, arrays):
        heard.append(("written", step))
        return write_state(folder, step, arrays)

    monkeypatch.setattr(checkpoints, "write_state", write)
    train(Counter({}), tmp_path, [Listener()], steps=6, checkpoint_every_steps=4)
    assert heard == [
        *(("evaluated", 2), ("evaluated", 4), "saving", ("written", 4)),
        *(("evaluated", 6), "saving", ("written", 6)),
    ]


def test_checkpoint_that_is_due_by_the_clock_is_written_between_those_by_steps(tmp_path):
    train(Counter({}), tmp_path, checkpoint_every_secs=0.1, checkpoint_every_steps=1000, steps=2, eval_every_steps=1)
    assert checkpoints.saved_steps(tmp_path) == [2]

    class Slow(Counter):
        def advance(self, first_step, steps, pause):
            import time

            time.sleep(0.15)
            return super().advance(first_step, 1, pause)

    train(Slow({}), tmp_path / "slow", checkpoint_every_secs=0.1, checkpoint_every_steps=1000, steps=3)
    assert checkpoints.saved_steps(tmp_path / "slow") == [2, 3]


@pytest.mark.parametrize("alone", [0, 1, 2])
def test_progress_counts_every_step_once_whoever_tells_of_it(alone, tmp_path, capsys):
    class Telling(Counter):
        def advance(self, first_step, steps, pause):
            for _ in range(min(alone, steps)):
                pause.step_taken()
            return super().advance(first_step, steps, pause)

    train(Telling({}), tmp_path, steps=10)
    assert "Training: 10 steps in" in capsys.readouterr().err


def test_observers_hear_which_evaluation_is_the_best_so_far(tmp_path):
    class Listener(Observer):
        def __init__(self):
            self.heard = []

        def evaluated(self, moment):
            self.heard.append((moment.step, moment.best))

    listener = Listener()
    train(Counter({2: 0.2, 4: 0.9, 6: 0.3}), tmp_path, [listener], steps=6)
    assert listener.heard == [(2, True), (4, True), (6, False)]
