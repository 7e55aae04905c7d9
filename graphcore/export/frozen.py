"""frozen_graph.pb: a run's classifier as one GraphDef of constants."""

from __future__ import annotations

from pathlib import Path

from graphcore.atomic import write_bytes
from graphcore.export.classifier_graph import ClassifierGraph


def write_frozen_graph(classifier: ClassifierGraph, path: Path) -> None:
    """Writes the graph; the same classifier gives the same bytes."""
    write_bytes(path, classifier.graph.as_graph_def().SerializeToString(deterministic=True))
