import csv
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from graphcore.evaluation.judging import JudgeOptions, judge_split
from graphcore.evaluation.results import Other, Place, describe, name_report, place_in_run, report_name, write_results


def test_a_splits_results_lie_in_the_run(video_run, tmp_path):
    shutil.copytree(video_run.folder, tmp_path / "run")
    run = replace(video_run, folder=tmp_path / "run")
    run.metrics_path.write_text('{"test/gone": 1, "validation/accuracy": 0.25}')

    write_results(place_in_run(run, "evaluate run=RUN 'a=<b>'"), judge_split(run, "test", JudgeOptions(resamples=20)))

    figures = json.loads(run.metrics_path.read_text())
    assert "test/gone" not in figures
    assert (figures["validation/accuracy"], figures["test/samples"], figures["test/videos"]) == (0.25, 12, 2)
    assert "test/accuracy_low" not in figures  # two videos say nothing of others
    with run.predictions_path.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 12
    page = run.report_path.read_text("utf-8")
    assert f"/run: test split of videos, {date.today().isoformat()}</title>" in page
    assert "evaluate run=RUN &#x27;a=&lt;b&gt;&#x27;" in page or "evaluate run=RUN 'a=&lt;b&gt;'" in page


def test_another_splits_report_has_its_name():
    assert [report_name(split) for split in ("test", "validation")] == ["report.html", "report-validation.html"]


def test_the_title_of_another_dataset_says_that_all_of_it_was_tested(video_run):
    run = replace(video_run, folder=Path("/runs/mine"))
    place = Place(Path("there"), run, run, other=Other("hospital", True, "No copies.", False))
    assert name_report(place, "test", "hospital", date(2026, 11, 21)) == "runs/mine: all of hospital, 2026-11-21"


def test_the_facts_say_how_the_run_was_made(video_run):
    facts = {fact.name: fact.value for fact in describe(video_run)}
    assert "trained on" not in facts
    assert facts["head"] == "linear"
    assert facts["steps"] == f"40, of which step {video_run.best_step} was kept"
