"""Other heads on the features of a finished run: each is a run of its own in RUN/heads/<name>.

Data, seed, trainer and optimiser are the run's. The options of a head are those of `conf/head/<name>.yaml`, but for
what every head has that says how mistakes are weighed: there the run's own are taken, so that only heads differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from graphcore.composing import CONF_DIR, to_options
from graphcore.config import GRAPH, HEADS, Config
from graphcore.config.commands import choose_rate
from graphcore.errors import ConfigError, RunError
from graphcore.evaluation.judging import JudgeOptions, is_causal, judge_split
from graphcore.evaluation.other_heads.head_table import HeadResult, write_heads
from graphcore.evaluation.other_heads.head_training import HEADS_DIR, place_head, read_config, train_on
from graphcore.evaluation.results import place_in_run, write_results
from graphcore.heads.factory import is_multi_label, is_temporal
from graphcore.training.run import Run
from graphcore.training.same_run import CONFIG

# Of the run's own head, for all of them.
SHARED = ("class_weights", "label_smoothing", "focal_gamma")


def compare_heads(
    run: Run, names: Sequence[str], split: str, options: JudgeOptions | None = None, command: str = ""
) -> list[HeadResult]:
    """Trains heads on a run's features where that was not done before, and evaluates them beside the run's own.

    Each leaves its results in its own folder, and all of their figures are in one table: see `find_csv`. `command` is
    what was typed, for the reports.

    Raises:
        ConfigError: a head cannot be put on such a run.
        RunError: the run was fine-tuned, its options are missing, RUN/heads holds something else, or the split is
            empty.
    """
    configs = plan_heads(run, names)
    # All before any is trained, which may take long.
    places = {name: place_head(run, name, config) for name, config in configs.items()}
    # The run itself comes first: records that have moved are told before anything is trained.
    results = [_judge(run, run, split, options, command)]
    if not results[0].metrics.count:
        raise RunError(
            f"The {split} split of {run.folder} has no samples: there is nothing to compare heads on.",
            next_step="Choose another: split=validation.",
        )
    for name, config in configs.items():
        results.append(_judge(train_on(run, config, places[name]), run, split, options, command))
    write_heads(find_csv(run.folder, split), results, split)
    return results


def _judge(trained: Run, own: Run, split: str, options: JudgeOptions | None, command: str) -> HeadResult:
    judged = judge_split(trained, split, options)
    write_results(place_in_run(trained, command), judged)
    seconds, is_own = trained.seconds.get("train", 0.0), trained.folder == own.folder
    return HeadResult(trained.head_config.name, is_causal(trained), is_own, seconds, judged.metrics)


def find_csv(folder: Path, split: str) -> Path:
    """The file below a run's folder that has every figure of every head on a split."""
    return folder / HEADS_DIR / ("heads.csv" if split == "test" else f"heads-{split}.csv")


def plan_heads(run: Run, names: Sequence[str]) -> dict[str, Config]:
    """The options of each head that is not the run's own, by name.

    Raises:
        ConfigError: see `plan_head`.
        RunError: likewise.
    """
    return {name: plan_head(run, name) for name in names if name != run.head_config.name}


def plan_head(run: Run, name: str) -> Config:
    """Every option of the training of a head on a run's features.

    Raises:
        ConfigError: the head is for videos, and the run for photos; or one of them is for several labels.
        RunError: the run was fine-tuned, or its options are missing.
    """
    _require_frozen(run, name)
    _require_fitting(run, name)
    try:
        return _change_head(run, name, read_config(run.folder))
    except (ConfigError, OmegaConfBaseException, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(f"{run.folder / CONFIG} is damaged: {reason}", next_step="Train the run again.") from error


def _change_head(run: Run, name: str, composed: DictConfig) -> Config:
    head = OmegaConf.load(CONF_DIR / "head" / f"{name}.yaml")
    shared = {option: run.head_options[option] for option in SHARED if option in run.head_options}
    composed.head = OmegaConf.merge(head, shared)
    if composed.optimizer.learning_rate == choose_rate(run.head_config):
        composed.optimizer.learning_rate = None  # nobody asked for another: each head has the one that suits it
    if run.backbone_name != GRAPH:
        # The run's copy: the checkpoint that it began with may be gone, or hold others by now.
        kept = {"checkpoint": str(run.folder), "use_ema": None, "exclude_scopes": None, "ignore_missing": False}
        composed.backbone = OmegaConf.merge(composed.backbone, kept)
    return to_options(composed)


def _require_frozen(run: Run, name: str) -> None:
    if run.trainer == "frozen":
        return
    raise RunError(
        f"{run.folder} was fine-tuned: its features changed while its head was trained.",
        next_step="For other heads on the features it ended with, train them by themselves: train trainer=frozen "
        f"backbone.checkpoint={run.folder} head={name} and the run's options of dataset, split and backbone.",
    )


def _require_fitting(run: Run, name: str) -> None:
    config = HEADS[name](name)
    kinds = [kind(each) for each, kind in HEADS.items()]
    of_photos = run.dataset_options.get("dataset.every_secs") is None
    fitting = [kind for kind in kinds if is_multi_label(kind) == run.multi_label]
    choices = [kind.name for kind in fitting if not (of_photos and is_temporal(kind))]
    if config not in fitting:
        gives = "each sample one label" if run.multi_label else "samples any number of labels"
        raise ConfigError(
            f"heads={name} gives {gives}, unlike {run.folder}: their figures cannot be compared.",
            choices=choices,
        )
    if of_photos and is_temporal(config):
        raise ConfigError(
            f"heads={name} judges the frames of videos among their neighbours, and {run.folder} was trained on photos.",
            choices=choices,
        )
