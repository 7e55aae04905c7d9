"""Converting photos that pass through byte for byte, against copying the same files.

    pytest benchmarks/bench_convert.py -s

Conversion reads each file, checks that it decodes, hashes it, and writes it into shards; copying does none of that.
"""

import io
import shutil

import numpy as np
import pytest
from PIL import Image

from graphcore.config import Config, ImageFolderConfig, ShardsConfig, SplitConfig
from graphcore.convert import convert

PHOTOS = 1000
ROUNDS = 5

seconds: dict[str, float] = {}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for number in range(PHOTOS):
        coarse = Image.fromarray(random.integers(0, 256, (12, 16, 3), np.uint8)).resize((400, 534))
        noisy = np.clip(np.asarray(coarse) + random.normal(0, 6, (534, 400, 1)), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(noisy).save(file, "JPEG", quality=85)
        path = folder / f"class_{number % 10}" / f"{number}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(file.getvalue())
    return folder


def _measure(benchmark, name, action, clear):
    benchmark.pedantic(action, setup=clear, rounds=ROUNDS, warmup_rounds=1)
    seconds[name] = benchmark.stats.stats.median
    benchmark.extra_info["photos_per_second"] = round(PHOTOS / seconds[name], 1)


def test_copy(benchmark, photos, tmp_path):
    copy = tmp_path / "copy"
    _measure(benchmark, "copy", lambda: shutil.copytree(photos, copy), lambda: shutil.rmtree(copy, ignore_errors=True))


def test_convert(benchmark, photos, tmp_path):
    records = tmp_path / "records"
    dataset = ImageFolderConfig(kind="image_folder", dir=str(photos), records=str(records))
    config = Config(dataset=dataset, split=SplitConfig(), shards=ShardsConfig())
    _measure(benchmark, "convert", lambda: convert(config), lambda: shutil.rmtree(records, ignore_errors=True))
    if "copy" in seconds:
        ratio = seconds["copy"] / seconds["convert"]
        benchmark.extra_info["share_of_copying"] = round(ratio, 3)
        speeds = ", ".join(f"{name} {PHOTOS / value:.0f} photos/s" for name, value in seconds.items())
        print(f"\n{speeds}; conversion goes at {ratio:.2f} times the speed of copying")
