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
    kind = OmegaConf.get_type(root)
    hints = get_type_hints(kind) if isinstance(kind, type) and kind is not dict else {}
    for name, given in composed.items():
        hint = str(hints.get(str(name), ""))
        if isinstance(given, ListConfig) and any(plain in hint for plain in _PLAIN):
            for item in given:
                if isinstance(item, (ListConfig, DictConfig)):
                    raise ConfigError(
                        f"{above}{name}={given} holds {item}, which is not a plain value.",
                        next_step=f"Quote plain values for the shell: '{above}{name}=[A,B]'.",
                    )
        node = root[name] if name in root and not OmegaConf.is_missing(root, name) else None
        if isinstance(given, DictConfig) and isinstance(node, DictConfig):
            refuse_nested(node, given, f"{above}{name}.")
