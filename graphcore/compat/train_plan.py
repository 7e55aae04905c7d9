"""From slim's training flags to options of graphcore. Looks at the folder of records and reads none of them but their
lengths, where a warm-up is counted in epochs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphcore.compat import train_flags as flags
from graphcore.compat.flag import Difference, Given
from graphcore.compat.plan import Plan, map_directly, separate_run_dir, tell_given
from graphcore.compat.quoting import make_override
from graphcore.compat.slim_models import choose_augment, find_model
from graphcore.compat.train_rates import choose_optimizer, choose_schedule, tell_unused
from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.record_sets import explain_names, list_prefixes, parse_name
from graphcore.sources.split_words import parse_split

VIEWS = 8
_FREQUENT_STEPS = 500
_NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1"}

# Options that only trainer=finetune has, by the flag that sets them.
_OF_FINETUNE = ("num_preprocessing_threads", "moving_average_decay")
_LAST_LAYERS = {"logits", "auxlogits", "predictions", "fc8"}


def plan_training(given: Given) -> Plan:
    """Maps the flags.

    Raises:
        ConfigError: a flag that is missing or contradicts another, or something graphcore does not have.
        DatasetError: `--dataset_dir` holds no records.
    """
    _check_required(given)
    options, run_dir = separate_run_dir(given.options)
    model = find_model(given["model_name"])
    scopes = _read_scopes(given["trainable_scopes"])
    is_frozen = scopes is not None and all(is_last_layer(scope) for scope in scopes)
    data, files = _choose_data(given)
    overrides = [
        *("dataset=record_files", f"backbone={model.backbone}", "head=linear", f"optimizer={given['optimizer']}"),
        f"schedule={given['learning_rate_decay_type']}",
        f"trainer={'frozen' if is_frozen else 'finetune'}",
        *choose_augment(model, given["preprocessing_name"]),
        *map_directly(given, flags.TRAIN),
        *data,
        *([] if model.width is None else [make_override("backbone.width", model.width)]),
        make_override("backbone.image_size", given["train_image_size"] or model.image_size),
        make_override("backbone.exclude_scopes", _exclude(given)),
        *choose_optimizer(given),
        *choose_schedule(given, files),
        *_choose_trainer(given, scopes, is_frozen),
        *options,
    ]
    told = [*tell_given(given, flags.TRAIN), *tell_unused(given), *_tell_scopes(given, scopes, is_frozen)]
    told += [flags.FTRL] if given["optimizer"] == "ftrl" else []
    environment = _NO_GPU if given["clone_on_cpu"] else {}
    return Plan(tuple(overrides), run_dir or Path(given["train_dir"]), (*told, *flags.ALWAYS), environment)


def is_last_layer(scope: str) -> bool:
    """Whether a scope is that of a last layer: MobilenetV1/Logits, InceptionV3/AuxLogits, vgg_16/fc8."""
    return any(part.lower() in _LAST_LAYERS for part in scope.split("/"))


def _check_required(given: Given) -> None:
    if not given["dataset_dir"]:
        raise ConfigError(
            "--dataset_dir is not given.", next_step="Add --dataset_dir=DIR, the folder of the TFRecords."
        )
    if not given["train_dir"]:
        raise ConfigError("--train_dir is empty.", next_step="Add --train_dir=DIR, the folder of the run.")
    if given["max_number_of_steps"] is None:
        raise ConfigError(
            "--max_number_of_steps is not given: the script would train for ever.",
            next_step="Give a number; the same command with a larger one goes on from there.",
        )
    if parse_split(given["dataset_split_name"]) != "train":
        raise ConfigError(
            f"--dataset_split_name={given['dataset_split_name']} cannot be trained on: graphcore trains on train.",
            next_step="Name the files NAME_train-..., or add split.given=ignore to divide all of them anew.",
        )


def _read_scopes(text: str | None) -> list[str] | None:
    scopes = [scope.strip() for scope in (text or "").split(",") if scope.strip()]
    return scopes or None


def _exclude(given: Given) -> list[str] | None:
    scopes = _read_scopes(given["checkpoint_exclude_scopes"]) or ()
    return [scope for scope in scopes if not is_last_layer(scope)] or None


def _choose_data(given: Given) -> tuple[list[str], list[Path]]:
    """The options of the set, and its files to train on."""
    folder, wanted = Path(given["dataset_dir"]), given["dataset_name"]
    if not folder.is_dir():
        raise DatasetError(f"--dataset_dir={folder} is no folder.", next_step="Give the folder of the TFRecords.")
    names = [name for path in sorted(folder.iterdir()) if (name := parse_name(path.name)) is not None]
    if not names:
        raise DatasetError(f"--dataset_dir={folder} holds no files of records.", next_step=explain_names())
    prefixes = list_prefixes(names)
    if len(prefixes) > 1 and wanted not in prefixes and "" not in prefixes:
        raise ConfigError(
            f"--dataset_name={wanted} is not the beginning of a file's name in {folder}.", choices=prefixes
        )
    prefix = wanted if wanted in prefixes else (prefixes[0] if len(prefixes) == 1 else "")
    options = ["split.require_every_class=false"]
    # A name of its own: the records of a folder of the same pictures are likely to have the plain one.
    options += [make_override("dataset.name", f"{wanted}-records")] if "dataset_name" in given else []
    options += [make_override("dataset.prefix", prefix)] if len(prefixes) > 1 else []
    return options, [folder / one.file for one in names if one.prefix == prefix and one.split in ("train", "")]


def _choose_trainer(given: Given, scopes: Sequence[str] | None, is_frozen: bool) -> list[str]:
    every = min(_FREQUENT_STEPS, max(1, given["max_number_of_steps"] // 10))
    options = [
        make_override("trainer.eval_every_steps", every),
        make_override("head.weight_decay", given["weight_decay"]),
    ]
    if is_frozen:
        return [*options, f"augment.views={VIEWS}"]
    below = None if scopes is None else [scope for scope in scopes if not is_last_layer(scope)]
    return [
        *options,
        make_override("trainer.trainable_scopes", below),
        make_override("trainer.weight_decay", given["weight_decay"]),
        make_override("trainer.ema_decay", given["moving_average_decay"] or 0.0),
        make_override("trainer.threads", given["num_preprocessing_threads"]),
    ]


def _tell_scopes(given: Given, scopes: Sequence[str] | None, is_frozen: bool) -> list[Difference]:
    told = [flags.FROZEN] if is_frozen else []
    if is_frozen:
        now = "does nothing with trainer=frozen, where only the last layer changes"
        told += [Difference(f"--{flag}", "obeyed it", now) for flag in _OF_FINETUNE if flag in given]
    told += [flags.HEAD] if scopes is not None and not any(is_last_layer(scope) for scope in scopes) else []
    excluded = _read_scopes(given["checkpoint_exclude_scopes"]) or ()
    told += [flags.LAST_LAYER] if given["checkpoint_path"] and not any(map(is_last_layer, excluded)) else []
    return told
