"""Other heads on the features of a finished run: each is a run of its own in RUN/heads/<name>.

Data, seed, trainer and optimiser are the run's. The options of a head are those of `conf/head/<name>.yaml`, but for
what every head has that says how mistakes are weighed: there the run's own are taken, so that only heads differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from graphcore import console
from graphcore.composing import CONF_DIR, to_options
from graphcore.config import GRAPH, HEADS, Config
from graphcore.config.commands import choose_rate
from graphcore.errors import ConfigError, RunError
from graphcore.evaluation.fitting import fit_choices
from graphcore.evaluation.head_table import HeadResult, write_heads
from graphcore.evaluation.judging import JudgeOptions, is_causal, judge_split
from graphcore.evaluation.results import place_in_run, write_results
from graphcore.heads.factory import is_multi_label, is_temporal
from graphcore.training.frozen import train_frozen
from graphcore.training.run import RUN_FILE, Run, load_run
from graphcore.training.same_run import CONFIG, refuse_other_options, write_config

HEADS_DIR = "heads"
# Of the run's own head, for all of them.
SHARED = ("class_weights", "label_smoothing", "focal_gamma")
# Says that a head has been through everything, training and what is chosen on validation.
_DONE = "metrics.json"


def compare_heads(run: Run, names: Sequence[str], split: str, options: JudgeOptions | None = None) -> list[HeadResult]:
    """Trains heads on a run's features where that was not done before, and evaluates them beside the run's own.

    Each leaves its results in its own folder, and all of their figures are in one table: see `find_csv`.

    Raises:
        ConfigError: a head cannot be put on such a run.
        RunError: the run was fine-tuned, its options are missing, or RUN/heads holds something else.
    """
    configs = plan_heads(run, names)
    # The run itself comes first: records that have moved are told before anything is trained.
    results = [_judge(run, run, split, options)]
    results += [_judge(train_on(run, name, config), run, split, options) for name, config in configs.items()]
    write_heads(find_csv(run.folder, split), results, split)
    return results


def _judge(trained: Run, own: Run, split: str, options: JudgeOptions | None) -> HeadResult:
    judged = judge_split(trained, split, options)
    write_results(place_in_run(trained), judged)
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
    composed = _read_config(run.folder)
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
    fitting = [kind for kind in kinds if is_multi_label(kind) == run.multi_label]
    if config not in fitting:
        gives = "each sample one label" if run.multi_label else "samples any number of labels"
        raise ConfigError(
            f"heads={name} gives {gives}, unlike {run.folder}: their figures cannot be compared.",
            choices=[kind.name for kind in fitting],
        )
    if is_temporal(config) and run.dataset_options.get("dataset.every_secs") is None:
        raise ConfigError(
            f"heads={name} judges the frames of videos among their neighbours, and {run.folder} was trained on photos.",
            choices=[kind.name for kind in fitting if not is_temporal(kind)],
        )


def _read_config(folder: Path) -> DictConfig:
    path = folder / CONFIG
    try:
        composed = OmegaConf.load(path)
    except (OSError, ValueError, YAMLError, OmegaConfBaseException) as error:
        raise RunError(f"{path} cannot be read: {error}", next_step="Train the run again.") from error
    if not isinstance(composed, DictConfig):
        raise RunError(f"{path} holds no options.", next_step="Train the run again.")
    return composed


def train_on(run: Run, name: str, config: Config) -> Run:
    """Trains a head on a run's features, in RUN/heads/<name>, unless that was done before; one that was killed goes on.

    Raises:
        RunError: the folder holds something else.
    """
    folder = run.folder / HEADS_DIR / name
    trained = _find_trained(folder, run, config)
    if trained is not None and (folder / _DONE).is_file():
        console.say(f"Head {name} is up to date in {folder}.")
        return trained
    if trained is None:
        console.say(f"Head {name}: training in {folder}")
        trained = _train(folder, run, config)
    return fit_choices(trained, config.segments)[0]


def _find_trained(folder: Path, run: Run, config: Config) -> Run | None:
    """What was trained before with the same options on the same data; None where nothing was, or not to its end."""
    if not (folder / RUN_FILE).is_file() or not (folder / CONFIG).is_file():
        return None
    if OmegaConf.to_container(_read_config(folder)) != OmegaConf.to_container(OmegaConf.structured(config)):
        return None
    trained = load_run(folder)
    return replace(trained, records=run.records) if trained.dataset_digest == run.dataset_digest else None


def _train(folder: Path, run: Run, config: Config) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        refuse_other_options(config, folder)
        write_config(config, folder)
        return train_frozen(config, run.records, folder)
    except RunError as error:
        raise RunError(str(error), next_step=f"Or remove {folder}, and it is trained anew.") from error
