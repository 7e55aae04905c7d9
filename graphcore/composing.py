"""From what Hydra composed to the plain options that library code takes: the schema laid over the YAML."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from graphcore import config as schema
from graphcore.errors import ConfigError
from graphcore.guessing import explain_unknown_key
from graphcore.nested_lists import refuse_nested

# What OmegaConf calls the types of options, and what a person calls their values.
_TYPES = (
    ("Integer", "a whole number"),
    ("Float", "a number"),
    ("bool", "true or false"),
    ("ListConfig", "a list"),
)


def _find_conf_dir() -> Path:
    """The folder of YAML: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


CONF_DIR = _find_conf_dir()
# Apart from the groups: Hydra would take `split=test` of evaluate for a choice of the group `split`.
VERBS_DIR = CONF_DIR / "verbs"

# The one field that decides the class of a group with several; the other groups have one class for all their files.
VARIANTS: dict[str, tuple[str, dict[str, type]]] = {
    "dataset": (
        "kind",
        {
            "image_folder": schema.ImageFolderConfig,
            "image_list": schema.ImageListConfig,
            "record_files": schema.RecordFilesConfig,
            "fractals": schema.FractalsConfig,
            "video": schema.VideoConfig,
            "suture_scenes": schema.SutureScenesConfig,
            "procedures": schema.ProceduresConfig,
        },
    ),
    "backbone": (
        "name",
        dict.fromkeys(schema.BACKBONES, schema.BackboneConfig) | {schema.GRAPH: schema.GraphBackboneConfig},
    ),
    "head": ("name", schema.HEADS),
    "optimizer": (
        "name",
        {
            "adam": schema.AdamConfig,
            "sgd": schema.SgdConfig,
            "momentum": schema.MomentumConfig,
            "rmsprop": schema.RmspropConfig,
            "adagrad": schema.AdagradConfig,
            "adadelta": schema.AdadeltaConfig,
            "ftrl": schema.FtrlConfig,
        },
    ),
    "schedule": (
        "name",
        {
            "fixed": schema.ScheduleConfig,
            "exponential": schema.ExponentialConfig,
            "polynomial": schema.PolynomialConfig,
            "cosine": schema.CosineConfig,
            "piecewise": schema.PiecewiseConfig,
        },
    ),
    "trainer": ("name", {"frozen": schema.TrainerConfig, "finetune": schema.FinetuneConfig}),
}
_ROOTS: dict[str, type] = {
    "config": schema.Config,
    "evaluate": schema.EvaluateConfig,
    "predict": schema.PredictConfig,
    "export": schema.ExportConfig,
    "sweep": schema.SweepConfig,
    "tensorboard": schema.TensorboardConfig,
    "compare": schema.CompareConfig,
}


# Lists of which people mostly give one, by command.
_ONE_IS_A_LIST = {"predict": ("inputs",)}


def find_config(config_name: str) -> Path:
    """The folder that holds `config_name`.yaml."""
    return CONF_DIR if config_name == "config" else VERBS_DIR


def to_options(composed: DictConfig, config_name: str = "config") -> Any:
    """Turns Hydra's composition into the plain objects that library code takes.

    The schema is laid over the composition here, not in Hydra's store: there it would show up beside the options in
    every list of choices, and a misspelt key in an experiment's file would be found no earlier.

    Args:
        composed: what Hydra made of the YAML and the command line.
        config_name: the YAML under `conf/` that was composed.

    Raises:
        ConfigError: a key that does not exist, a value of the wrong type or out of its range, or one that is missing.
    """
    missing = sorted(OmegaConf.missing_keys(composed))
    if missing:
        raise ConfigError(
            f"Nothing is given for {', '.join(missing)}.", next_step=f"Add {missing[0]}=... to the command."
        )
    composed = _wrap_single(composed, config_name)
    variants: dict[str, type] = {}
    for group, (field, classes) in VARIANTS.items():
        if config_name != "config" and not isinstance(composed.get(group), DictConfig):
            continue  # not an option of this verb, or nothing was borrowed
        chosen = OmegaConf.select(composed, f"{group}.{field}")
        if chosen not in classes:
            raise ConfigError(f"{group}.{field}={chosen} is not known.", choices=classes)
        variants[group] = classes[chosen]
    schema = _make_schema(_ROOTS[config_name], tuple(variants.items()))
    root = copy.deepcopy(schema)
    refuse_nested(root, composed)
    try:
        root.merge_with(composed)
        return OmegaConf.to_object(root)
    except OmegaConfBaseException as error:
        raise _refused(error, schema, composed) from error


