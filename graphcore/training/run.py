"""A run: the folder a training leaves behind, and the only thing that evaluation, export and prediction read.

`run.json` is written last, so a folder without it is a run that has not finished (start it again and it goes
on).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.config import HEADS, HeadConfig
from graphcore.errors import GraphcoreError, RunError
from graphcore.heads.factory import get_head
from graphcore.heads.trained import TrainedHead
from graphcore.training import checkpoints
from graphcore.training.run_values import check_values

RUN_FILE = "run.json"
FORMAT_VERSION = 2


@dataclass(frozen=True)
class Run:
    """A finished training.

    Attributes:
        folder: where it lies.
        labels: class names, in the order of the head's outputs.
        backbone_name: the network below the head, as `nets.factory.get_backbone` knows it.
        width: the backbone's width multiplier.
        image_size: side of the network's input in pixels.
        end_point: the backbone's layer that is pooled into the features; None for its last.
        dataset_options: how the dataset was converted, by the options' full names ("dataset.size").
        input_spec: how the backbone wants its pictures, as `InputSpec.to_json` gives it.
        backbone_digest: content identity of a frozen backbone's weights; "" where they were trained.
        head_options: the options of the last layer; `head_config` gives them as they were.
        multi_label: whether a sample may have any number of labels.
        thresholds: of a multi-label head, the score from which each label is given; None until they are chosen.
        temperature: what the logits are divided by to make of scores frequencies, fitted on validation; None where
            there was nothing to fit it on.
        segmenting: how frames of videos become segments, as `timelines.segmenting.Segmenting` has it; empty of
            pictures.
        objective: the validation figure that the weights were chosen by.
        output_name: the name of the scores in exported graphs.
        trainer: "frozen" or "finetune".
        records: the folder of the dataset's shards.
        dataset_digest: what the dataset was, whatever its folder holds by now.
        features_dir: where features of frozen backbones are kept.
        batch_size: pictures a batch in a forward pass.
        executor: who runs the frozen network for features: "auto", "tensorflow" or "xnnpack".
        steps: optimiser steps taken.
        best_step: the step whose weights were kept.
        validation: metrics of the kept weights, `validation/accuracy` and so on.
        seconds: duration of each stage.
        speeds: how fast it went, by flat name ("images_per_second/features"), without what came from a cache.
        seed: the seed of everything random.
    """

    folder: Path
    labels: tuple[str, ...]
    backbone_name: str
    width: float
    image_size: int
    records: Path
    dataset_digest: str
    features_dir: Path
    batch_size: int = 64
    executor: str = "auto"
    end_point: str | None = None
    input_spec: dict[str, Any] = field(default_factory=dict)
    backbone_digest: str = ""
    dataset_options: dict[str, Any] = field(default_factory=dict)
    head_options: dict[str, Any] = field(default_factory=dict)
    multi_label: bool = False
    thresholds: list[float] | None = None
    temperature: float | None = None
    segmenting: dict[str, float | None] = field(default_factory=dict)
    objective: str = "validation/accuracy"
    output_name: str = "final_result"
    trainer: str = "frozen"
    steps: int = 0
    best_step: int = 0
    validation: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    speeds: dict[str, float] = field(default_factory=dict)
    seed: int = 0

    @property
    def backbone_checkpoint(self) -> Path:
        """Prefix of the slim checkpoint of the backbone as this run uses it."""
        return checkpoints.backbone_prefix(self.folder)

    @property
    def head_checkpoint(self) -> Path:
        """Prefix of the checkpoint of the best head."""
        return checkpoints.best_prefix(self.folder)

    @property
    def summaries_dir(self) -> Path:
        """Folder of TensorBoard's event files, one folder a split below it."""
        return self.folder / "summaries"

    @property
    def metrics_path(self) -> Path:
        """The flat `metrics.json`."""
        return self.folder / "metrics.json"

    @property
    def predictions_path(self) -> Path:
        """One row for every sample of the test split."""
        return self.folder / "predictions.csv"

    @property
    def report_path(self) -> Path:
        """The self-contained page."""
        return self.folder / "report.html"

    @property
    def export_dir(self) -> Path:
        """Folder of the frozen graph and its kin."""
        return self.folder / "export"

    @property
    def head_config(self) -> HeadConfig:
        """The options of the last layer."""
        return make_head_config(self.head_options)

    def read_head(self) -> TrainedHead:
        """Reads the best head.

        Raises:
            CheckpointError: the checkpoint is missing or damaged.
        """
        prefix = self.head_checkpoint.absolute()
        index = Path(f"{prefix}.index")
        written_ns = index.stat().st_mtime_ns if index.exists() else 0
        return _read_head(prefix, written_ns, json.dumps(self.head_options), len(self.labels), self.seed)

    def write(self, path: Path | None = None) -> None:
        """Writes `run.json`: from here on the run counts as finished. `path` is where else to write it to."""
        values = {"format_version": FORMAT_VERSION} | asdict(self)
        del values["folder"]
        values |= {"records": str(self.records.absolute()), "features_dir": str(self.features_dir.absolute())}
        atomic.write_json(path or self.folder / RUN_FILE, values)


# A training ends with two evaluations and an export of one head.
@functools.lru_cache(maxsize=1)
def _read_head(prefix: Path, written_ns: int, options: str, classes: int, seed: int) -> TrainedHead:
    head = get_head(make_head_config(json.loads(options)), classes, seed)
    return TrainedHead(head, checkpoints.read_checkpoint(prefix))


def make_head_config(options: Mapping[str, Any]) -> HeadConfig:
    """The options of a head as they were; those of a linear one where none are kept."""
    return HEADS[options.get("name", "linear")](**options)


def load_run(folder: Path | str) -> Run:
    """Reads a finished run.

    Raises:
        RunError: the folder is missing, is no run, has not finished, or was written by another version.
    """
    folder = Path(folder)
    path = folder / RUN_FILE
    if not path.is_file():
        raise _explain_missing(folder)
    return read_run(path, folder)


def read_run(path: Path, folder: Path) -> Run:
    """Reads the description of the run in `folder` from wherever it was written.

    Raises:
        RunError: it is missing, damaged, or was written by another version.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        version = values.pop("format_version")
        if version == FORMAT_VERSION:
            check_values(values)
            values |= {"records": Path(values["records"]), "features_dir": Path(values["features_dir"])}
            values |= {"folder": folder, "labels": tuple(values["labels"])}
            return Run(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, GraphcoreError) as error:
        what = f"there is no {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise RunError(f"{path} is damaged: {what}", next_step="Train the run again.") from error
    raise RunError(f"{path} has format {version}; this graphcore reads {FORMAT_VERSION}.", next_step="Train it again.")


def _explain_missing(folder: Path) -> RunError:
    if not folder.is_dir():
        return RunError(f"run={folder} is not a folder.", next_step="Give the folder that `train` named at its end.")
    if checkpoints.checkpoints_dir(folder).is_dir():
        return RunError(
            f"run={folder} has not finished: it has checkpoints but no {RUN_FILE}.",
            next_step=f"Run the same command again with hydra.run.dir={folder}; it goes on where it was.",
        )
    return RunError(
        f"run={folder} is not a run: it has no {RUN_FILE}.",
        choices=sorted(path.parent.name for path in folder.glob(f"*/{RUN_FILE}")) or None,
        next_step="Give the folder that `train` named at its end.",
    )
