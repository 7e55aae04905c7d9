"""The observers that a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from graphcore.config import Config
from graphcore.features.store import FeatureSet
from graphcore.nets.backbone import Backbone
from graphcore.training.dataset import TrainingData
from graphcore.training.observer import Moment, Observer
from graphcore.training.sample_pictures import SamplePictures
from graphcore.training.summary_confusion import ConfusionMatrix
from graphcore.training.summary_curves import PrecisionRecall
from graphcore.training.summary_images import TrainingInputs
from graphcore.training.summary_mistakes import Mistakes
from graphcore.training.summary_profile import Profile
from graphcore.training.summary_projector import Projector


def get_observers(
    config: Config,
    data: TrainingData,
    backbone: Backbone,
    run_dir: Path,
    features: Mapping[str, FeatureSet] | None = None,
) -> list[Observer]:
    """One for each kind of summary that `config.summaries` names.

    Args:
        config: every option.
        data: what is trained on.
        backbone: for how it wants its pictures.
        run_dir: the run's folder.
        features: of the splits, where a frozen backbone has made them.

    Raises:
        ConfigError: the training is too short for the profile that is asked for.
    """
    asked, labels = config.summaries, data.labels
    pictures = SamplePictures(data.folder, data.digest)
    observers: list[Observer] = []
    if asked.profile_steps:
        observers.append(Profile(run_dir, asked.profile_steps, config.trainer.steps))
    if asked.histograms:
        observers.append(Histograms())
    if asked.images:
        observers.append(TrainingInputs(config, data, backbone.input_spec, pictures))
    if asked.mistakes:
        observers.append(Mistakes(labels, pictures, asked.mistakes))
    if asked.confusion_matrix:
        observers.append(ConfusionMatrix(labels))
    if asked.pr_curves:
        observers.append(PrecisionRecall(labels, data.class_counts("validation")))
    if asked.projector:
        vectors = features["validation"].features if features is not None else None
        observers.append(Projector(labels, pictures, asked.projector, vectors))
    return observers


class Histograms(Observer):
    """Distributions of weights and gradients, at every evaluation."""

    def evaluated(self, moment: Moment) -> None:
        """Writes them."""
        for tag, values in moment.stepper.read_histograms().items():
            moment.writers.write_histogram("train", moment.step, tag, values)
