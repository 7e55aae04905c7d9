"""The released weights, restored by name into our network, know what real photos show."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from graphcore.errors import CheckpointError
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone
from graphcore.nets.weights import locate_checkpoint

SHARED = Path(__file__).parents[3].parent / "shared"
CHECKPOINTS = SHARED / "checkpoints"
PHOTOS = SHARED / "data" / "clothing"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CHECKPOINTS.is_dir() or not PHOTOS.is_dir(), reason="../shared is not there"),
]

# ImageNet's own names for what each folder shows; it has none for a t-shirt or for trousers.
SENSIBLE = {
    "shoes": {"Loafer", "clog", "sandal", "running shoe", "shoe shop", "cowboy boot", "sock"},
    "t-shirt": {"jersey", "sweatshirt", "bulletproof vest", "maillot", "cardigan"},
    "longsleeve": {"sweatshirt", "jersey", "cardigan", "wool", "stole", "trench coat"},
    "pants": {"jean", "pajama", "sweatshirt", "swimming trunks", "overskirt"},
    "skirt": {"miniskirt", "hoopskirt", "overskirt", "sarong", "gown"},
}


def photo_names(folder):
    return sorted(path for path in (PHOTOS / folder).iterdir() if path.suffix == ".jpg")


def load(path, size):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    width, height = image.size
    margins = (0.0625 * width, 0.0625 * height, 0.9375 * width, 0.9375 * height)
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=margins), np.float32) / 127.5 - 1


def top_five_names(program, paths, size):
    (logits,) = program.run({"images": np.stack([load(path, size) for path in paths])}, ["logits"])
    labels = [line.split(",")[0] for line in (CHECKPOINTS / "imagenet_labels.txt").read_text().splitlines()]
    return [{labels[index] for index in np.argsort(-row)[:5]} for row in logits]


@pytest.mark.parametrize(("width", "size", "least"), [(0.25, 128, 0.5), (0.5, 160, 0.65)])
def test_real_photos_get_sensible_names_among_the_top_five(width, size, least):
    source = locate_checkpoint(str(CHECKPOINTS / f"mobilenet_v1_{width}_{size}"))
    program = freeze_backbone(get_backbone("mobilenet_v1", width, size), source, num_classes=1001).program
    hits = []
    for folder, names in SENSIBLE.items():
        tops = top_five_names(program, photo_names(folder), size)
        hits += [bool(names & top) for top in tops]
        print(folder, f"{sum(bool(names & top) for top in tops)}/{len(tops)}")
    program.close()
    # Names drawn at random would be right for 5 x 6 of 1001: three photos in a hundred.
    assert np.mean(hits) > least


def test_the_restore_prints_what_it_did(capsys):
    source = locate_checkpoint(str(CHECKPOINTS / "mobilenet_v1_0.25_128"))
    freeze_backbone(get_backbone("mobilenet_v1", 0.25, 128), source)
    line = capsys.readouterr().err
    assert "135 variables restored, 3 left out" in line
    assert "0 missing" in line


def test_a_wrong_width_names_a_variable_and_both_shapes():
    source = locate_checkpoint(str(CHECKPOINTS / "mobilenet_v1_0.5_160"))
    with pytest.raises(CheckpointError, match=r"has shape \[16\] in the checkpoint and \[32\] in the graph") as caught:
        freeze_backbone(get_backbone("mobilenet_v1", 1.0, 160), source)
    assert "set backbone.width=0.5" in str(caught.value)
