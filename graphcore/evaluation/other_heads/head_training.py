"""Trains another head on the features of a finished run, in RUN/heads/<name>, where that was not done before.

One that was trained there with other options stays, and the new one stands beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from graphcore import console
from graphcore.config import Config
from graphcore.errors import RunError
from graphcore.evaluation.choices.fitting import fit_choices
from graphcore.training.frozen import train_frozen
from graphcore.training.run import RUN_FILE, Run, load_run
from graphcore.training.same_run import CONFIG, digest_options, holds_training, refuse_other_options, write_config
from graphcore.training.unfinished import read_beginning

HEADS_DIR = "heads"
# Of a digest, in the name of a folder.
DIGEST_LETTERS = 8
# Says that a head has been through everything, training and what is chosen on validation.
_DONE = "metrics.json"


def read_config(folder: Path) -> DictConfig:
    """Every option that a run was trained with.

    Raises:
        RunError: they are missing or damaged.
    """
    path = folder / CONFIG
    try:
        composed = OmegaConf.load(path)
    except (OSError, ValueError, YAMLError, OmegaConfBaseException) as error:
        raise RunError(f"{path} cannot be read: {error}", next_step="Train the run again.") from error
    if not isinstance(composed, DictConfig):
        raise RunError(f"{path} holds no options.", next_step="Train the run again.")
    return composed


def place_head(run: Run, name: str, config: Config) -> Path:
    """RUN/heads/<name>; with a short digest after it where that holds a head of other options, or on other data."""
    folder = run.folder / HEADS_DIR / name
    try:
        refuse_other_options(config, folder)
        begun = read_beginning(folder) if holds_training(folder) else None
        if begun is None or (begun.dataset_digest, begun.backbone_digest) == (run.dataset_digest, run.backbone_digest):
            return folder
        other = f"{folder} holds a head that was trained on other features."
    except RunError as error:
        other = str(error).splitlines()[0]
    made_of = f"{digest_options(config)} {run.dataset_digest} {run.backbone_digest}"
    apart = folder.with_name(f"{name}-{hashlib.sha256(made_of.encode()).hexdigest()[:DIGEST_LETTERS]}")
    console.warn(f"{other} It stays; {apart} has the one that is asked for.")
    return apart


def train_on(run: Run, config: Config, folder: Path) -> Run:
    """Trains a head on a run's features, unless that was done before; one that was killed goes on.

    Args:
        run: whose features they are.
        config: every option of the training.
        folder: of the head's own run; see `place_head`.

    Raises:
        RunError: the folder holds something else.
    """
    name = config.head.name
    trained = _find_trained(folder, run, config)
    if trained is not None and (folder / _DONE).is_file():
        console.say(f"Head {name} is up to date in {folder}.")
        return trained
    if trained is None:
        console.say(f"Head {name}: training in {folder}")
        trained = _train(folder, run, config)
    # The run that all heads are compared on was told of few validation videos when it was trained.
    return fit_choices(trained, config.segments, is_told=True)[0]


def _find_trained(folder: Path, run: Run, config: Config) -> Run | None:
    """What was trained before with the same options on the same data; None where nothing was, or not to its end."""
    if not (folder / RUN_FILE).is_file() or not (folder / CONFIG).is_file():
        return None
    if OmegaConf.to_container(read_config(folder)) != OmegaConf.to_container(OmegaConf.structured(config)):
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
