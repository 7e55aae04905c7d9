"""What the network sees: some training pictures after cropping and augmentation, once, at the start."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from graphcore.config import AugmentConfig, Config, FinetuneConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.inputs.augment import augment
from graphcore.inputs.draws import build_draws
from graphcore.inputs.preprocess import decode_picture, prepare
from graphcore.nets.input_spec import InputSpec
from graphcore.training.contact_sheet import ENLARGE, Tile, make_sheet
from graphcore.training.dataset import TrainingData
from graphcore.training.lettering import INK, plan_names
from graphcore.training.observer import Moment, Observer
from graphcore.training.sample_pictures import SamplePictures, name_labels
from graphcore.training.summaries import Picture

# The newest sheet of this process and what it is of: the jobs of a sweep mostly show the same pictures.
_kept: dict[str, Any] = {}


class TrainingInputs(Observer):
    """Shows the first pictures of the training split as they go into the network, changes of training included."""

    def __init__(self, config: Config, data: TrainingData, spec: InputSpec, pictures: SamplePictures) -> None:
        """Takes what decides how pictures are changed, and where they are."""
        self._config, self._spec, self._pictures = config, plan_training_spec(config, spec), pictures
        self._names, self._digest = plan_names(data.labels), data.digest
        self._done = False

    def advanced(self, moment: Moment) -> None:
        """Draws them after the first steps."""
        if self._done:
            return
        self._done = True
        sheet = self._draw()
        if sheet is not None:
            text = f"Training pictures as the network sees them. {ENLARGE}"
            moment.writers.write_image("train", moment.step, "pictures/inputs", sheet, text)

    def _draw(self) -> Picture | None:
        config = self._config
        wanted = (str(self._pictures.folder), self._digest, self._names, config.summaries.images)
        changes = (repr(self._spec), repr(config.augment), config.seed)
        if _kept.get("of") != (wanted, changes):
            _kept.update(of=(wanted, changes), sheet=self._draw_anew())
        return _kept["sheet"]

    def _draw_anew(self) -> Picture | None:
        samples = self._pictures.read_first("train", self._config.summaries.images)
        if not samples:
            return None
        encoded = [sample.encoded for sample in samples]
        seen = look(encoded, self._spec, self._config.augment, self._config.seed)
        tiles = [
            Tile(picture, ((", ".join(name_labels(sample, self._names)) or "none", INK),))
            for picture, sample in zip(seen, samples, strict=True)
        ]
        return make_sheet(tiles)


def plan_training_spec(config: Config, spec: InputSpec) -> InputSpec:
    """How pictures are wanted while training, which may be smaller than afterwards."""
    trainer = config.trainer
    if isinstance(trainer, FinetuneConfig) and trainer.train_image_size is not None:
        return dataclasses.replace(spec, image_size=trainer.train_image_size)
    return spec


def look(encoded: Sequence[bytes], spec: InputSpec, augmentation: AugmentConfig, seed: int) -> list[Image.Image]:
    """Decodes pictures as a training would, and gives them back as pictures.

    Args:
        encoded: JPEG or PNG.
        spec: what the network takes.
        augmentation: the changes; the picture at position i gets those of the i-th of the training.
        seed: of the changes.
    """
    with tf.Graph().as_default() as graph:
        contents, index = tf1.placeholder(tf.string, []), tf1.placeholder(tf.int64, [])
        image = decode_picture(contents)
        if augmentation.is_off():
            image = prepare(image, spec)
        else:
            image = augment(image, build_draws(seed, index), augmentation, spec)
        with make_session(graph) as session:
            step = session.make_callable(image, [contents, index])
            return [to_picture(step(picture, number), spec) for number, picture in enumerate(encoded)]


def to_picture(image: np.ndarray, spec: InputSpec) -> Image.Image:
    """A network's input float32 [size, size, 3] as the picture it shows."""
    pixels = (image - spec.low) * (255.0 / (spec.high - spec.low))
    if spec.mean is not None:
        pixels = pixels + np.asarray(spec.mean, np.float32)
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
