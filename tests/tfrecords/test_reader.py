import pytest

import tfrecords.reader
from tfrecords.errors import CorruptShardError, RecordsError
from tfrecords.framing import write_record
from tfrecords.reader import Reader


def test_paths_are_those_of_the_split(dataset):
    assert [path.name for path in Reader(dataset).paths("test")] == [
        "test-00000-of-00002.tfrecord",
        "test-00001-of-00002.tfrecord",
    ]


def test_iterate_gives_every_sample_once(dataset):
    reader = Reader(dataset)
    keys = [sample.key for split in ("train", "test") for sample in reader.iterate(split)]
    assert sorted(keys) == sorted(f"{('cat', 'dog')[index % 2]}/{index}.jpg" for index in range(16))


def test_an_unknown_split_is_named_with_those_there_are(dataset):
    with pytest.raises(RecordsError, match="has no split 'validation'; it has: train, test"):
        Reader(dataset).paths("validation")


def test_a_missing_shard_is_named(dataset):
    (dataset / "test-00001-of-00002.tfrecord").unlink()
    with pytest.raises(RecordsError, match=r"lacks test-00001-of-00002\.tfrecord; convert again"):
        list(Reader(dataset).iterate("test"))


def test_a_damaged_record_is_named(dataset):
    path = dataset / "test-00000-of-00002.tfrecord"
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptShardError, match=r"test-00000-of-00002\.tfrecord: record 0 at byte 0"):
        list(Reader(dataset).iterate("test"))


def test_a_record_that_is_no_sample_is_named(dataset):
    path = dataset / "test-00000-of-00002.tfrecord"
    with open(path, "wb") as file:
        write_record(file, b"")
    with pytest.raises(CorruptShardError, match="record 0 at byte 0: no feature 'image/encoded'"):
        list(Reader(dataset).iterate("test"))


def test_lookup_finds_a_sample_of_any_split(dataset):
    reader = Reader(dataset)
    assert [reader.lookup(f"cat/{index}.jpg").width for index in (0, 4, 14)] == [20, 24, 34]


def test_lookup_in_one_split_finds_no_sample_of_another(dataset):
    reader = Reader(dataset)
    (key, *_) = [sample.key for sample in reader.iterate("test")]
    assert reader.lookup(key, "test").key == key
    with pytest.raises(RecordsError, match=f"has no sample '{key}'"):
        reader.lookup(key, "train")


def test_lookup_of_an_unknown_key_shows_what_keys_look_like(dataset):
    with pytest.raises(RecordsError, match=r"no sample 'bird/1\.jpg'; its keys look like 'cat/0\.jpg'"):
        Reader(dataset).lookup("bird/1.jpg")


def test_a_folder_without_dataset_is_refused(tmp_path):
    with pytest.raises(RecordsError, match=r"has no dataset\.json"):
        Reader(tmp_path)


@pytest.fixture
def opened(monkeypatch):
    """The shards whose keys are read to the end."""
    names = []
    real = tfrecords.reader.iterate_keys

    def iterate_keys(path):
        yield from real(path)
        names.append(path.name)

    monkeypatch.setattr(tfrecords.reader, "iterate_keys", iterate_keys)
    return names


def test_lookup_reads_the_keys_of_one_shard_a_split_at_most(dataset, opened):
    reader = Reader(dataset)
    for index in range(16):
        opened.clear()
        assert reader.lookup(f"{('cat', 'dog')[index % 2]}/{index}.jpg").width == 20 + index
        assert len({name.split("-")[0] for name in opened}) == len(opened)


def test_a_second_lookup_reads_no_keys(dataset, opened):
    reader = Reader(dataset)
    first = reader.lookup("cat/4.jpg")
    opened.clear()
    assert reader.lookup("cat/4.jpg") == first
    assert opened == []


def test_lookup_finds_samples_that_are_in_no_order(dataset):
    reader = Reader(dataset)
    paths = reader.paths("train")
    names = [path.name for path in paths]
    for path, name in zip(paths, [*names[1:], names[0]], strict=True):
        path.rename(dataset / f"{name}.moved")
    for name in names:
        (dataset / f"{name}.moved").rename(dataset / name)
    assert {Reader(dataset).lookup(f"cat/{index}.jpg").width for index in (0, 6, 10)} == {20, 26, 30}
