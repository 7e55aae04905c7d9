"""What an evaluation leaves on the disk: figures, predictions and a report, in the run or in a folder of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from graphcore.evaluation.curves import WATCHED, read_curves
from graphcore.evaluation.judging import Judged
from graphcore.evaluation.metrics_file import update_metrics
from graphcore.evaluation.predictions import predictions_name, write_predictions
from graphcore.evaluation.report import DatasetFacts, Fact, ReportContent, collect_facts, write_report
from graphcore.training.run import Run
from tfrecords.reader import Reader


@dataclass(frozen=True)
class Other:
    """Another dataset than the run's own, all of which is evaluated.

    Attributes:
        name: of the dataset.
        is_filmed: whether somebody gave its videos.
        copies: whether it has copies of what the run was trained on, in a sentence.
        has_copies: whether it is known to have.
    """

    name: str
    is_filmed: bool
    copies: str
    has_copies: bool


@dataclass(frozen=True)
class Place:
    """Where results go, and where the samples that they are of lie.

    Attributes:
        folder: for metrics.json, predictions.csv and report.html.
        run: as it was trained.
        of: the run, with the records that were evaluated as its own.
        command: that was typed for this evaluation; "" where it is part of the training.
        other: the dataset of those records; None for the run's own.
    """

    folder: Path
    run: Run
    of: Run
    command: str = ""
    other: Other | None = None

    def report(self, split: str) -> Path:
        """The report of a split."""
        return self.folder / report_name(split)


def place_in_run(run: Run, command: str = "") -> Place:
    """The run's own folder, for a split of its own records; `command` as in `Place`."""
    return Place(run.folder, run, run, command)


def report_name(split: str) -> str:
    """The file of a split's report under the run's folder."""
    return "report.html" if split == "test" else f"report-{split}.html"


def write_results(place: Place, judged: Judged) -> None:
    """Writes metrics.json, where other splits' figures stay, the split's predictions and its report."""
    metrics, run = judged.metrics, place.of
    update_metrics(place.folder / run.metrics_path.name, metrics.flat(), replace=metrics.split)
    write_predictions(place.folder / predictions_name(metrics.split), judged.predictions)
    facts, reader, other = collect_facts(run, place.other and place.other.is_filmed), Reader(run.records), place.other
    content = ReportContent(
        title=name_report(
            place, metrics.split, facts.dataset.name if facts.dataset else run.records.name, date.today()
        ),
        metrics=metrics,
        predictions=judged.predictions,
        timelines=judged.timelines,
        segmented=judged.segmented,
        # What somebody watched is many figures more; TensorBoard shows them.
        curves=[curve for curve in read_curves(run.summaries_dir) if not curve.split.endswith(WATCHED)],
        best_step=run.best_step or None,
        facts=describe(place.run, names_records=other is not None),
        read_picture=lambda key: reader.lookup(key, metrics.split).encoded,
        dataset=facts.dataset if other is None else describe_other(facts.dataset, other),
        whole=other.name if other else "",
        command=facts.command,
        evaluation=place.command,
        versions=facts.versions,
    )
    write_report(place.report(metrics.split), content)


def name_report(place: Place, split: str, dataset: str, today: date) -> str:
    """The report's title: the run, what it was tested on, and when."""
    name = "/".join(place.run.folder.absolute().parts[-2:])
    what = f"all of {dataset}" if place.other else f"{split} split of {dataset}"
    return f"{name}: {what}, {today.isoformat()}"


def describe_other(dataset: DatasetFacts | None, other: Other) -> DatasetFacts | None:
    """What is known of records that were made to be tested on alone: they have no splits that could leak."""
    return dataset and replace(dataset, grouped_by="", audit=(other.copies,), leaks=other.has_copies, whole=True)


def describe(run: Run, names_records: bool = False) -> list[Fact]:
    """How the run was made, line by line.

    Args:
        run: as it was trained.
        names_records: whether to say what on; a report of its own records does so in a section of its own.
    """
    dataset = run.dataset_options.get("dataset.name") or run.records.name
    facts = [Fact("trained on", f"{dataset} ({run.dataset_digest[:12]})")] if names_records else []
    facts += [
        Fact("backbone", f"{run.backbone_name}, width {run.width:g}, {run.image_size} pixels"),
        Fact("head", run.head_config.name),
        Fact("trainer", run.trainer),
        Fact("steps", f"{run.steps:,}, of which step {run.best_step:,} was kept"),
        Fact("seed", str(run.seed)),
    ]
    facts += [Fact(name, f"{value:.4f}") for name, value in run.validation.items()]
    return facts + [Fact(f"seconds, {stage}", f"{seconds:.1f}") for stage, seconds in run.seconds.items()]
