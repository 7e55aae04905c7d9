"""An observer that exports a training every so many steps: RUN/export/intermediate/frozen_graph-<step>.pb."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphcore.config import Config
from graphcore.export.intermediate import write_intermediate
from graphcore.graph.program import Program
from graphcore.heads.factory import get_head
from graphcore.heads.temporal import SmoothingHead
from graphcore.heads.trained import TrainedHead
from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.frozen import freeze_weights
from graphcore.nets.memory import get_frozen
from graphcore.training.observer import Moment, Observer

FOLDER = Path("export") / "intermediate"


def name_graph(step: int) -> str:
    """The file of a graph after so many steps."""
    return f"frozen_graph-{step}.pb"


class IntermediateGraphs(Observer):
    """Writes the classifier as it is at every multiple of `config.export.every_steps`."""

    def __init__(self, config: Config, labels: Sequence[str], run_dir: Path) -> None:
        """Takes every option, the classes, and the run's folder."""
        self.every_steps = config.export.every_steps
        self._config, self._labels, self._folder = config, tuple(labels), run_dir / FOLDER

    def advanced(self, moment: Moment) -> None:
        """Writes one where it is due."""
        if moment.step % self.every_steps:
            return
        backbone, program, head = self._take_parts(moment)
        path = self._folder / name_graph(moment.step)
        write_intermediate(path, backbone, program, head, self._labels, self._config.export.output_name)

    def _take_parts(self, moment: Moment) -> tuple[Backbone, Program, TrainedHead]:
        config = self._config
        backbone, source = get_configured_backbone(config.backbone)
        head = get_head(config.head, len(self._labels), config.seed)
        if isinstance(head, SmoothingHead):  # it is fitted when the training is over; until then frames stand alone
            head = head.frame
        weights = moment.stepper.read_weights()
        above = TrainedHead(head, {name: value for name, value in weights.items() if name.startswith("head/")})
        if len(above.variables) == len(weights):  # the backbone stands still, and was made for its features
            return backbone, get_frozen(backbone, source, config.seed).program, above
        return backbone, freeze_weights(backbone, weights), above
