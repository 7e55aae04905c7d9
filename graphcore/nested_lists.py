"""Lists within lists where a list of plain values is wanted, which OmegaConf lets pass into a `list[str]`."""

from __future__ import annotations

from typing import get_type_hints

from omegaconf import DictConfig, ListConfig, OmegaConf

from graphcore.errors import ConfigError

_PLAIN = ("list[str]", "list[int]", "list[float]")


def refuse_nested(root: DictConfig, composed: DictConfig, above: str = "") -> None:
    """Looks through all lists that were given.

    Args:
        root: the schema; see `composing.to_options`.
        composed: what was given.
        above: of both, the option that they belong to with a dot behind it; "" for all of them.

    Raises:
        ConfigError: a list or a mapping stands in a list of plain values.
    """
    for name, given in composed.items():
        if isinstance(given, ListConfig):
            nested = [item for item in given if isinstance(item, (ListConfig, DictConfig))]
            if nested and _holds_plain(root, str(name)):
                raise ConfigError(
                    f"{above}{name}={given} holds {nested[0]}, which is not a plain value.",
                    next_step=f"Quote plain values for the shell: '{above}{name}=[A,B]'.",
                )
        elif isinstance(given, DictConfig) and name in root and not OmegaConf.is_missing(root, name):
            node = root[name]
            if isinstance(node, DictConfig):
                refuse_nested(node, given, f"{above}{name}.")


def _holds_plain(root: DictConfig, name: str) -> bool:
    """Whether an option is a list of plain values; asked of few, as Python takes its time to read annotations."""
    kind = OmegaConf.get_type(root)
    hints = get_type_hints(kind) if isinstance(kind, type) and kind is not dict else {}
    return any(plain in str(hints.get(name, "")) for plain in _PLAIN)
