"""`train dataset=image_folder dataset.dir=PHOTOS`: from photos or videos to a tested classifier, in one command.

Converts where the records are missing or stale, restores the backbone, trains, tests, and writes all that a run holds.
The same command on the same `hydra.run.dir` goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore import atomic, console
from graphcore.command import is_sweep, run_command
from graphcore.config import GRAPH, Config, SweepConfig
from graphcore.config.learning import EXPORT_FORMATS, ProductsConfig
from graphcore.errors import ConfigError, RunError

# TensorFlow is imported when something is trained, not for --help.
if TYPE_CHECKING:
    from graphcore.evaluation.figures import Metrics
    from graphcore.nets.backbone import Backbone
    from graphcore.training.observer import Observer
    from graphcore.training.run import Run

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
    started = time.monotonic()  # before the imports: TensorFlow is among them
    from graphcore.audit import require_clean
    from graphcore.conversion.options import records_dir
    from graphcore.convert import convert
    from graphcore.heads.factory import require_fitting_head
    from graphcore.training.same_run import holds_training, refuse_other_options, write_config

    run_dir = _shorten(Path(run_dir))
    run_dir.mkdir(parents=True, exist_ok=True)
    refuse_other_options(config, run_dir)
    check_options(config)
    # Most of it is TensorFlow's import.
    seconds = {"start": time.monotonic() - started}
    manifest = convert(config)
    seconds["convert"] = time.monotonic() - started - seconds["start"]
    records = records_dir(config.dataset, config.split)
    require_fitting_head(config.head, manifest.multi_label)
    stage = time.monotonic()
    leaks = bool(require_clean(records, config.audit).leaks)
    seconds["audit"] = time.monotonic() - stage
    began_before = holds_training(run_dir)
    if not began_before:
        write_config(config, run_dir)
    _, train_by = _get_trainer(config.trainer.name)
    run = train_by(config, records, run_dir, _get_observers(config, manifest.labels, run_dir))
    if began_before:
        # Only now: a folder that held a run of other options has refused by now, and its file is still true.
        write_config(config, run_dir)
    seconds |= run.seconds
    speeds = dict(run.speeds)
    if "features" in seconds and not speeds:
        # All came from the cache: how fast it gave them.
        extracted = manifest.samples("train") + manifest.samples("validation")
        speeds["images_per_second/features"] = round(extracted / max(seconds["features"], 1e-6), 1)
    return _finish(run, config, seconds, speeds, started, quiet, leaks)


def check_options(config: Config) -> None:
    """Finds what training would refuse anyway, before hours are spent on converting.

    Raises:
        ConfigError: there is no such backbone or objective, or the trainer, the summaries or the export cannot follow
            the options.
        CheckpointError: there is no such checkpoint, or a frozen backbone cannot take it.
    """
    from graphcore.heads.factory import is_multi_label
    from graphcore.heads.judge import resolve_objective
    from graphcore.nets.factory import get_configured_backbone
    from graphcore.nets.memory import get_frozen
    from graphcore.training.summary_profile import require_enough_steps

    require_enough_steps(config.summaries.profile_steps, config.trainer.steps)
    resolve_objective(config.trainer.objective, is_multi_label(config.head))
    backbone, source = get_configured_backbone(config.backbone)
    _check_export(config.export, backbone)
    _get_trainer(config.trainer.name)[0](config)
    if config.backbone.executor == "xnnpack":
        from graphcore.graph.xnnpack import import_interpreter

        import_interpreter()
    if config.trainer.name == "frozen":
        # Weights of another network are found now, and the trainer takes what is made here.
        get_frozen(backbone, source, config.seed, Path(config.backbone.features_dir))
    if config.schedule.warmup_steps >= config.trainer.steps:
        console.warn(
            f"schedule.warmup_steps={config.schedule.warmup_steps} is all of trainer.steps={config.trainer.steps}: "
            "the learning rate never gets where optimizer.learning_rate says."
        )


def _check_export(options: ProductsConfig, backbone: Backbone) -> None:
    if backbone.name == GRAPH and "backbone" in options.formats:
        raise ConfigError(
            "export.formats=[backbone] writes a network's variables, and backbone=graph has none.",
            choices=[name for name in EXPORT_FORMATS if name != "backbone"],
        )
    if options.output_name.startswith(f"{backbone.scope}/"):
        raise ConfigError(
            f"export.output_name={options.output_name} lies among the nodes of {backbone.title}.",
            next_step="Choose another: final_result.",
        )


def _shorten(folder: Path) -> Path:
    """The folder as a person here would name it; Hydra hands out absolute paths."""
    try:
        return folder.absolute().relative_to(Path.cwd())
    except ValueError:
        return folder


def _get_trainer(name: str) -> tuple[Callable[[Config], None], Callable[..., Run]]:
    """What refuses options, and what trains. Each trainer has libraries of its own: the other one is not imported."""
    if name == "finetune":
        from graphcore.training import finetune

        return finetune.check_options, finetune.train_finetune
    from graphcore.training import frozen

    return frozen.check_options, frozen.train_frozen


def _get_observers(config: Config, labels: Sequence[str], run_dir: Path) -> list[Observer]:
    """Who watches besides TensorBoard's observers: what stands to the right of training."""
    from graphcore.export.on_the_way import IntermediateGraphs

    return [IntermediateGraphs(config, labels, run_dir)] if config.export.every_steps else []


