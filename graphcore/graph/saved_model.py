"""A SavedModel as a GraphDef of constants, without running anything of it.

TensorFlow's own loader runs what the folder tells it to: a restore operation, an initialiser, assets. Here the part
of the graph that a signature needs is cut out and passes the allow-list first; which variable has which value is
read off the description of the restore, and the values straight from the checkpoint in the folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool, message_factory

from graphcore.errors import InputError
from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.constants import find_variables, replace_variables
from graphcore.graph.freeze import op_name
from graphcore.graph.inline import inline_functions
from graphcore.graph.prune import prune
from graphcore.graph.restore_plan import plan_variables
from graphcore.graph.runtime import tf

FILE = "saved_model.pb"
VARIABLES = Path("variables") / "variables"
_SIGNATURES = ("serving_default", "image_feature_vector", "default")


@dataclass(frozen=True)
class Signature:
    """How a graph says that it is used.

    Attributes:
        name: the signature's.
        inputs: what callers say -> tensor name.
        outputs: the same.
    """

    name: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def read_saved_model(folder: Path, wanted: Sequence[str] = ()) -> tuple[Any, Signature]:
    """Reads the graph of a SavedModel with its values as constants.

    Args:
        folder: holds saved_model.pb.
        wanted: tensors of the graph that must be there besides the signature's outputs.

    Raises:
        InputError: it is no SavedModel, does more than compute, or a file of it lies outside the folder.
    """
    meta_graph = _choose_meta_graph(_parse(_require_inside(folder, FILE), folder), folder)
    signature = _choose_signature(meta_graph, folder)
    graph_def = meta_graph.graph_def
    present = {node.name for node in graph_def.node}
    ends = list(dict.fromkeys(op_name(name) for name in (*signature.outputs.values(), *signature.inputs.values())))
    # A tensor inside a function has its name only after inlining.
    ends += [op_name(name) for name in wanted if op_name(name) in present]
    pruned = prune(graph_def, ends, str(folder))
    require_allowed_ops(pruned, str(folder))
    inlined = prune(inline_functions(pruned, ends, str(folder)), ends, str(folder))
    names = find_variables(inlined)
    values = _read_values(folder, plan_variables(meta_graph, names)) if names else {}
    return replace_variables(inlined, values, str(folder)), signature


def _read_values(folder: Path, keys: Mapping[str, str]) -> dict[str, Any]:
    for path in (folder / VARIABLES).parent.glob(f"{VARIABLES.name}.*"):
        _require_inside(folder, str(path.relative_to(folder)))
    try:
        reader = tf.train.load_checkpoint(str(folder / VARIABLES))
        return {name: reader.get_tensor(key) for name, key in keys.items()}
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise InputError(
            f"The variables of {folder} cannot be read: {str(error).splitlines()[0]}",
            next_step=f"Copy the whole folder again, with {VARIABLES.parent}.",
        ) from error


def _require_inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{path} is a link that leaves the folder.", next_step="Copy the file itself there.")
    return path


def _parse(path: Path, folder: Path) -> Any:
    descriptor = descriptor_pool.Default().FindMessageTypeByName("tensorflow.SavedModel")
    model: Any = message_factory.GetMessageClass(descriptor)()
    try:
        model.ParseFromString(path.read_bytes())
    except OSError as error:
        raise InputError(f"{folder} is no SavedModel: {FILE}: {error.strerror}.") from error
    except Exception as error:  # protobuf's DecodeError lives at a path that changes between its releases
        raise InputError(f"{path} is damaged: it does not parse as a SavedModel.") from error
    if not model.meta_graphs:
        raise InputError(f"{path} is damaged: it holds no graph.")
    return model


def _choose_meta_graph(model: Any, folder: Path) -> Any:
    by_tags = {frozenset(each.meta_info_def.tags): each for each in model.meta_graphs}
    for tags in (frozenset({"serve"}), frozenset()):  # modules of TensorFlow Hub 1 have no tag for inference
        if tags in by_tags:
            return by_tags[tags]
    served = [graph for tags, graph in by_tags.items() if "serve" in tags] or list(by_tags.values())
    if len(served) == 1:
        return served[0]
    raise InputError(f"{folder} has several graphs, none tagged serve.", choices=[",".join(tags) for tags in by_tags])


def _choose_signature(meta_graph: Any, folder: Path) -> Signature:
    known = {name: each for name, each in meta_graph.signature_def.items() if not name.startswith("__") and each.inputs}
    chosen = next((name for name in _SIGNATURES if name in known), None)
    if chosen is None:
        if len(known) != 1:
            raise InputError(f"{folder} has no signature that could be meant.", choices=sorted(known))
        chosen = next(iter(known))
    inputs, outputs = known[chosen].inputs, known[chosen].outputs
    return Signature(
        chosen,
        {key: inputs[key].name for key in sorted(inputs)},
        {key: outputs[key].name for key in sorted(outputs)},
    )
