"""A group of the main configuration for a command that has a small configuration of its own.

`python -m graphcore.evaluate run=RUN dataset=video dataset.videos=DIR` takes every option that `dataset` has for
`train`. The configurations of the verbs stand apart from the groups (see `composing.VERBS_DIR`), so what the command
line says of a borrowed group is taken out before Hydra reads it, composed as `train` would, and put where it belongs.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from graphcore.composing import CONF_DIR
from graphcore.errors import ConfigError
from graphcore.explaining import explain


@dataclass(frozen=True)
class Borrowed:
    """What a command borrows.

    Attributes:
        group: the group's name; the verb's own configuration has it as null.
        find_defaults: given the verb's composed options, the values that options of the group have where the command
            line does not set them, by short name; those that the group lacks are passed over.
        find_usual: given the same, the choice of the group to name to somebody who made none; None for any.
    """

    group: str
    find_defaults: Callable[[DictConfig], Mapping[str, Any]]
    find_usual: Callable[[DictConfig], str | None] = lambda composed: None


def set_apart(arguments: Sequence[str], group: str) -> tuple[list[str], list[str]]:
    """The command line without what it says of a group, and that; "group=null" stays, as nothing is borrowed then."""
    names = [argument.partition("=")[0].lstrip("+~") for argument in arguments]
    is_apart = [
        (name == group or name.startswith(f"{group}.")) and argument != f"{group}=null"
        for name, argument in zip(names, arguments, strict=True)
    ]
    pairs = list(zip(arguments, is_apart, strict=True))
    return [each for each, apart in pairs if not apart], [each for each, apart in pairs if apart]


def get_filler(borrowed: Borrowed | None, overrides: Sequence[str]) -> Callable[[DictConfig], DictConfig]:
    """Composes the group at once, and gives what puts it among the verb's composed options.

    Args:
        borrowed: what the command borrows.
        overrides: what the command line says of it; where that is nothing, nothing is put anywhere. Where it chooses
            nothing, what is given raises a ConfigError.

    Raises:
        ConfigError: the group has no such choice or option.
    """
    if borrowed is None or not overrides:
        return lambda composed: composed
    if not any(each.partition("=")[0].lstrip("+~") == borrowed.group for each in overrides):
        return _get_asker(borrowed, overrides)
    group = compose_group(borrowed.group, overrides)
    given = [each.partition("=")[0].lstrip("+~") for each in overrides]

    def fill(composed: DictConfig) -> DictConfig:
        laid = group.copy()  # of a sweep's jobs each has other defaults
        for name, value in borrowed.find_defaults(composed).items():
            if name in laid and not any(_is_of(each, f"{borrowed.group}.{name}") for each in given):
                laid[name] = value
        with open_dict(composed):
            composed[borrowed.group] = laid
        return composed

    return fill


def compose_group(group: str, overrides: Sequence[str]) -> DictConfig:
    """A group of the main configuration.

    Args:
        group: its name.
        overrides: of this group alone: "dataset=video", "dataset.every_secs=2".

    Raises:
        ConfigError: the group has no such choice or option.
    """
    try:
        with hydra.initialize_config_dir(config_dir=str(CONF_DIR), version_base="1.3"):
            composed = hydra.compose("config", overrides=list(overrides))[group]
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explain(error, "config", list(overrides))) from error
    return DictConfig(OmegaConf.to_container(composed))


def _get_asker(borrowed: Borrowed, overrides: Sequence[str]) -> Callable[[DictConfig], NoReturn]:
    """What refuses options of a group of which nothing was chosen, and says what could be."""
    group = borrowed.group
    choices = sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml"))
    # At once: while a command runs Hydra composes nothing else.
    fitting = [choice for choice in choices if _takes(group, choice, overrides)]

    def ask(composed: DictConfig) -> NoReturn:
        usual = borrowed.find_usual(composed)
        named = usual if usual in fitting else (fitting or ["..."])[0]
        given = ", ".join(each.partition("=")[0] for each in overrides)
        raise ConfigError(
            f"{given}: no {group} is chosen that would have such an option.",
            choices=fitting or choices,
            next_step=f"Choose a {group} first: {group}={named} {shlex.join(overrides)}",
        )

    return ask


def _takes(group: str, choice: str, overrides: Sequence[str]) -> bool:
    try:
        compose_group(group, [f"{group}={choice}", *overrides])
    except ConfigError:
        return False
    return True


def _is_of(override: str, option: str) -> bool:
    """Whether an override, without its value, sets an option or a part of it."""
    return override == option or override.startswith(f"{option}.")
