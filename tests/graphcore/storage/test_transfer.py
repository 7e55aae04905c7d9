import threading

import pytest

from graphcore.storage.transfer import transfer
from tfrecords.manifest import ShardInfo

SHARDS = [ShardInfo(f"train-{number:05d}-of-00020.tfrecord", "train", 1, 2**20, "ab") for number in range(20)]


def test_every_shard_is_transferred_once(capsys):
    done, lock = [], threading.Lock()

    def note(shard):
        with lock:
            done.append(shard.name)

    transfer("Uploading", SHARDS, note)
    assert sorted(done) == [shard.name for shard in SHARDS]
    assert "Uploading: 20 MiB" in capsys.readouterr().err


def test_the_first_failure_ends_it():
    done, lock = [], threading.Lock()

    def fail(shard):
        with lock:
            done.append(shard.name)
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        transfer("Uploading", SHARDS, fail)
    assert len(done) < len(SHARDS)


def test_nothing_to_do_is_not_mentioned(capsys):
    transfer("Uploading", [], lambda shard: None)
    assert capsys.readouterr().err == ""
