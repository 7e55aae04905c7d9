"""From what `backbone.checkpoint` says to the weights it means: a file, a folder, a run, or the embedded default."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf1
from graphcore.nets.weights.source import CheckpointSource
from graphcore.nets.weights.table import escape_pattern, is_table

EMBEDDED = "embedded"
# The same weights pooled half-way up, where maps are 8x8 and a needle still is one: better for small parts and
# texture, worse for whole objects; figures in assets/README.md. A name of its own, so that whoever puts other weights
# in its place has their last layer back.
EMBEDDED_FINE = "embedded_fine"
_EMBEDDED_END_POINTS = {EMBEDDED: None, EMBEDDED_FINE: "Conv2d_7_pointwise"}
EMBEDDED_ASSET = "mobilenet_v1_0.25_128.npz"
IMAGENET = "imagenet"
_NAMES = (*_EMBEDDED_END_POINTS, IMAGENET)
# Inside a run folder; training writes one of them, whether it trained the backbone or only copied it.
RUN_BACKBONE = Path("checkpoints") / "backbone.ckpt"
RUN_GRAPH = Path("checkpoints") / "backbone.pb"
RUN_NOTE = "run.json"

_CHECKPOINT_SUFFIX = re.compile(r"\.(index|meta|data-\d{5}-of-\d{5})$")
_STEP = re.compile(r"-(\d+)$")
_ARCHIVES = (".tar", ".tgz", ".gz", ".zip", ".bz2", ".xz")


def locate_checkpoint(spec: str) -> CheckpointSource:
    """Finds the weights that `backbone.checkpoint` names, without reading them.

    Args:
        spec: "embedded" or "embedded_fine"; a checkpoint's prefix (or one of its files), in V2 format or V1's single
            file; a .npz file; a folder, whose newest checkpoint is taken; or the folder of a graphcore run.

    Raises:
        CheckpointError: there is no such thing; the message lists what is there.
    """
    if spec in _EMBEDDED_END_POINTS:
        return _locate_embedded(_EMBEDDED_END_POINTS[spec])
    path = Path(_CHECKPOINT_SUFFIX.sub("", spec)).expanduser()
    if _has_index(path):
        return _require_data(CheckpointSource("checkpoint", path, str(path)))
    if path.suffix == ".npz" and path.is_file():
        return CheckpointSource("npz", path, str(path))
    if is_table(path):
        return CheckpointSource("checkpoint", path, str(path))
    if path.is_dir():
        return _locate_in_folder(path)
    raise _explain(spec, path)


def _explain(spec: str, path: Path) -> CheckpointError:
    if not path.is_file():
        return CheckpointError(
            f"backbone.checkpoint is {spec!r}, and there is no such checkpoint or folder.",
            choices=_list_nearby(path),
            next_step=f"Give a checkpoint prefix (PREFIX.index exists), a V1 file, a folder, or {EMBEDDED!r}.",
        )
    if path.suffix in _ARCHIVES:
        step = "Unpack it and name the folder it makes."
    elif path.suffix == ".pb":
        step = f"A frozen graph is a backbone of its own: backbone=graph backbone.checkpoint={spec}."
    else:
        step = "If it was one, it is cut short: copy or fetch it again."
    return CheckpointError(f"backbone.checkpoint is {spec!r}, a file that is no checkpoint.", next_step=step)


def _locate_embedded(end_point: str | None) -> CheckpointSource:
    path = Path(str(resources.files("graphcore"))) / "assets" / EMBEDDED_ASSET
    if not path.is_file():
        raise CheckpointError(
            f"The embedded checkpoint {EMBEDDED_ASSET} is not in this installation ({path.parent}).",
            next_step="Reinstall graphcore, or name a checkpoint of your own in backbone.checkpoint.",
        )
    return CheckpointSource("npz", path, f"the embedded {path.stem}", end_point)


def _locate_in_folder(folder: Path) -> CheckpointSource:
    run_backbone = folder / RUN_BACKBONE
    if _has_index(run_backbone):
        title = f"the backbone of the run {folder}"
        return _require_data(CheckpointSource("checkpoint", run_backbone, title, _read_run_end_point(folder)))
    prefix = _newest_prefix(folder)
    if prefix is None:
        graph = (folder / RUN_GRAPH).is_file() or (folder / "saved_model.pb").is_file()
        raise CheckpointError(
            f"The folder {folder} holds no checkpoint (no file that ends in .index, and no V1 checkpoint).",
            choices=_list_nearby(folder),
            next_step=f"It holds a graph: backbone=graph backbone.checkpoint={folder}."
            if graph
            else "Name the folder that holds the .index file, or the checkpoint's prefix.",
        )
    source = CheckpointSource("checkpoint", prefix, str(prefix))
    return _require_data(source) if _has_index(prefix) else source


def _read_run_end_point(folder: Path) -> str | None:
    try:
        return json.loads((folder / RUN_NOTE).read_text("utf-8"))["end_point"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # unfinished: the checkpoint is there, the note is not


def _newest_prefix(folder: Path) -> Path | None:
    # The state file says which is the latest, unless the folder was copied without the checkpoint it names.
    try:
        state = tf1.train.latest_checkpoint(str(folder))
    except ValueError:  # a file of that name which is something else, and no text
        state = None
    if state is not None:
        return Path(state)
    return max(_iterate_prefixes(folder), key=_age_key, default=None)


def _iterate_prefixes(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.suffix == ".index":
            yield path.with_suffix("")
        elif is_table(path):
            yield path


def _age_key(prefix: Path) -> tuple[int, int, str]:
    step = _STEP.search(prefix.name)
    written = Path(f"{prefix}.index") if _has_index(prefix) else prefix
    return (int(step.group(1)) if step else -1, written.stat().st_mtime_ns, prefix.name)


def _has_index(prefix: Path) -> bool:
    return Path(f"{prefix}.index").is_file()


def _require_data(source: CheckpointSource) -> CheckpointSource:
    if not any(source.path.parent.glob(f"{escape_pattern(source.path.name)}.data-*")):
        raise CheckpointError(
            f"The checkpoint {source.path} is incomplete: "
            f"{source.path.name}.index is there, its .data-* files are not.",
            next_step="Copy the .data-* files beside the .index file.",
        )
    return source


def _list_nearby(path: Path) -> list[str]:
    folder = path if path.is_dir() else path.parent
    try:
        entries = sorted(folder.iterdir())
        prefixes = [str(prefix) for prefix in sorted(_iterate_prefixes(folder))]
    except OSError:
        return list(_NAMES)
    folders = [str(entry) for entry in entries if any(entry.glob("*.index")) or _has_index(entry / RUN_BACKBONE)]
    return [*_NAMES, *prefixes[:20], *folders[:20]]
