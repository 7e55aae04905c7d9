"""What a classic command line comes to: options of graphcore, the run's folder, and what is told about it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphcore.compat.flag import Difference, Given, Script
from graphcore.compat.quoting import make_override
from graphcore.errors import ConfigError

_RUN_DIR = "hydra.run.dir="
_FINISHED = "run.json"


@dataclass(frozen=True)
class Plan:
    """A training as graphcore does it.

    Attributes:
        overrides: options as Hydra reads them, the user's own last.
        run_dir: the run's folder.
        differences: what is told.
        environment: variables that are set before TensorFlow starts.
    """

    overrides: tuple[str, ...]
    run_dir: Path
    differences: tuple[Difference, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[str, ...]:
        """All arguments of the equivalent command."""
        return (*self.overrides, make_override("hydra.run.dir", str(self.run_dir)))


def map_directly(given: Given, script: Script) -> list[str]:
    """The options of flags that become one option each, in the flags' order."""
    return [
        make_override(flag.option, given[flag.name]) for flag in script.flags if flag.option and given[flag.name] != ""
    ]


def tell_given(given: Given, script: Script) -> list[Difference]:
    """The differences of the flags that were given."""
    told = (flag.difference() for flag in script.flags if flag.name in given)
    return [difference for difference in told if difference is not None]


def separate_run_dir(options: Sequence[str]) -> tuple[list[str], Path | None]:
    """Takes `hydra.run.dir=RUN` out of the options that were passed on; no other option of Hydra's own acts here.

    Raises:
        ConfigError: there is one.
    """
    kept, run_dir = [], None
    for option in options:
        if option.startswith(_RUN_DIR):
            run_dir = Path(option.removeprefix(_RUN_DIR).strip("'\""))
        elif option.lstrip("+~").startswith("hydra"):
            raise ConfigError(f"{option} does nothing here.", next_step="Use the train command that is printed.")
        else:
            kept.append(option)
    return kept, run_dir


def name_run(name: str, overrides: Sequence[str], parent: Path = Path("runs")) -> Path:
    """A folder that is the same for the same options, so that a killed command goes on when it is repeated.

    One whose run is finished stays as it is, and the next number is taken.
    """
    digest = hashlib.sha256("\n".join(overrides).encode()).hexdigest()[:8]
    folder, number = parent / f"{name}-{digest}", 1
    while (folder / _FINISHED).exists():
        number += 1
        folder = parent / f"{name}-{digest}-{number}"
    return folder