def _finish(
    run: Run,
    config: Config,
    seconds: dict[str, float],
    speeds: dict[str, float],
    started: float,
    quiet: bool,
    leaks: bool,
) -> Run:
    """Everything that is read from a trained run: what is chosen on validation, figures, report, classic products."""
    from graphcore.evaluate import evaluate, evaluate_scored, show_metrics, show_mistakes
    from graphcore.evaluation.choices.fitting import fit_choices
    from graphcore.evaluation.judging import JudgeOptions
    from graphcore.evaluation.metrics_file import collecting, update_metrics
    from graphcore.export import export
    from graphcore.training.summaries import SummaryWriters
    from graphcore.training.summary_hparams import list_options, write_hparams

    stage = time.monotonic()
    run, validation = fit_choices(run, config.segments)
    asked = config.test
    # First the files, then the figures, by which a sweep knows what has been done.
    with collecting(run.metrics_path), atomic.writing_behind():
        evaluate_scored(run, "validation", validation, JudgeOptions(asked.top_k, asked.relax_secs, asked.resamples))
        metrics = evaluate(run, "test", asked.top_k, None, asked.relax_secs, asked.resamples)
        _warn_of_idle_options(config, metrics)
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
    final = run.validation | {f"test/{name}": value for name, value in figures_of_test.items()}
    write_hparams(run.folder, list_options(config), final, run.best_step, time.time() - seconds["total"])
    if not quiet:
        show_metrics(metrics)
    if config.test.show_mistakes:
        show_mistakes(run, "test", config.test.show_mistakes)
    _say_what_there_is(run, metrics, seconds, quiet, leaks)
    return run


def _warn_of_idle_options(config: Config, metrics: Metrics) -> None:
    given = [f"segments.{name}" for name, value in asdict(config.segments).items() if value is not None]
    given += ["test.relax_secs"] if config.test.relax_secs else []
    if given and metrics.count and metrics.videos is None:
        console.warn(f"{', '.join(given)} does nothing: these are no videos whose frames have one label each.")


def _say_what_there_is(run: Run, metrics: Metrics, seconds: dict[str, float], quiet: bool, leaks: bool) -> None:
    what_of = "(the audit found leakage: see above)" if leaks else "never trained on"
    if metrics.count:
        value = metrics.values[metrics.headline]
        counted = console.count_of(metrics.count, "frame" if metrics.videos else "sample")
        console.say(f"Test {_TOLD[metrics.headline]} {value:.1%} on {counted} {what_of}.")
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
