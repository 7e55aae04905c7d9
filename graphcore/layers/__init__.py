"""Slim-style layers: tf-slim itself, made to run on today's TensorFlow.

`from graphcore.layers import slim` loads TensorFlow and tf-slim at that moment, mends and tests them once.
"""

from __future__ import annotations

from typing import Any

__all__ = ["slim"]

# Declared, not assigned: the name appears when `__getattr__` is asked for it.
slim: Any


def __getattr__(name: str) -> Any:
    if name == "slim":
        from graphcore.layers.slim_compat import load_slim

        return load_slim()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
