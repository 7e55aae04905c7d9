"""Composes a plan's options and trains in this process, as the printed command would in one of its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore.compat.plan import Plan
from graphcore.errors import ConfigError

if TYPE_CHECKING:
    from graphcore.config import Config
    from graphcore.training.run import Run

_LOG = "train.log"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"  # as conf/hydra/job_logging/file.yaml has it


def compose(overrides: Sequence[str]) -> Config:
    """Turns options into the object that library code takes.

    Raises:
        ConfigError: an option does not exist or has a value that it cannot take.
    """
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from graphcore import composing, explaining

    try:
        with hydra.initialize_config_dir(config_dir=str(composing.CONF_DIR), version_base="1.3"):
            return composing.to_options(hydra.compose("config", overrides=list(overrides)))
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explaining.explain(error, "config", list(overrides))) from error


def train_plan(plan: Plan, level: int = logging.INFO) -> Run:
    """Trains, with the details in RUN/train.log.

    Args:
        plan: what and where.
        level: of what is written down, as `logging` numbers them.

    Raises:
        GraphcoreError: see `graphcore.train.train`.
    """
    from graphcore.train import train

    config = compose(plan.overrides)
    os.environ.update(plan.environment)
    with _logging(plan.run_dir / _LOG, level):
        return train(config, plan.run_dir)


@contextmanager
def _logging(path: Path, level: int) -> Iterator[None]:
    root, before = logging.getLogger(), logging.getLogger().level
    for name in ("matplotlib", "PIL"):  # their details are nobody's
        logging.getLogger(name).setLevel(logging.WARNING)
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.setLevel(level)
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
