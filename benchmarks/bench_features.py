"""The feature pass against its floor: decoding alone and the network alone, each at its best, one after the other.

    pytest benchmarks/bench_features.py -s --benchmark-only

All in one run on the same 2 048 drawn photos and all cores, MobileNet v1 0.5/160; weights are random, they cost as
much. The halves are ready before the clock starts: sessions open, models converted. The pass is `get_features`, from
shards to a finished, checksummed cache, with everything it sets up for that but the frozen graph, which is there: the
first of a process, which converts the network too, and a later one. The floor with libjpeg's scaling stands beside it:
its pictures are others.
"""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.drawn import make_photo
from benchmarks.measuring import note_goal, time_beside
from graphcore.features import executor, memory
from graphcore.features.executor import STEP
from graphcore.features.extract import get_features
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.xnnpack import XnnpackRunner, convert
from graphcore.inputs.pipeline import PREFETCHED_BATCHES, READ_BYTES, count_cores
from graphcore.inputs.preprocess import CHANNELS, DCT_METHOD, decode_and_prepare, prepare, resize, scale_pixels
from graphcore.inputs.records import parse_record
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone
from tfrecords.manifest import Manifest, ShardInfo, write_manifest

IMAGES = 4096
BATCH_SIZE = 64
ROUNDS = 4
SHARD = "train-00000-of-00001.tfrecord"
BACKBONE = get_backbone("mobilenet_v1", 0.5, 160)
SPEC = BACKBONE.input_spec
# Pixels around the crop: without them libjpeg's upsampling of colours ends at its edge, and the last column is another.
MARGIN = 2
SCALED = "scaled decode, batch 64"


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    with tf.io.TFRecordWriter(str(folder / SHARD)) as writer:
        for number in range(IMAGES):
            features = {
                "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[make_photo(number)])),
                "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
                "sample/key": tf.train.Feature(bytes_list=tf.train.BytesList(value=[f"{number}".encode()])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    shard = ShardInfo(SHARD, "train", IMAGES, (folder / SHARD).stat().st_size, "0" * 64)
    write_manifest(folder, Manifest("drawn", "image_folder", ("only",), {"train": {"only": IMAGES}}, (shard,)))
    return folder


@pytest.fixture(scope="module")
def frozen():
    return freeze_backbone(BACKBONE, None, announce=False)


def decode_whole(contents):
    """As the product does it."""
    return decode_and_prepare(contents, SPEC)


def decode_crop(contents):
    """The same pixels as `decode_and_prepare`, of a JPEG: only what the crop keeps is decoded."""
    sides = tf.io.extract_jpeg_shape(contents)[:2]
    kept = tf.cast(tf.round(tf.cast(sides, tf.float32) * SPEC.crop_fraction), tf.int32)
    top_left = (sides - kept) // 2
    first, end = tf.maximum(top_left - MARGIN, 0), tf.minimum(top_left + kept + MARGIN, sides)
    window = tf.concat([first, end - first], 0)
    image = tf.io.decode_and_crop_jpeg(contents, window, channels=CHANNELS, dct_method=DCT_METHOD)
    cropped = tf.slice(image, tf.concat([top_left - first, [0]], 0), tf.concat([kept, [CHANNELS]], 0))
    return scale_pixels(resize(cropped, SPEC.image_size), SPEC)


def decode_scaled(contents):
    """Other pictures: libjpeg halves them while it decodes."""
    image = tf.io.decode_jpeg(contents, channels=CHANNELS, ratio=2, dct_method=DCT_METHOD)
    return prepare(image, SPEC)


def get_decoder(path, decode: Callable, batch_size: int) -> Callable[[], None]:
    """Returns what decodes the shard once, with a session that is open already."""
    with tf.Graph().as_default() as graph:
        dataset = tf.data.TFRecordDataset([str(path)], buffer_size=READ_BYTES)
        dataset = dataset.map(lambda record: decode(parse_record(record)[0]), num_parallel_calls=count_cores())
        options = tf.data.Options()
        options.threading.private_threadpool_size = count_cores()
        options.autotune.enabled = False
        dataset = dataset.batch(batch_size).prefetch(PREFETCHED_BATCHES).with_options(options)
        iterator = tf1.data.make_initializable_iterator(dataset)
        batch = iterator.get_next()
        session = tf1.Session(graph=graph)
    begin, step = session.make_callable(iterator.initializer), session.make_callable(batch.op)

    def run() -> None:
        begin()
        for _ in range(IMAGES // batch_size):
            step()

    return run


def get_network(forward: Callable, batch_size: int) -> Callable[[], None]:
    """Returns what runs a network on as many pictures as the shard has."""
    size = SPEC.image_size
    images = np.random.default_rng(0).uniform(-1, 1, (batch_size, size, size, 3)).astype(np.float32)

    def run() -> None:
        for _ in range(IMAGES // batch_size):
            forward(images)

    return run


def make_halves(path, program) -> dict[str, Callable[[], None]]:
    """Everything that the floor is looked for among, by name."""
    size = SPEC.image_size
    step = program.make_callable(["images"], ["features"])
    decoders = {
        "decode, batch 16": get_decoder(path, decode_whole, 16),
        "decode, batch 64": get_decoder(path, decode_whole, 64),
        "decode the crop, batch 64": get_decoder(path, decode_crop, 64),
        SCALED: get_decoder(path, decode_scaled, 64),
    }
    networks = {f"network, TensorFlow, batch {rows}": get_network(step, rows) for rows in (32, 64)}
    for rows in (STEP, 2 * STEP):
        runner = XnnpackRunner(convert(program, "images", "features", (rows, size, size, 3)), count_cores())
        networks[f"network, XNNPACK, {rows} at a time"] = get_network(runner, rows)
    return decoders | networks


def require_same_pictures() -> None:
    """A floor of other pictures would be none."""
    with tf.Graph().as_default(), tf1.Session() as session:
        contents = tf1.placeholder(tf.string, [])
        ways = [decode_whole(contents), decode_crop(contents)]
        for number in range(8):
            whole, cropped = session.run(ways, {contents: make_photo(number)})
            np.testing.assert_array_equal(whole, cropped)


def test_pass_reaches_its_floor(benchmark, records, frozen, tmp_path):
    require_same_pictures()
    gc.freeze()  # as a command's own process does: walking all that was imported takes 0.2 s whenever it happens
    numbers = itertools.count()

    def extract(first: bool) -> None:
        if first:
            executor.forget()
        memory.forget()
        found = get_features(records, "train", BACKBONE, frozen, tmp_path / f"{next(numbers)}", BATCH_SIZE)
        assert found.extracted == IMAGES

    halves = make_halves(records / SHARD, frozen.program)
    beside = time_beside(benchmark, lambda: extract(True), halves | {"a later pass": lambda: extract(False)}, ROUNDS)
    floors = {name: min(beside.ratios[way] for way in halves if way.startswith(name)) for name in ("decode", "network")}
    share = sum(floors.values())
    later = share / beside.ratios["a later pass"]
    scaled = beside.ratios[SCALED] + floors["network"]
    speeds = {name: round(IMAGES / secs, 1) for name, secs in beside.seconds.items()}
    benchmark.extra_info["images_per_second"] = speeds
    print("\n" + "\n".join(f"{name}: {speed:,.0f} pictures a second" for name, speed in speeds.items()))
    what = (
        f"features of {IMAGES} photos, its set-up and the network's conversion included, against decode, then network"
    )
    note_goal(benchmark, 1, what, share, 0.85, "%")
    note_goal(benchmark, 1, "the same, the network converted already", later, 0.85, "%")
    note_goal(benchmark, 1, "the same, against scaled decode (other pictures), then network", scaled, None, "%")
