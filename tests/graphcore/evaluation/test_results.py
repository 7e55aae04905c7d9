import csv
import json
import shutil
from dataclasses import replace

from graphcore.evaluation.judging import JudgeOptions, judge_split
from graphcore.evaluation.results import describe, place_in_run, report_name, write_results


def test_a_splits_results_lie_in_the_run(video_run, tmp_path):
    shutil.copytree(video_run.folder, tmp_path / "run")
    run = replace(video_run, folder=tmp_path / "run")
    run.metrics_path.write_text('{"test/gone": 1, "validation/accuracy": 0.25}')

    write_results(place_in_run(run), judge_split(run, "test", JudgeOptions(resamples=20)))

    figures = json.loads(run.metrics_path.read_text())
    assert "test/gone" not in figures
    assert (figures["validation/accuracy"], figures["test/samples"], figures["test/videos"]) == (0.25, 12, 2)
    assert figures["test/accuracy_low"] <= figures["test/accuracy"] <= figures["test/accuracy_high"]
    with run.predictions_path.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 12
    assert "run</title>" in run.report_path.read_text("utf-8")


def test_another_splits_report_has_its_name():
    assert [report_name(split) for split in ("test", "validation")] == ["report.html", "report-validation.html"]


def test_the_facts_say_how_the_run_was_made(video_run):
    facts = {fact.name: fact.value for fact in describe(video_run)}
    assert facts["head"] == "linear"
    assert facts["steps"] == f"40, of which step {video_run.best_step} was kept"
