"""slim's flags of optimisers and of the learning rate's decay, as options of graphcore."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graphcore.compat.flag import Difference, Given
from graphcore.compat.quoting import make_override
from graphcore.errors import ConfigError
from graphcore.sources.record_samples import count_records

# The flags that each optimiser obeyed, and the options they are. Source: tensorflow/models, research/slim,
# train_image_classifier.py.
_OPTIMIZERS: dict[str, dict[str, str]] = {
    "adadelta": {"adadelta_rho": "rho", "opt_epsilon": "epsilon"},
    "adagrad": {"adagrad_initial_accumulator_value": "initial_accumulator_value"},
    "adam": {"adam_beta1": "beta1", "adam_beta2": "beta2", "opt_epsilon": "epsilon"},
    "ftrl": {
        "ftrl_learning_rate_power": "learning_rate_power",
        "ftrl_initial_accumulator_value": "initial_accumulator_value",
        "ftrl_l1": "l1",
        "ftrl_l2": "l2",
    },
    "momentum": {"momentum": "momentum"},
    "rmsprop": {"rmsprop_decay": "decay", "rmsprop_momentum": "momentum", "opt_epsilon": "epsilon"},
    "sgd": {},
}
_OF_OPTIMIZERS = {flag for obeyed in _OPTIMIZERS.values() for flag in obeyed}
_OF_SCHEDULES = {
    "fixed": (),
    "exponential": ("learning_rate_decay_factor", "num_epochs_per_decay"),
    "polynomial": ("end_learning_rate", "num_epochs_per_decay"),
}


def choose_optimizer(given: Given) -> list[str]:
    """The constants of the chosen optimiser."""
    obeyed = _OPTIMIZERS[given["optimizer"]]
    return [make_override(f"optimizer.{option}", given[flag]) for flag, option in obeyed.items()]


def choose_schedule(given: Given, files: Iterable[Path]) -> list[str]:
    """The constants of the chosen decay, and the warm-up.

    Args:
        given: the flags.
        files: records to train on; they are counted where the warm-up is given in epochs.

    Raises:
        ConfigError: a decay that rises.
        RecordsError: a file of records is damaged.
    """
    kind, options = given["learning_rate_decay_type"], []
    if kind != "fixed":
        options.append(make_override("schedule.decay_epochs", given["num_epochs_per_decay"]))
    if kind == "exponential":
        options += [
            make_override("schedule.decay_rate", given["learning_rate_decay_factor"]),
            "schedule.staircase=true",
        ]
    if kind == "polynomial":
        end = _divide_rates(given["end_learning_rate"], given["learning_rate"])
        options += [make_override("schedule.end_factor", end), "schedule.power=1.0"]
    if given["warmup_epochs"]:
        samples = sum(map(count_records, files))
        steps = max(1, round(given["warmup_epochs"] * samples / given["batch_size"]))
        options.append(make_override("schedule.warmup_steps", steps))
    return options


def _divide_rates(end: float, start: float) -> float:
    if not 0 <= end <= start or not start:
        raise ConfigError(
            f"--end_learning_rate={end:g} is not between 0 and --learning_rate={start:g}.",
            next_step="Give a rate that a polynomial decay can fall to.",
        )
    return end / start


def tell_unused(given: Given) -> list[Difference]:
    """The flags of another optimiser or decay than the chosen: the script passed over them without a word."""
    kind, optimizer = given["learning_rate_decay_type"], given["optimizer"]
    of_schedules = {flag for obeyed in _OF_SCHEDULES.values() for flag in obeyed}
    unused = dict.fromkeys(_OF_OPTIMIZERS - set(_OPTIMIZERS[optimizer]), f"optimizer={optimizer}")
    unused |= dict.fromkeys(of_schedules - set(_OF_SCHEDULES[kind]), f"schedule={kind}")
    return [
        Difference(f"--{flag}", "passed over it, too", f"does nothing with {chosen}")
        for flag, chosen in sorted(unused.items())
        if flag in given
    ]
