"""What a training knows of its dataset, and how a finished training is described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from graphcore.config import Config
from graphcore.errors import DatasetError
from graphcore.heads.factory import is_multi_label
from graphcore.heads.judge import resolve_objective
from graphcore.nets.backbone import Backbone
from graphcore.training.loop import TrainingResult
from graphcore.training.run import Run
from tfrecords.manifest import Manifest, read_outline


@dataclass(frozen=True)
class TrainingData:
    """A folder of shards.

    Attributes:
        folder: where the shards lie.
        manifest: what its dataset.json says, without its inputs.
        digest: the content identity of the dataset.
    """

    folder: Path
    manifest: Manifest
    digest: str

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names; a label is an index into them."""
        return self.manifest.labels

    def paths(self, split: str) -> list[Path]:
        """The shards of a split, in order."""
        return [self.folder / shard.name for shard in self.manifest.shards if shard.split == split]

    def samples(self, split: str) -> int:
        """How many samples a split has."""
        return self.manifest.samples(split)

    def class_counts(self, split: str) -> np.ndarray:
        """int64 [classes], samples of each class in a split."""
        counts = self.manifest.counts.get(split, {})
        return np.array([counts.get(label, 0) for label in self.labels], np.int64)

    def describe_run(
        self,
        config: Config,
        backbone: Backbone,
        run_dir: Path,
        result: TrainingResult,
        seconds: Mapping[str, float],
        speeds: Mapping[str, float],
    ) -> Run:
        """The description of a training on this data.

        `seconds` are by stage, `speeds` by flat name.
        """
        return Run(
            folder=run_dir,
            labels=self.labels,
            backbone_name=config.backbone.name,
            width=config.backbone.width,
            image_size=config.backbone.image_size,
            end_point=backbone.end_point,
            input_spec=backbone.input_spec.to_json(),
            dataset_options=dict(self.manifest.options),
            records=self.folder,
            dataset_digest=self.digest,
            features_dir=Path(config.backbone.features_dir),
            batch_size=config.backbone.batch_size,
            executor=config.backbone.executor,
            head_options=asdict(config.head),
            multi_label=is_multi_label(config.head),
            objective=resolve_objective(config.trainer.objective, is_multi_label(config.head)),
            output_name=config.export.output_name,
            trainer=config.trainer.name,
            steps=result.progress.step,
            best_step=result.progress.best_step,
            validation=dict(result.validation),
            seconds=dict(seconds),
            speeds=dict(speeds),
            seed=config.seed,
        )


def read_training_data(records: Path) -> TrainingData:
    """Reads what there is to train on.

    Raises:
        RecordsError: the folder is not a finished dataset.
        DatasetError: there is nothing to train on.
    """
    manifest = read_outline(records)
    if manifest.samples("train") == 0:
        raise DatasetError(f"{records} has no training samples.", next_step="Set split.train higher and convert again.")
    return TrainingData(records, manifest, manifest.digest())
