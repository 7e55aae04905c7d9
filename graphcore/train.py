"""`train dataset=image_folder dataset.dir=PHOTOS`: from photos or videos to a tested classifier, in one command.

Converts where the records are missing or stale, restores the backbone, trains, tests, and writes everything a run holds.
The same command on the same `hydra.run.dir` goes on where it stopped.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore import atomic, console
from graphcore.command import run_command
from graphcore.config import Config

# TensorFlow is imported when something is trained, not for --help.
if TYPE_CHECKING:
    from graphcore.evaluation.metrics import Metrics
    from graphcore.training.run import Run


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
    from graphcore.convert import convert, records_dir

    started = time.monotonic()
    run_dir = Path(run_dir)
    run_dir.mkdir(parents=True, exist_ok=True)
    manifest = convert(config)
    seconds = {"convert": time.monotonic() - started}
    write_config(config, run_dir)
    run = _get_trainer(config.trainer.name)(config, records_dir(config.dataset), run_dir)
    seconds |= run.seconds
    speeds = {}
    if "features" in seconds:
        extracted = manifest.samples("train") + manifest.samples("validation")
        speeds["images_per_second/features"] = round(extracted / max(seconds["features"], 1e-6), 1)
    _finish(run, seconds, speeds, started)
    return run


def write_config(config: Config, run_dir: Path) -> None:
    """Writes RUN/config.yaml: every option, as it was resolved."""
    from omegaconf import OmegaConf

    atomic.write_text(run_dir / "config.yaml", OmegaConf.to_yaml(OmegaConf.structured(config)))


def _get_trainer(name: str):
    from graphcore.training.finetune import train_finetune
    from graphcore.training.frozen import train_frozen

    return {"frozen": train_frozen, "finetune": train_finetune}[name]


def _finish(run: Run, seconds: dict[str, float], speeds: dict[str, float], started: float) -> None:
    """Everything that is read from a trained run: figures, report, classic products."""
    from graphcore.evaluate import evaluate, show_metrics
    from graphcore.evaluation.metrics_file import update_metrics
    from graphcore.export import export

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
    show_metrics(metrics)
    _say_what_there_is(run, metrics, seconds)


def _say_what_there_is(run: Run, metrics: Metrics, seconds: dict[str, float]) -> None:
    accuracy = metrics.values.get("accuracy")
    if accuracy is not None:
        console.say(f"Test accuracy {accuracy:.1%} on {metrics.count:,} samples never trained on.")
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
