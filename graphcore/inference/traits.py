"""What a run knows of its classifier that the graph does not say."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphcore.errors import RunError
from graphcore.sources.normalise import PictureOptions
from graphcore.timelines.segmenting import Segmenting
from graphcore.training.run import Run

DEFAULT_EVERY_SECS = 4.0


@dataclass(frozen=True)
class Traits:
    """The defaults are what is said of a graph without its run.

    Attributes:
        picture_options: how pictures and frames are normalised before they go into the graph: as those it was trained
            on were.
        every_secs: how far apart the frames were that it was trained on; 4 where it was trained on pictures.
        thresholds: of a multi-label classifier, one for each class; None where they are not known.
        temperature: what makes frequencies of scores; None where it is not known.
        segmenting: how the frames of a video become segments.
        has_run: whether there is a run to know all this.
    """

    picture_options: PictureOptions = field(default_factory=PictureOptions)
    every_secs: float = DEFAULT_EVERY_SECS
    thresholds: tuple[float, ...] | None = None
    temperature: float | None = None
    segmenting: Segmenting = field(default_factory=Segmenting)
    has_run: bool = False


def read_traits(run: Run) -> Traits:
    """What a finished run says.

    Raises:
        RunError: it says something about segments that is not known.
    """
    try:
        segmenting = Segmenting.from_json(run.segmenting)
    except ValueError as error:
        raise RunError(f"{run.folder} cannot be used: {error}.", next_step="Train the run again.") from error
    return Traits(
        _read_options(run),
        float(run.dataset_options.get("dataset.every_secs", DEFAULT_EVERY_SECS)),
        None if run.thresholds is None else tuple(run.thresholds),
        run.temperature,
        segmenting,
        has_run=True,
    )


def _read_options(run: Run) -> PictureOptions:
    """How the run's own pictures were normalised at conversion."""
    names = ("size", "format", "quality", "max_pixels")
    given = {name: run.dataset_options.get(f"dataset.{name}") for name in names}
    return PictureOptions(**{name: value for name, value in given.items() if value is not None})
