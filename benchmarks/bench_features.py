"""The feature pass against its two halves: decoding alone, the frozen network alone, and both as they are used.

    pytest benchmarks/bench_features.py -s

All in one run on the same pictures, 400x534 like a photo album's. The bar: the pass reaches at least 60 % of what
decoding and then forwarding, one after the other, would reach. Weights are random; they cost as much.
"""

import io

import numpy as np
import pytest
from PIL import Image

from graphcore.features.forward import iterate_features
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.pipeline import make_dataset
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone

IMAGES = 512
BATCH_SIZE = 64
ROUNDS = 5

seconds: dict[str, float] = {}


def _draw_photo(seed):
    # Smooth shapes and some noise compress to about 30 KiB, as photos of this size do.
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (12, 16, 3), np.uint8)).resize(
        (400, 534), Image.Resampling.BICUBIC
    )
    noisy = np.clip(np.asarray(coarse) + random.normal(0, 6, (534, 400, 3)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=85)
    return file.getvalue()


@pytest.fixture(scope="module")
def shard(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench") / "train-00000-of-00001.tfrecord"
    photos = [_draw_photo(seed) for seed in range(32)]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for number in range(IMAGES):
            features = {
                "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[photos[number % len(photos)]])),
                "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
            }
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())
    return path


@pytest.fixture(scope="module")
def backbone():
    return get_backbone("mobilenet_v1", 0.5, 160)


@pytest.fixture(scope="module")
def frozen(backbone):
    return freeze_backbone(backbone, None)


def _measure(benchmark, name, action):
    benchmark.pedantic(action, rounds=ROUNDS, warmup_rounds=1)
    seconds[name] = benchmark.stats.stats.median
    benchmark.extra_info["images_per_second"] = round(IMAGES / seconds[name], 1)


def test_decode_alone(benchmark, shard, backbone):
    def decode():
        with tf.Graph().as_default(), tf1.Session() as session:
            dataset = make_dataset([shard], backbone.input_spec, BATCH_SIZE)
            images, _, _ = tf1.data.make_one_shot_iterator(dataset).get_next()
            step = session.make_callable(images.op)
            for _ in range(IMAGES // BATCH_SIZE):
                step()

    _measure(benchmark, "decode", decode)


def test_forward_alone(benchmark, backbone, frozen):
    size = backbone.input_spec.image_size
    images = np.random.default_rng(0).uniform(-1, 1, (BATCH_SIZE, size, size, 3)).astype(np.float32)
    step = frozen.program.make_callable(["images"], ["features"])

    def forward():
        for _ in range(IMAGES // BATCH_SIZE):
            step(images)

    _measure(benchmark, "forward", forward)


def test_whole_pass(benchmark, shard, backbone, frozen):
    def extract():
        batches = iterate_features([shard], frozen.program, backbone.input_spec, BATCH_SIZE)
        assert sum(len(labels) for _, labels, _ in batches) == IMAGES

    _measure(benchmark, "pass", extract)
    if {"decode", "forward"} <= seconds.keys():
        ratio = (seconds["decode"] + seconds["forward"]) / seconds["pass"]
        benchmark.extra_info["share_of_sequential"] = round(ratio, 3)
        speeds = ", ".join(f"{name} {IMAGES / value:.0f} images/s" for name, value in seconds.items())
        print(f"\n{speeds}; the pass reaches {ratio:.0%} of decoding and forwarding one after the other")
