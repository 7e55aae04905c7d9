"""saved_model/: a run's classifier as a TensorFlow SavedModel.

Two signatures: "serving_default" takes a batch of pre-processed pictures as "images", "decode" takes one
encoded picture as "contents"; both give "scores", whose node has the name that it has in the frozen graph.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from pathlib import Path

from graphcore.export.classifier_graph import CONTENTS, INPUT, ClassifierGraph
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session

_SIGNATURES = {"serving_default": ("images", INPUT), "decode": ("contents", CONTENTS)}


def write_saved_model(classifier: ClassifierGraph, folder: Path) -> None:
    """Writes the folder aside and renames it; one that was there before is replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        _build(classifier, aside / "new")
        if folder.exists():
            os.replace(folder, aside / "old")
        os.replace(aside / "new", folder)
    finally:
        shutil.rmtree(aside)


def _build(classifier: ClassifierGraph, folder: Path) -> None:
    scores = classifier.graph.get_tensor_by_name(classifier.scores)
    signatures = {}
    # The builder's own advice, to move on to another interface, is not the user's business.
    with warnings.catch_warnings(), make_session(classifier.graph) as session:
        warnings.simplefilter("ignore")
        for key, (name, tensor) in _SIGNATURES.items():
            signatures[key] = tf1.saved_model.predict_signature_def(
                {name: classifier.graph.get_tensor_by_name(tensor)}, {"scores": scores}
            )
        builder = tf1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, [tf.saved_model.SERVING], signature_def_map=signatures)
        builder.save()
