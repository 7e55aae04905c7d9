"""What work costs, counted rather than timed: bytes read, files made lasting, and modules loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from graphcore.config import Config, ImageFolderConfig, ShardsConfig, SplitConfig
from graphcore.convert import convert
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.pipeline import make_dataset
from graphcore.nets.factory import get_backbone
from tests.graphcore.conftest import draw_picture
from tfrecords.framing import iterate_records
from tfrecords.index import iterate_keys
from tfrecords.marks import iterate_marks
from tfrecords.reader import Reader

ROOT = Path(__file__).parents[1]

RECORDS, RECORD_BYTES = 100, 30_000
# What /proc/self/io itself takes to be read, and a little.
SLACK_BYTES = 4096

needs_proc = pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="counts what Linux counts")


def count_reads(action: Callable[[], object]) -> tuple[int, int]:
    """Bytes read and system calls that read them, of the whole process while it acts."""
    before = _read_counters()
    action()
    after = _read_counters()
    return after["rchar"] - before["rchar"], after["syscr"] - before["syscr"]


def _read_counters() -> dict[str, int]:
    pairs = (line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return {name: int(value) for name, value in pairs}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """100 photos of 30 kB: a drawn one with a comment that differs."""
    return write_photos(tmp_path_factory.mktemp("photos"), RECORDS)


def write_photos(folder: Path, count: int, size_bytes: int = RECORD_BYTES) -> Path:
    drawn = draw_picture(0, 0)
    for number in range(count):
        comment = number.to_bytes(4, "big") + bytes(size_bytes - len(drawn) - 8)
        path = folder / f"class_{number % 2}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        path.write_bytes(drawn[:2] + segment + drawn[2:])
    return folder


def configure(photos: Path, records: Path) -> Config:
    dataset = ImageFolderConfig(kind="image_folder", dir=str(photos), records=str(records))
    return Config(dataset=dataset, split=SplitConfig(train=100, validation=0, test=0), shards=ShardsConfig())


@pytest.fixture(scope="module")
def records(photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    convert(configure(photos, folder))
    return folder


@pytest.fixture(scope="module")
def shard(records):
    (path,) = Reader(records).paths("train")
    assert path.stat().st_size > RECORDS * RECORD_BYTES
    return path


@needs_proc
def test_a_shard_is_read_once_and_in_chunks(shard):
    size = shard.stat().st_size
    read, calls = count_reads(lambda: sum(1 for _ in iterate_records(shard, chunk_bytes=1 << 20)))
    assert size <= read <= size + SLACK_BYTES
    assert calls <= size // (1 << 20) + 1 + 5  # one finds the end; the rest are of /proc


@needs_proc
def test_the_pipeline_reads_a_shard_once_and_in_chunks(shard):
    size = shard.stat().st_size
    with tf.Graph().as_default(), tf1.Session() as session:
        dataset = make_dataset([shard], get_backbone("mobilenet_v1", 0.25, 128).input_spec, 50)
        iterator = tf1.data.make_initializable_iterator(dataset)
        step = session.make_callable(tf.shape(iterator.get_next()[0])[0])

        def drain() -> None:
            session.run(iterator.initializer)
            assert [step(), step()] == [50, 50]
            with pytest.raises(tf.errors.OutOfRangeError):
                step()

        drain()  # kernels and pytest's own modules are loaded now
        read, calls = count_reads(drain)
    assert size <= read <= size + SLACK_BYTES
    assert calls < RECORDS / 4


@needs_proc
@pytest.mark.parametrize("iterate", [iterate_keys, iterate_marks])
def test_keys_are_found_without_reading_pictures(shard, iterate):
    read, _ = count_reads(lambda: sum(1 for _ in iterate(shard)))
    assert read < shard.stat().st_size / 3
    assert read <= RECORDS * 2 * 4096 + SLACK_BYTES


@needs_proc
def test_one_sample_is_looked_up_without_reading_the_others(records):
    key = next(Reader(records).iterate("train")).key
    read, _ = count_reads(lambda: Reader(records).lookup(key))
    assert read <= RECORDS * 2 * 4096 + 2 * RECORD_BYTES + SLACK_BYTES


@needs_proc
def test_a_conversion_reads_each_photo_at_most_twice(photos, records, tmp_path):
    size = RECORDS * RECORD_BYTES
    read, _ = count_reads(lambda: convert(configure(photos, tmp_path)))
    assert read <= 2.1 * size


@needs_proc
def test_a_conversion_with_nothing_to_do_reads_no_photo(photos, records):
    read, _ = count_reads(lambda: convert(configure(photos, records)))
    assert read < RECORDS * 1000


@pytest.fixture
def steps(monkeypatch) -> Counter[str]:
    """How often somebody waits for the disk, and how often a file takes its name."""
    taken: Counter[str] = Counter()

    def counted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **kwargs: object) -> object:
            taken[name] += 1
            return real(*args, **kwargs)

        return step

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, counted(name, getattr(os, name)))
    return taken


def test_conversion_waits_for_the_disk_as_often_for_many_photos_as_for_few(tmp_path, steps):
    waits, files = [], []
    for number in (10, 300):  # one shard each
        photos = write_photos(tmp_path / f"photos_{number}", number, size_bytes=3000)
        steps.clear()
        convert(configure(photos, tmp_path / f"records_{number}"))
        waits.append(steps["fsync"])
        files.append(steps["replace"])
    assert waits[0] == waits[1]
    assert files[1] - files[0] <= 290 / 10  # what has been read is kept many photos at a time


HEAVY = {"tensorflow", "keras", "matplotlib", "tf_slim"}


def list_heavy(program: str, *arguments: str) -> str:
    program += f"\nimport sys; print('heavy:', sorted({HEAVY} & set(sys.modules)))"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_reading_and_converting_load_nothing_heavy():
    assert list_heavy(
        "import importlib, pathlib\n"
        "import tfrecords, graphcore\n"
        "rooms = ['tfrecords', *(f'graphcore/{n}' for n in ('sources', 'splits', 'conversion', 'audit', 'config'))]\n"
        "for room in rooms:\n"
        "    for path in pathlib.Path(room).rglob('*.py'):\n"
        "        if path.stem != '__main__':\n"
        "            importlib.import_module('.'.join(path.with_suffix('').parts).removesuffix('.__init__'))\n"
        "import graphcore.convert, graphcore.command, graphcore.train, graphcore.console\n"
    ).endswith("heavy: []\n")


@pytest.mark.parametrize("job", ["compare", "tensorboard", "sweep"])
def test_help_of_the_lesser_commands_loads_nothing_heavy(job):
    shown = list_heavy(
        "import runpy, sys; sys.argv = ['x', '--help']\n"
        f"try: runpy.run_module('graphcore.{job}', run_name='__main__')\n"
        "except SystemExit: pass\n"
    )
    assert shown.endswith("heavy: []\n")


def test_an_audit_loads_nothing_heavy(photos, records):
    shown = list_heavy(
        "import sys\nfrom graphcore.audit import __main__ as audit\n"
        "photos, records = sys.argv[1:]\n"
        "sys.argv = ['audit', 'dataset=image_folder', f'dataset.dir={photos}', f'dataset.records={records}']\n"
        "try: audit.main()\nexcept SystemExit: pass\n",
        str(photos),
        str(records),
    )
    assert "one picture, two labels" in shown  # it did look: the photos differ in a comment alone
    assert shown.endswith("heavy: []\n")
