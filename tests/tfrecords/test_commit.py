import dataclasses
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

import tfrecords.files
from tfrecords.commit import Commit, carry_out, plan_commit, record_commit
from tfrecords.errors import RecordsError
from tfrecords.manifest import ShardInfo, read_manifest
from tfrecords.plan import plan_shards
from tfrecords.staging import Staging
from tfrecords.verify import verify
from tfrecords.writer import begin, finish, recover, write_dataset

SHARD_BYTES = 3000


@pytest.fixture
def versions(make_entries):
    """The entries of two datasets: train has other records of the same names, validation the same records, test is
    gone from the second."""
    old = make_entries(count=15, splits=("train", "validation", "test"))
    new = [one._replace(group="g" if one.split == "train" else "") for one in old if one.split != "test"]
    return old, new


@pytest.fixture
def convert(make_manifest):
    """Returns a function that makes a dataset, with its number of samples in an attachment."""

    def make(folder, entries):
        with Staging(folder).exclusive():
            begin(folder)
            shards = write_dataset(folder, plan_shards(entries, SHARD_BYTES), workers=1)
            Staging(folder).attachment("count.json").write_text(str(len(entries)))
            finish(folder, make_manifest(entries, shards), ["count.json"])

    return make


@pytest.fixture
def expected(tmp_path, versions, convert):
    """What the folder of the old and of the new dataset holds."""
    folder = tmp_path / "expected"
    found = []
    for entries in versions:
        convert(folder, entries)
        found.append(contents(folder))
    return found


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def shard(name, plan="", split="train"):
    return ShardInfo(name, split, 1, 10, "ab" * 32, plan)


def test_the_versions_are_as_they_should_be(expected):
    old, new = expected
    common = old.keys() & new.keys()
    assert {name.split("-")[0] for name in old.keys() - new.keys()} == {"test"}
    changed = {name for name in common if old[name] != new[name]}
    assert {name.split("-")[0] for name in changed} == {"train", "dataset.json", "count.json"}
    assert any(name.startswith("validation") for name in common - changed)


def test_a_commit_moves_what_is_staged_and_removes_what_is_no_longer_part():
    shards = [shard("train-00000-of-00002.tfrecord", "p0"), shard("train-00001-of-00002.tfrecord", "p1")]
    known = ["train-00000-of-00002.tfrecord", "test-00000-of-00001.tfrecord", "a-00000-of-00001.tfrecord"]
    assert plan_commit(shards, {"p1"}, ["splits.json"], known) == Commit(
        shards=(("train-00001-of-00002.tfrecord", "p1"),),
        attachments=("splits.json",),
        removals=("a-00000-of-00001.tfrecord", "test-00000-of-00001.tfrecord"),
    )


def test_nothing_is_carried_out_where_nothing_was_recorded(dataset):
    assert not carry_out(Staging(dataset))


def test_what_was_recorded_is_carried_out_once(dataset):
    staging = Staging(dataset)
    manifest = dataclasses.replace(read_manifest(dataset), name="newer")
    record_commit(staging, manifest, Commit((), (), ()))
    assert read_manifest(dataset).name == "pets"
    assert carry_out(staging)
    assert read_manifest(dataset) == manifest
    assert not staging.path.exists()
    assert not carry_out(staging)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"shards": [["../mine.tfrecord", "p"]]},
        {"shards": [["mine.tfrecord", "../../p"]]},
        {"attachments": ["/etc/passwd"]},
        {"removals": [".."]},
        {"removals": None},
    ],
)
def test_a_record_that_points_elsewhere_or_is_not_ours_is_refused(dataset, change):
    staging = Staging(dataset)
    record_commit(staging, read_manifest(dataset), Commit((), (), ()))
    values = json.loads(staging.commit_path.read_text())
    staging.commit_path.write_text(json.dumps(values | change))
    with pytest.raises(RecordsError, match=r"commit\.json is no commit record of ours .*remove the folder"):
        carry_out(staging)
    assert verify(dataset) == []