# The jobs of a sweep have mostly one schema, which takes as long to make as all else; nobody writes into it.
@functools.lru_cache(maxsize=8)
def _make_schema(kind: type, variants: tuple[tuple[str, type], ...]) -> DictConfig:
    root = OmegaConf.structured(kind)
    for group, variant in variants:
        root[group] = OmegaConf.structured(variant)
    return root


def _wrap_single(composed: DictConfig, config_name: str) -> DictConfig:
    """Lists that may be given as their one value; the composition itself stays as it is."""
    wrapped = {
        name: [composed[name]] for name in _ONE_IS_A_LIST.get(config_name, ()) if isinstance(composed.get(name), str)
    }
    return composed if not wrapped else DictConfig({**composed, **wrapped})


def _find_refused(root: DictConfig, composed: DictConfig) -> str | None:
    """The option that the schema does not take, where OmegaConf does not say which it was."""
    for group, options in composed.items():
        # Several options where one value is wanted, or the other way round. What has no value yet is no group.
        if isinstance(options, DictConfig) != (group in root and isinstance(root[group], DictConfig)):
            try:
                OmegaConf.merge(root, {group: options})
            except OmegaConfBaseException:
                return str(group)
        for name in options if isinstance(options, DictConfig) else ():
            try:
                OmegaConf.merge(root, {group: {name: options[name]}})
            except OmegaConfBaseException:
                return f"{group}.{name}"
    return None


def _refused(error: OmegaConfBaseException, root: DictConfig, composed: DictConfig) -> ConfigError:
    key = str(error.full_key or error.key or _find_refused(root, composed))
    problem = str(error.msg or error).splitlines()[0]
    if isinstance(error, (ConfigKeyError, ConfigAttributeError)):
        parent = key.rpartition(".")[0]
        node = OmegaConf.select(root, parent) if parent else root
        choices = sorted(str(name) for name in node) if isinstance(node, DictConfig) else []
        return ConfigError(explain_unknown_key(key, choices))
    given = OmegaConf.select(composed, key, throw_on_resolution_failure=False)
    if given is None:
        return ConfigError(f"{key} cannot be null.", next_step=f"Give it a value, or leave {key} out.")
    several = OmegaConf.select(root, key)
    if isinstance(several, DictConfig) and not isinstance(given, (DictConfig, ListConfig)):
        choices = [f"{key}.{name}" for name in several]
        return ConfigError(f"{key}={given} is one value, and {key} is several options.", choices=choices)
    if "to string" in problem:
        what = "a list" if isinstance(given, ListConfig) else "names with values"
        return ConfigError(f"{key}={given} is {what}, and one value is wanted.", next_step=f"Give one: {key}=VALUE.")
    for type_name, meaning in _TYPES:
        if type_name == "ListConfig" and isinstance(given, ListConfig):
            break
        if type_name in problem:
            shows_list = type_name == "ListConfig" and not isinstance(given, DictConfig)
            as_list = f"Quote it for the shell: '{key}=[{given}]'." if shows_list else None
            return ConfigError(f"{key}={given} is not {meaning}.", next_step=as_list)
    if isinstance(given, ListConfig):
        return ConfigError(
            f"{key}={given} is a list, and names with values are wanted.",
            next_step=f"Quote them for the shell: '{key}={{NAME: VALUE}}'.",
        )
    return ConfigError(f"{key}: {problem.rstrip('.')}.")
