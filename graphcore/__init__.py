"""graphcore: your own pictures and annotated videos to a classifier on TensorFlow's graph.

Importing it costs nothing: a name is loaded when it is used. The stages are functions of their own modules:
`graphcore.convert.convert`, `graphcore.train.train`, `graphcore.evaluate.evaluate`, `graphcore.compare.compare`,
`graphcore.export.export`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphcore.graph.program import Program
    from graphcore.inference.classifier import Classifier
    from graphcore.training.run import Run, load_run

__version__ = "0.1.0"
__all__ = ["Classifier", "Program", "Run", "load_run"]

_HOMES = {
    "Classifier": "graphcore.inference.classifier",
    "Program": "graphcore.graph.program",
    "Run": "graphcore.training.run",
    "load_run": "graphcore.training.run",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'graphcore' has no attribute {name!r}")
