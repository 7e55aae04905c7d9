"""The observers that a configuration asks for."""

from __future__ import annotations

from pathlib import Path

from graphcore.config import Config
from graphcore.nets.backbone import Backbone
from graphcore.training.dataset import TrainingData
from graphcore.training.observer import Moment, Observer


def get_observers(config: Config, data: TrainingData, backbone: Backbone, run_dir: Path) -> list[Observer]:
    """One for each kind of summary that `config.summaries` names.

    Args:
        config: every option.
        data: what is trained on.
        backbone: for how it wants its pictures.
        run_dir: the run's folder.
    """
    return [Histograms()] if config.summaries.histograms else []


class Histograms(Observer):
    """Distributions of weights and gradients, at every evaluation."""

    def evaluated(self, moment: Moment) -> None:
        """Writes them."""
        for tag, values in moment.stepper.read_histograms().items():
            moment.writers.write_histogram("train", moment.step, tag, values)
