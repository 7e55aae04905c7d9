import math

import pytest

from graphcore.errors import RunError
from graphcore.sweep.jobs import Job, read_jobs
from graphcore.sweep.summary import Spread, choose_metric, summarise


def test_seeds_are_averaged_and_the_best_setting_comes_first(folder):
    summary = summarise(read_jobs(folder), "validation/accuracy")
    assert summary.options == ("optimizer.learning_rate",)
    assert [setting.options for setting in summary.settings] == [("0.01",), ("0.1",)]
    best = summary.settings[0]
    assert best.jobs == ("2", "3")
    assert best.metric.mean == pytest.approx(0.85)
    # of 0.8 and 0.9: sqrt(2 * 0.05 ** 2 / (2 - 1))
    assert best.metric.deviation == pytest.approx(0.05 * math.sqrt(2))
    assert best.others["test/accuracy"].mean == pytest.approx(0.6)
    assert best.seconds == pytest.approx(4.5)


def test_what_failed_is_told_apart(folder):
    assert [job.name for job in summarise(read_jobs(folder), "validation/accuracy").unfinished] == ["10"]


def test_seeds_are_settings_when_nothing_is_averaged_over(folder):
    summary = summarise(read_jobs(folder), "validation/accuracy", average_over=())
    assert summary.options == ("optimizer.learning_rate", "seed")
    assert len(summary.settings) == 4
    assert summary.settings[0].metric == Spread(0.9, None)


def test_less_loss_is_better():
    jobs = [
        Job(str(loss), {"head": name}, {"validation/loss": loss}, "validation/loss")
        for name, loss in (("mlp", 2.0), ("linear", 1.0))
    ]
    assert [setting.options for setting in summarise(jobs, "validation/loss").settings] == [("linear",), ("mlp",)]


def test_metric_is_what_the_jobs_chose_their_weights_by(folder):
    assert choose_metric(read_jobs(folder), None) == "validation/accuracy"


def test_unknown_metric_lists_those_there_are(folder):
    with pytest.raises(RunError, match=r"metric=test/f2 is in no job.*\nChoices: test/accuracy, validation/accuracy\."):
        choose_metric(read_jobs(folder), "test/f2")


@pytest.mark.parametrize(("spread", "text"), [(Spread(0.5, None), "0.5000"), (Spread(0.85, 0.0707), "0.850±0.071")])
def test_spread_reads_short(spread, text):
    assert str(spread) == text
