"""Where a backbone's weights come from: a checkpoint, a folder, a run, or the embedded default."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np

from graphcore.atomic import write_bytes
from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf, tf1

EMBEDDED = "embedded"
# The same weights pooled half-way up, where maps are 8x8 and a needle still is one: better for small parts and
# texture, worse for whole objects; figures in assets/README.md. A name of its own, so that whoever puts other weights
# in its place has their last layer back.
EMBEDDED_FINE = "embedded_fine"
_EMBEDDED_END_POINTS = {EMBEDDED: None, EMBEDDED_FINE: "Conv2d_7_pointwise"}
EMBEDDED_ASSET = "mobilenet_v1_0.25_128.npz"
# Inside a run folder; training writes it whether it trained the backbone or only copied it.
RUN_BACKBONE = Path("checkpoints") / "backbone.ckpt"
RUN_NOTE = "run.json"

_CHECKPOINT_SUFFIX = re.compile(r"\.(index|meta|data-\d{5}-of-\d{5})$")
_STEP = re.compile(r"-(\d+)$")


@dataclass(frozen=True)
class CheckpointSource:
    """Weights that were found but not yet read.

    Attributes:
        kind: "checkpoint" (TensorFlow's own format) or "npz" (arrays by variable name).
        path: checkpoint prefix, or the .npz file.
        title: what messages call it.
        end_point: the layer whose pooled maps are its best features, where that is known not to be the last.
    """

    kind: Literal["checkpoint", "npz"]
    path: Path
    title: str
    end_point: str | None = None

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Returns every variable's shape by its name.

        Raises:
            CheckpointError: the file is damaged.
        """
        if self.kind == "npz":
            return {name: value.shape for name, value in self.read_all().items()}
        with _told_as_checkpoint_error(self):
            return {name: tuple(shape) for name, shape in tf.train.list_variables(str(self.path))}

    def read_all(self) -> dict[str, np.ndarray]:
        """Returns every variable's value by its name; half precision on disk becomes float32.

        Raises:
            CheckpointError: the file is damaged.
        """
        with _told_as_checkpoint_error(self):
            if self.kind == "npz":
                # allow_pickle=False: a stranger's weights must not be able to run code.
                # Opened here, because numpy leaves a file open that turns out not to be a zip.
                with open(self.path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                    return {name: _widen(arrays[name]) for name in sorted(arrays.files)}
            reader = tf.train.load_checkpoint(str(self.path))
            names = sorted(reader.get_variable_to_shape_map())
            return {name: np.asarray(reader.get_tensor(name)) for name in names}

    def digest(self) -> str:
        """Returns `digest_weights` of all that is in it."""
        return digest_weights(self.read_all())


# What TensorFlow's and numpy's readers were seen to raise when given damaged or wrong files.
_DAMAGED = (
    *(tf.errors.OpError, OSError, ValueError, LookupError, EOFError),
    *(zipfile.BadZipFile, RuntimeError, TypeError, AttributeError),
)


@contextmanager
def _told_as_checkpoint_error(source: CheckpointSource) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(
            f"Cannot read the weights of {source.title}: {first_line}",
            next_step="The file is damaged or incomplete: copy or fetch it again, its .data parts too.",
        ) from error


def locate_checkpoint(spec: str) -> CheckpointSource:
    """Finds the weights that `backbone.checkpoint` names, without reading them.

    Args:
        spec: "embedded" or "embedded_fine"; a checkpoint's prefix (or one of its files); a .npz file; a folder,
            whose newest checkpoint is taken; or the folder of a graphcore run.

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
    if path.is_dir():
        return _locate_in_folder(path)
    raise CheckpointError(
        f"backbone.checkpoint is {spec!r}, and there is no such checkpoint or folder.",
        choices=_list_nearby(path),
        next_step=f"Give a checkpoint prefix (PREFIX.index exists), a folder, or {EMBEDDED!r}.",
    )


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
        return _require_data(
            CheckpointSource(
                "checkpoint", run_backbone, f"the backbone of the run {folder}", _read_run_end_point(folder)
            )
        )
    prefix = _newest_prefix(folder)
    if prefix is None:
        raise CheckpointError(
            f"The folder {folder} holds no checkpoint (no file that ends in .index).",
            choices=_list_nearby(folder),
            next_step="Name the folder that holds the .index file, or the checkpoint's prefix.",
        )
    return _require_data(CheckpointSource("checkpoint", prefix, str(prefix)))


def _read_run_end_point(folder: Path) -> str | None:
    try:
        return json.loads((folder / RUN_NOTE).read_text("utf-8"))["end_point"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # unfinished: the checkpoint is there, the note is not


def _newest_prefix(folder: Path) -> Path | None:
    # The state file says which is the latest, unless the folder was copied without the checkpoint it names.
    state = tf1.train.latest_checkpoint(str(folder))
    if state is not None:
        return Path(state)
    prefixes = [path.with_suffix("") for path in folder.glob("*.index")]
    return max(prefixes, key=_age_key, default=None)


def _age_key(prefix: Path) -> tuple[int, int, str]:
    step = _STEP.search(prefix.name)
    return (int(step.group(1)) if step else -1, Path(f"{prefix}.index").stat().st_mtime_ns, prefix.name)


def _has_index(prefix: Path) -> bool:
    return Path(f"{prefix}.index").is_file()


def _require_data(source: CheckpointSource) -> CheckpointSource:
    if not any(source.path.parent.glob(f"{_escape(source.path.name)}.data-*")):
        raise CheckpointError(
            f"The checkpoint {source.path} is incomplete: "
            f"{source.path.name}.index is there, its .data-* files are not.",
            next_step="Copy the .data-* files beside the .index file.",
        )
    return source


def _escape(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _list_nearby(path: Path) -> list[str]:
    folder = path if path.is_dir() else path.parent
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return list(_EMBEDDED_END_POINTS)
    prefixes = [str(entry.with_suffix("")) for entry in entries if entry.suffix == ".index"]
    folders = [str(entry) for entry in entries if any(entry.glob("*.index")) or _has_index(entry / RUN_BACKBONE)]
    return [*_EMBEDDED_END_POINTS, *prefixes[:20], *folders[:20]]


def _widen(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float32) if value.dtype == np.float16 else value


def digest_weights(values: Mapping[str, np.ndarray]) -> str:
    """Returns a SHA-256 in hex over names, types, shapes and values: equal weights, equal digest."""
    digest = hashlib.sha256()
    for name in sorted(values):
        value = np.ascontiguousarray(values[name])
        digest.update(f"{name}\0{value.dtype.str}\0{value.shape}\0".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def read_variables(session: Any, variables: Iterable[Any]) -> dict[str, np.ndarray]:
    """Returns the values that a session holds, by slim's names ("MobilenetV1/Conv2d_0/weights")."""
    by_name = {variable.op.name: variable for variable in variables}
    return session.run(by_name)


def write_checkpoint(prefix: Path, values: Mapping[str, np.ndarray]) -> Path:
    """Writes values as a TensorFlow checkpoint that slim, and `locate_checkpoint`, read.

    The index file is written last, so a checkpoint that was cut short is not one.

    Returns:
        `prefix`.
    """
    prefix = Path(prefix)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    names = sorted(values)
    with tf.Graph().as_default(), tf1.Session() as session:
        tensors = [tf1.placeholder(tf.as_dtype(values[name].dtype), values[name].shape) for name in names]
        save = tf.raw_ops.SaveV2(
            prefix=str(prefix), tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors
        )
        session.run(save, dict(zip(tensors, (values[name] for name in names), strict=True)))
    return prefix


def write_npz(path: Path, values: Mapping[str, np.ndarray], dtype: str = "float16") -> Path:
    """Writes values as one compressed .npz, the form of the embedded checkpoint.

    Args:
        path: the file, made in one step.
        values: arrays by variable name.
        dtype: filters are stored so; half precision is enough for them and half the size. Vectors (biases,
            batch norm) stay as they are: they are few, and a small variance would lose its digits.

    Raises:
        CheckpointError: a value does not fit into `dtype`.
    """
    stored: dict[str, Any] = {name: _narrow(name, values[name], np.dtype(dtype)) for name in sorted(values)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    write_bytes(Path(path), buffer.getvalue())
    return Path(path)


def _narrow(name: str, value: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if value.ndim < 2 or not np.issubdtype(value.dtype, np.floating):
        return value
    if np.isfinite(value).all() and np.abs(value).max(initial=0) > np.finfo(dtype).max:
        raise CheckpointError(f"{name} has values up to {np.abs(value).max():g}, too large for {dtype}.")
    return value.astype(dtype)
