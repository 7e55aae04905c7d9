"""What small runs on photos and videos are made of; the fixtures are in conftest."""

from dataclasses import replace

import numpy as np
from PIL import Image

from graphcore.config import (
    AdamConfig,
    BackboneConfig,
    Config,
    ImageFolderConfig,
    ScheduleConfig,
    SummariesConfig,
    TrainerConfig,
)

PHOTO_LABELS = ("blue", "green", "red")
VIDEO_LABELS = ("cutting", "not-cutting")
# Of each video, the split and the labels of its frames.
VIDEOS = {
    "1": ("train", (0, 0, 0, 1, 1, 1)),
    "2": ("train", (1, 1, 0, 0, 0, 1)),
    "3": ("validation", (1, 0, 0, 0, 1, 1)),
    "4": ("test", (0, 0, 1, 1, 1, 0)),
    "5": ("test", (1, 1, 1, 0, 0, 0)),
}
STEP_SECS = 0.5


def draw_photo(path, label, seed):
    """A noisy JPEG in which the channel of the label stands out."""
    pixels = np.random.default_rng(seed).integers(0, 120, (40, 48, 3), np.uint8)
    pixels[..., 2 - PHOTO_LABELS.index(label)] += 110
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, "JPEG", quality=95)


def make_config(folder, **parts):
    """Options of a training that takes a second: random weights, cut off near the picture."""
    config = Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        backbone=BackboneConfig(
            checkpoint=None, end_point="Conv2d_1_pointwise", features_dir=str(folder / "features"), batch_size=16
        ),
        optimizer=AdamConfig("adam", 0.05),
        schedule=ScheduleConfig("fixed"),
        trainer=TrainerConfig(steps=40, batch_size=8, eval_every_steps=20, checkpoint_every_steps=20),
        summaries=SummariesConfig(False, 0, 0, False, False, 0),
    )
    return replace(config, **parts)
