"""What an evaluation leaves on the disk: figures, predictions and a report, in the run or in a folder of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graphcore.evaluation.curves import WATCHED, read_curves
from graphcore.evaluation.judging import Judged
from graphcore.evaluation.metrics_file import update_metrics
from graphcore.evaluation.predictions import predictions_name, write_predictions
from graphcore.evaluation.report import Fact, ReportContent, collect_facts, write_report
from graphcore.training.run import Run
from tfrecords.reader import Reader


@dataclass(frozen=True)
class Place:
    """Where results go, and where the samples that they are of lie.

    Attributes:
        folder: for metrics.json, predictions.csv and report.html.
        title: of the report.
        of: the run, with the records that were evaluated as its own.
    """

    folder: Path
    title: str
    of: Run

    def report(self, split: str) -> Path:
        """The report of a split."""
        return self.folder / report_name(split)


def place_in_run(run: Run) -> Place:
    """The run's own folder, for a split of its own records."""
    return Place(run.folder, "/".join(run.folder.absolute().parts[-2:]), run)


def report_name(split: str) -> str:
    """The file of a split's report under the run's folder."""
    return "report.html" if split == "test" else f"report-{split}.html"


def write_results(place: Place, judged: Judged) -> None:
    """Writes metrics.json, where other splits' figures stay, the split's predictions and its report."""
    metrics, run = judged.metrics, place.of
    update_metrics(place.folder / run.metrics_path.name, metrics.flat(), replace=metrics.split)
    write_predictions(place.folder / predictions_name(metrics.split), judged.predictions)
    facts, reader = collect_facts(run), Reader(run.records)
    content = ReportContent(
        title=place.title,
        metrics=metrics,
        predictions=judged.predictions,
        timelines=judged.timelines,
        segmented=judged.segmented,
        # What somebody watched is many figures more; TensorBoard shows them.
        curves=[curve for curve in read_curves(run.summaries_dir) if not curve.split.endswith(WATCHED)],
        best_step=run.best_step or None,
        facts=describe(run),
        read_picture=lambda key: reader.lookup(key, metrics.split).encoded,
        dataset=facts.dataset,
        command=facts.command,
        versions=facts.versions,
    )
    write_report(place.report(metrics.split), content)


def describe(run: Run) -> list[Fact]:
    """How the run was made, line by line."""
    facts = [
        Fact("dataset", f"{run.records.name} ({run.dataset_digest[:12]})"),
        Fact("backbone", f"{run.backbone_name}, width {run.width:g}, {run.image_size} pixels"),
        Fact("head", run.head_config.name),
        Fact("trainer", run.trainer),
        Fact("steps", f"{run.steps:,}, of which step {run.best_step:,} was kept"),
        Fact("seed", str(run.seed)),
    ]
    facts += [Fact(name, f"{value:.4f}") for name, value in run.validation.items()]
    return facts + [Fact(f"seconds, {stage}", f"{seconds:.1f}") for stage, seconds in run.seconds.items()]
