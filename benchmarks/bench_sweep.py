"""Twenty heads on one dataset: `train -m` in one process, against twenty warm runs of the old way.

    pytest benchmarks/bench_sweep.py -s

The same photos, network and steps as in `bench_first_run.py`; records and features, or the old way's texts, are there
before. Twenty linear heads: ten learning rates, each with and without weight decay; every job is trained, tested and
written, with report and frozen graph, and the sweep's table is made of all. The old way has no sweep: it is run once,
with its texts there, and what that took is taken twenty times.
"""

import shutil

import pytest

from benchmarks.measuring import note_goal, time_beside
from benchmarks.whole_runs import STEPS, note_runs, set_stage

CHEAPER = 30
RATES = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
DECAYS = (0, 0.0001)
JOBS = len(RATES) * len(DECAYS)
OLD, LITERAL = "the old way", "the old way to the letter"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return set_stage(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def folder(stage, tmp_path_factory):
    """Records, features and texts, made by a run of each."""
    folder = tmp_path_factory.mktemp("sweep")
    stage.run_ours(folder, folder / "run", STEPS)
    for literal in (False, True):
        stage.run_old(folder / "old", 1, literal)
    return folder


def test_sweep(benchmark, stage, folder):
    choices = {"optimizer.learning_rate": RATES, "head.weight_decay": DECAYS}
    beside = time_beside(
        benchmark,
        lambda: stage.run_sweep(folder, folder / "sweep", STEPS, choices),
        {
            OLD: lambda: stage.run_old(folder / "old", STEPS),
            LITERAL: lambda: stage.run_old(folder / "old", STEPS, literal=True),
        },
        rounds=2,
        setup=lambda: shutil.rmtree(folder / "sweep", ignore_errors=True),
        warmup_rounds=0,
    )
    note_runs(benchmark, stage)
    for name, bar in ((OLD, CHEAPER), (LITERAL, None)):
        what = f"a sweep of {JOBS} heads, against {JOBS} warm runs of {name}"
        note_goal(benchmark, 3, what, JOBS * beside.ratios[name], bar)
    print(f"\na sweep of {JOBS} heads: " + ", ".join(f"{name} {value:.1f} s" for name, value in beside.seconds.items()))
