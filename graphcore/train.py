"""`train dataset=image_folder dataset.dir=PHOTOS`: from photos or videos to a tested classifier, in one command.

Converts where the records are missing or stale, restores the backbone, trains, tests, and writes all that a run holds.
The same command on the same `hydra.run.dir` goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphcore import atomic, console
from graphcore.command import run_command
from graphcore.config import Config
from graphcore.errors import DatasetError, RunError

# TensorFlow is imported when something is trained, not for --help.
if TYPE_CHECKING:
    from graphcore.evaluation.metrics import Metrics
    from graphcore.training.run import Run
    from tfrecords.manifest import Manifest

CONFIG = "config.yaml"
# What may differ when a run goes on: lengths, intervals, places, and who does the work.
_MAY_CHANGE = {
    "trainer.steps",
    "trainer.eval_every_steps",
    "trainer.checkpoint_every_steps",
    "trainer.patience",
    "dataset.dir",
    "dataset.list",
    "dataset.videos",
    "dataset.annotations",
    "dataset.records",
    "audit.on_leakage",
    "audit.similar_bits",
    "audit.tolerated_percent",
    "shards.workers",
    "backbone.checkpoint",
    "backbone.features_dir",
    "backbone.batch_size",
}


def train(config: Config, run_dir: Path | str) -> Run:
    """Goes the whole way: convert, restore, extract features, train, evaluate, export.

    Args:
        config: every option.
        run_dir: the folder of the run; one that holds an unfinished run of the same options is finished.

    Returns:
        The finished run; its folder holds `metrics.json`, `predictions.csv`, `report.html` and `export/`.

    Raises:
        GraphcoreError: options, inputs, weights or a run that cannot be worked with.
    """
    from graphcore.audit import require_clean
    from graphcore.conversion.options import records_dir
    from graphcore.convert import convert

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
    _finish(run, seconds, speeds, started)
    return run


def refuse_other_options(config: Config, run_dir: Path) -> None:
    """Finds that the folder holds a training of other options before the records it was trained on are made anew.

    Raises:
        RunError: what differs decides the result.
    """
    from omegaconf import OmegaConf

    path = run_dir / CONFIG
    if not path.exists() or not (run_dir / "checkpoints").exists():
        return
    before = OmegaConf.to_container(OmegaConf.load(path))
    now = OmegaConf.to_container(OmegaConf.structured(config))
    changed = [line for name, line in _list_changes(before, now) if name not in _MAY_CHANGE]
    if changed:
        raise RunError(
            f"{run_dir} holds a training of other options: {'; '.join(changed)}.",
            next_step="Choose another hydra.run.dir, or give the options it was started with.",
        )


def _list_changes(before: Any, now: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(option, what it was and is) for every option that is not the same."""
    for name in dict.fromkeys((*before, *now)):
        old, new, full = before.get(name), now.get(name), f"{prefix}{name}"
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _list_changes(old, new, f"{full}.")
        elif old != new:
            yield full, f"{full} was {old}, now {new}"


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


def write_config(config: Config, run_dir: Path) -> None:
    """Writes RUN/config.yaml: every option, as it was resolved."""
    from omegaconf import OmegaConf

    atomic.write_text(run_dir / CONFIG, OmegaConf.to_yaml(OmegaConf.structured(config)))


def _get_trainer(name: str):
    from graphcore.training.finetune import train_finetune
    from graphcore.training.frozen import train_frozen

    return {"frozen": train_frozen, "finetune": train_finetune}[name]


def _finish(run: Run, seconds: dict[str, float], speeds: dict[str, float], started: float) -> None:
    """Everything that is read from a trained run: figures, report, classic products."""
    from graphcore.evaluate import evaluate, show_metrics
    from graphcore.evaluation.metrics_file import update_metrics
    from graphcore.export import export
    from graphcore.training.summaries import SummaryWriters

    stage = time.monotonic()
    evaluate(run, "validation")
    metrics = evaluate(run, "test")
    seconds["evaluate"] = time.monotonic() - stage
    stage = time.monotonic()
    export(run)
    seconds["export"] = time.monotonic() - stage
    seconds["total"] = time.monotonic() - started
    figures = {f"seconds/{name}": round(value, 3) for name, value in seconds.items()} | speeds
    update_metrics(run.metrics_path, {"train/steps": run.steps, "train/best_step": run.best_step} | figures)
    with SummaryWriters(run.folder, ("test",)) as writers:
        figures_of_test = {name: metrics.values[name] for name in ("accuracy", "loss") if name in metrics.values}
        writers.write_scalars("test", run.best_step, figures_of_test)
    show_metrics(metrics)
    _say_what_there_is(run, metrics, seconds)


def _say_what_there_is(run: Run, metrics: Metrics, seconds: dict[str, float]) -> None:
    accuracy = metrics.values.get("accuracy")
    if accuracy is not None:
        console.say(f"Test accuracy {accuracy:.1%} on {metrics.count:,} samples never trained on.")
    if "validation/accuracy" in run.validation:
        console.say(f"Validation accuracy {run.validation['validation/accuracy']:.1%}: the one to choose options by.")
    stages = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if name != "total")
    console.say(f"{seconds['total']:.1f} s: {stages}")
    console.say(f"Report: {run.report_path}")
    console.say(f"Next: python -m graphcore.predict run={run.folder} 'inputs=[PICTURE,FOLDER,VIDEO]'")


def run_train(config: Config) -> float | None:
    """What the command does; returns the objective, which a sweeper maximises or minimises."""
    from hydra.core.hydra_config import HydraConfig

    run = train(config, HydraConfig.get().runtime.output_dir)
    return run.validation.get(config.trainer.objective)


def main() -> None:
    """Runs the command."""
    run_command(run_train, config_name="config", job="train", writes_run=True)


if __name__ == "__main__":
    main()
