"""Hydra's refusals in the words of whoever wrote the options."""

from __future__ import annotations

import re

import hydra
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from graphcore.composing import CONF_DIR, find_config
from graphcore.guessing import explain_unknown_key, with_guess

# Of these nothing is chosen unless somebody adds it: `+experiment=...`.
ADDED_GROUPS = ("experiment",)


def explain(error: Exception, config_name: str, arguments: list[str]) -> str:
    """Says in the user's words why Hydra refused the options.

    Args:
        error: what Hydra or OmegaConf raised.
        config_name: the YAML that was composed.
        arguments: the command line after the program's name.
    """
    text = str(error).strip() or type(error).__name__
    unknown = re.search(r"Could not override '([^']+)'\.", text)
    if unknown:
        key = unknown.group(1)
        if config_name == "config" and key in ADDED_GROUPS:
            given = next((item for item in arguments if item.startswith(f"{key}=")), f"{key}=...")
            return f"{key} is added with a plus sign.\nDid you mean +{given}?"
        return explain_unknown_key(key, _siblings(key.rpartition(".")[0], config_name, arguments))
    absent = re.search(r"Could not find '([\w/]+)/([^'/]+)'", text)
    if absent:
        group, option = absent.groups()
        choices = sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml"))
        plus = "+" if group in ADDED_GROUPS else ""
        return with_guess(f"There is no {group}={option}.", option, choices, f"{plus}{group}=")
    if isinstance(error, OverrideParseException):
        return _explain_unreadable(error.override)
    kind = re.fullmatch(r"Error merging override ([^=\s]+)=(.*)", text.splitlines()[0])
    if kind:
        return f"{kind[1]}={kind[2]} is not of the kind of value that {kind[1]} has."
    swept = re.search(r"Ambiguous value for argument '(.+)'", text)
    if swept:
        key, _, value = swept.group(1).partition("=")
        return (
            f"{key}={value} has a comma: several values are a sweep, which needs -m.\n"
            f"For one value with a comma in it, quote it twice: '{key}=\"{value}\"'; for a list: '{key}=[{value}]'."
        )
    return re.sub(r"\n+See https?://\S+", "", text)


def _explain_unreadable(override: str) -> str:
    key, equals, value = override.partition("=")
    if not equals or value.startswith(("[", "{")):
        return f"{override} is not name=value as Hydra reads it.\nQuote lists for the shell: 'inputs=[a.jpg,b.jpg]'."
    return (
        f"{override} has signs that mean something to Hydra, such as brackets, quotes, = or commas.\n"
        f"Quote the value twice, for the shell and for Hydra: '{key}=\"{value}\"'."
    )


def _siblings(parent: str, config_name: str, arguments: list[str]) -> list[str]:
    """The keys that stand beside a misspelt one, composed with the groups that the command line chose."""
    groups = [item for item in arguments if re.fullmatch(r"\+?[a-z_/]+=[\w]+", item) and "." not in item.split("=")[0]]
    for overrides in (groups, []):
        try:
            with hydra.initialize_config_dir(config_dir=str(find_config(config_name)), version_base="1.3"):
                composed = hydra.compose(config_name, overrides=overrides)
            node = OmegaConf.select(composed, parent) if parent else composed
            return sorted(str(key) for key in node if key != "hydra") if isinstance(node, DictConfig) else []
        except (HydraException, OmegaConfBaseException):
            continue
    return []
