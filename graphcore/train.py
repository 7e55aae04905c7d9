"""`train dataset=image_folder dataset.dir=PHOTOS`: from photos or videos to a tested classifier, in one command.

Converts where the records are missing or stale, restores the backbone, trains, tests, and writes all that a run holds.
The same command on the same `hydra.run.dir` goes on where it stopped.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore import console
from graphcore.command import is_sweep, run_command
from graphcore.config import Config, SweepConfig
from graphcore.errors import DatasetError, RunError

# TensorFlow is imported when something is trained, not for --help.
if TYPE_CHECKING:
    from graphcore.evaluation.metrics import Metrics
    from graphcore.training.run import Run
    from tfrecords.manifest import Manifest

# Figures that are told at the end and shown in TensorBoard: the first of these that a run has is what it is worth.
_TOLD = {"accuracy": "accuracy", "mean_average_precision": "mean average precision", "loss": "loss"}


def train(config: Config, run_dir: Path | str, quiet: bool = False) -> Run:
    """Goes the whole way: convert, restore, extract features, train, evaluate, export.

    Args:
        config: every option.
        run_dir: the folder of the run; one that holds an unfinished run of the same options is finished.
        quiet: whether to print two lines of figures at the end rather than tables.

    Returns:
        The finished run; its folder holds `metrics.json`, `predictions.csv`, `report.html` and `export/`.

    Raises:
        GraphcoreError: options, inputs, weights or a run that cannot be worked with.
    """
    from graphcore.audit import require_clean
    from graphcore.conversion.options import records_dir
    from graphcore.convert import convert
    from graphcore.training.same_run import CONFIG, refuse_other_options, write_config

    started = time.monotonic()
    run_dir = _shorten(Path(run_dir))
    run_dir.mkdir(parents=True, exist_ok=True)
    refuse_other_options(config, run_dir)
    check_options(config)
    # Most of it is TensorFlow's import.
    seconds = {"start": time.monotonic() - started}
    manifest = convert(config)
    seconds["convert"] = time.monotonic() - started - seconds["start"]
    records = records_dir(config.dataset, config.split)
    refuse_several_labels(manifest, records)
    stage = time.monotonic()
    require_clean(records, config.audit)
    seconds["audit"] = time.monotonic() - stage
    if not (run_dir / CONFIG).exists():
        write_config(config, run_dir)
    run = _get_trainer(config.trainer.name)(config, records, run_dir)
    # Once more: a folder that already held a run of other options has refused by now, and its file is still true.
    write_config(config, run_dir)
    seconds |= run.seconds
    speeds = dict(run.speeds)
    if "features" in seconds and not speeds:
        # All came from the cache: how fast it gave them.
        extracted = manifest.samples("train") + manifest.samples("validation")
        speeds["images_per_second/features"] = round(extracted / max(seconds["features"], 1e-6), 1)
    _finish(run, config, seconds, speeds, started, quiet)
    return run


def check_options(config: Config) -> None:
    """Finds what training would refuse anyway, before hours are spent on converting.

    Raises:
        ConfigError: there is no such backbone, or the trainer cannot follow the options.
        CheckpointError: there is no such checkpoint.
    """
    from graphcore.nets.factory import get_configured_backbone
    from graphcore.training import frozen

    get_configured_backbone(config.backbone)
    if config.trainer.name == "frozen":
        frozen.check_options(config)


def refuse_several_labels(manifest: Manifest, records: Path) -> None:
    """Finds that the new last layer would be given samples it cannot learn from.

    Raises:
        DatasetError: a sample may have several labels, and head=linear gives each exactly one.
    """
    if manifest.multi_label:
        raise DatasetError(
            f"{records} has samples of several labels or none; head=linear gives each exactly one.",
            next_step="Give each picture one label, or add dataset.multi_label=false to hear which rows have more.",
        )


def _shorten(folder: Path) -> Path:
    """The folder as a person here would name it; Hydra hands out absolute paths."""
    try:
        return folder.absolute().relative_to(Path.cwd())
    except ValueError:
        return folder


def _get_trainer(name: str):
    from graphcore.training.finetune import train_finetune
    from graphcore.training.frozen import train_frozen

    return {"frozen": train_frozen, "finetune": train_finetune}[name]


def _finish(
    run: Run, config: Config, seconds: dict[str, float], speeds: dict[str, float], started: float, quiet: bool
) -> None:
    """Everything that is read from a trained run: figures, report, classic products."""
    from graphcore.evaluate import evaluate, show_metrics, show_mistakes
    from graphcore.evaluation.metrics_file import update_metrics
    from graphcore.export import export
    from graphcore.training.summaries import SummaryWriters

    stage = time.monotonic()
    evaluate(run, "validation", config.test.top_k)
    metrics = evaluate(run, "test", config.test.top_k)
    seconds["evaluate"] = time.monotonic() - stage
    stage = time.monotonic()
    export(run, config.export.formats)
    seconds["export"] = time.monotonic() - stage
    seconds["total"] = time.monotonic() - started
    figures = {f"seconds/{name}": round(value, 3) for name, value in seconds.items()} | speeds
    update_metrics(run.metrics_path, {"train/steps": run.steps, "train/best_step": run.best_step} | figures)
    with SummaryWriters(run.folder, ("test",)) as writers:
        figures_of_test = {name: value for name, value in metrics.values.items() if name in _TOLD}
        writers.write_scalars("test", run.best_step, figures_of_test)
    if not quiet:
        show_metrics(metrics)
    if config.test.show_mistakes:
        show_mistakes(run, "test", config.test.show_mistakes)
    _say_what_there_is(run, metrics, seconds, quiet)


def _say_what_there_is(run: Run, metrics: Metrics, seconds: dict[str, float], quiet: bool) -> None:
    for name, title in _TOLD.items():
        if name in metrics.values and name != "loss":
            console.say(f"Test {title} {metrics.values[name]:.1%} on {metrics.count:,} samples never trained on.")
    chosen = run.objective.removeprefix("validation/")
    if run.objective in run.validation and chosen != "loss":
        value = run.validation[run.objective]
        console.say(f"Validation {_TOLD.get(chosen, chosen)} {value:.1%}: the one to choose options by.")
    stages = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if name != "total")
    console.say(f"{seconds['total']:.1f} s: {stages}")
    if not quiet:
        console.say(f"Report: {run.report_path}")
        console.say(f"Next: python -m graphcore.predict run={run.folder} 'inputs=[PICTURE,FOLDER,VIDEO]'")


def run_train(config: Config) -> float | None:
    """What the command does; returns the objective, which a sweeper maximises or minimises."""
    from hydra.core.hydra_config import HydraConfig

    run = train(config, HydraConfig.get().runtime.output_dir, quiet=is_sweep())
    return run.validation.get(run.objective)


def show_sweep(folder: Path) -> None:
    """Prints what a sweep came to, and writes its CSV and picture."""
    from graphcore.sweep.__main__ import run_sweep

    try:
        run_sweep(SweepConfig(dir=str(_shorten(folder))))
    except RunError:
        return  # no job came so far as to have options, and why has been told


def main() -> None:
    """Runs the command."""
    run_command(run_train, config_name="config", job="train", writes_run=True, after_sweep=show_sweep)


if __name__ == "__main__":
    main()