# Converts copies of a dataset, each in a process that ends itself with SIGKILL just before its n-th step on the disk,
# for every n; then the same with what is left to do of the first conversion that was committed.
KILLED = """
    import itertools, json, os, pathlib, shutil, signal, sys
    from tfrecords.manifest import Manifest
    from tfrecords.plan import Entry, plan_shards
    from tfrecords.staging import Staging
    from tfrecords.writer import begin, finish, recover, write_dataset

    def convert(folder):
        plans = plan_shards([Entry(**values) for values in given["entries"]], given["shard_bytes"])
        with Staging(folder).exclusive():
            begin(folder)
            shards = write_dataset(folder, plans, workers=1)
            Staging(folder).attachment("count.json").write_text(str(len(given["entries"])))
            manifest = Manifest("pets", "test", ("cat", "dog"), given["counts"], tuple(shards))
            finish(folder, manifest, ["count.json"])

    def count_down(steps):
        left = [steps]
        for name in ("replace", "fsync", "unlink", "mkdir", "rmdir"):
            def step(*args, real=getattr(os, name), **kwargs):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return None if real.__name__ == "fsync" else real(*args, **kwargs)
            setattr(os, name, step)

    def kill_at_every_step(start, action, name):
        for steps in itertools.count(1):
            folder = work / f"{name}-{steps:03d}"
            shutil.copytree(start, folder)
            child = os.fork()
            if child == 0:
                count_down(steps)
                action(folder)
                os._exit(0)
            if (status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) != -signal.SIGKILL:
                sys.exit(status) if status else None
                return
            yield folder

    given = json.load(sys.stdin)
    work = pathlib.Path(sys.argv[2])
    killed = list(kill_at_every_step(sys.argv[1], convert, "convert"))
    committed = next(folder for folder in killed if Staging(folder).commit_path.exists())
    list(kill_at_every_step(committed, recover, "recover"))
"""


def test_killed_at_any_step_the_folder_holds_the_whole_old_or_the_whole_new_dataset(
    tmp_path, versions, convert, expected, make_manifest
):
    old, new = expected
    start, work = tmp_path / "start", tmp_path / "work"
    convert(start, versions[0])
    work.mkdir()
    entries = [entry._asdict() for entry in versions[1]]
    given = {"entries": entries, "counts": make_manifest(versions[1], ()).counts, "shard_bytes": SHARD_BYTES}
    program = [sys.executable, "-c", textwrap.dedent(KILLED), start, work]
    subprocess.run(program, input=json.dumps(given), text=True, check=True)

    outcomes = {"convert": [], "recover": []}
    for folder in sorted(work.iterdir()):
        completed = recover(folder)
        assert contents(folder) in (old, new), folder
        assert verify(folder) == []
        assert not recover(folder)
        assert not (completed and (folder / ".staging").exists())
        outcomes[folder.name.split("-")[0]].append((contents(folder) == new, completed))
        convert(folder, versions[1])
        assert contents(folder) == new
    # First the old, then the new by way of a recovery, then the new where nothing is left to do.
    assert outcomes["convert"] == sorted(outcomes["convert"], key=lambda outcome: outcome[0])
    assert {(False, False), (True, True)} <= set(outcomes["convert"])
    assert {new for new, _ in outcomes["recover"]} == {True}
    assert len(outcomes["convert"]) > 25
    assert len(outcomes["recover"]) > 5


def refuse(steps, number, action):
    """Does what a disk does that is full, or has become read-only, after a number of steps; returns the error."""
    left = [steps]

    def patched(real):
        def step(path, *args, **kwargs):
            writes = real is not open or "w" in args[0]
            left[0] -= writes
            if writes and left[0] < 0:
                raise OSError(number, os.strerror(number), str(path))
            return real(path, *args, **kwargs)

        return step

    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("replace", "fsync", "mkdir"):
            monkeypatch.setattr(os, name, patched(getattr(os, name)))
        monkeypatch.setattr(tfrecords.files, "open", patched(open), raising=False)
        try:
            action()
        except (RecordsError, OSError) as error:
            return error
    return None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_wherever_the_disk_refuses_the_earlier_dataset_is_intact_or_the_new_one_complete(
    tmp_path, versions, convert, expected, number
):
    start, folder = tmp_path / "start", tmp_path / "records"
    convert(start, versions[0])
    outcomes = []
    for steps in range(1000):
        shutil.copytree(start, folder)
        error = refuse(steps, number, lambda: convert(folder, versions[1]))
        if error is None:
            break
        if isinstance(error, OSError):
            assert (error.errno, bool(error.filename)) == (number, True)
        else:
            assert number == errno.ENOSPC
            assert re.search("no space left on the disk of .*; make room and convert again", str(error))
        recovered = recover(folder)
        assert contents(folder) == expected[recovered]
        assert verify(folder) == []
        outcomes.append(recovered)
        shutil.rmtree(folder)
    assert contents(folder) == expected[True]
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}
