"""From photos to a tested classifier: whole processes, ours against the old way.

    pytest benchmarks/bench_first_run.py -s

3 781 distinct photos in 10 classes, MobileNet v1 0.5/160, 500 steps of 100, wall time from the start of a process to
its exit. First run: nothing is there but photos and weights. Second run: records and features, or the old way's texts,
are there, and a new run is trained, tested and written. Both ways compute the features of all photos and test on a
tenth of them; which tenth, each decides by its own hash. Ours does more with what it has (audit of leakage, report,
predictions, intervals), and pays for it.

The old way is `old_way.py` with every open choice taken in its favour; "to the letter" is what retrain.py did.
"""

import shutil

import pytest

from benchmarks.measuring import note_goal, time_beside
from benchmarks.whole_runs import DEFAULT_STEPS, STEPS, note_runs, set_stage

FASTER_FIRST, FASTER_SECOND = 10, 6
OLD, LITERAL = "the old way", "the old way to the letter"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return set_stage(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("first_run")


def _clear(*folders):
    for each in folders:
        shutil.rmtree(each, ignore_errors=True)


def _measure(benchmark, stage, folder, steps, cleared, rounds):
    run = folder / "run"
    return time_beside(
        benchmark,
        lambda: stage.run_ours(folder, run, steps),
        {
            OLD: lambda: stage.run_old(folder / "old", steps),
            LITERAL: lambda: stage.run_old(folder / "old", steps, literal=True),
        },
        rounds=rounds,
        setup=lambda: _clear(run, *(folder / name for name in cleared)),
        warmup_rounds=0,
    )


def _note(benchmark, stage, beside, what, wanted):
    note_runs(benchmark, stage)
    for name, bar in ((OLD, wanted), (LITERAL, None)):
        note_goal(benchmark, 2, f"{what}, against {name}", beside.ratios[name], bar)
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in beside.seconds.items())
    print(f"\n{what}: {seconds}")


def test_first_run(benchmark, stage, folder):
    beside = _measure(benchmark, stage, folder, STEPS, ("records", "features", "old"), rounds=2)
    _note(benchmark, stage, beside, "first run, photos to test", FASTER_FIRST)


def test_second_run(benchmark, stage, folder):
    _require_what_a_run_leaves(stage, folder)
    beside = _measure(benchmark, stage, folder, STEPS, (), rounds=3)
    _note(benchmark, stage, beside, "second run", FASTER_SECOND)


def test_second_run_of_default_steps(benchmark, stage, folder):
    """Of as many steps as retrain.py took when nobody said how many; once, since it takes long."""
    _require_what_a_run_leaves(stage, folder)
    beside = _measure(benchmark, stage, folder, DEFAULT_STEPS, (), rounds=1)
    _note(benchmark, stage, beside, f"second run of {DEFAULT_STEPS:,} steps", None)


def _require_what_a_run_leaves(stage, folder):
    """The last round of first runs cleared the old way's texts before ours ran."""
    if not (folder / "records").exists():
        stage.run_ours(folder, folder / "run", STEPS)
    for literal in (False, True):
        if not (folder / "old" / ("literal" if literal else "lean")).exists():
            stage.run_old(folder / "old", 1, literal)
