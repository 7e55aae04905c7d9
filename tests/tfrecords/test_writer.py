import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import tracemalloc

import pytest

import tfrecords.shard
import tfrecords.shard_job
import tfrecords.writer
from tfrecords.errors import RecordsError
from tfrecords.files import hash_file
from tfrecords.framing import iterate_records
from tfrecords.index import locate, read_encoded
from tfrecords.manifest import read_manifest, write_manifest
from tfrecords.plan import plan_shards
from tfrecords.reader import Reader
from tfrecords.staging import Staging
from tfrecords.verify import verify
from tfrecords.writer import begin, finish, recover, write_dataset

LABELS = ("cat", "dog")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "records"
    begin(path)
    return path


def waiting(folder, plans):
    """The bytes of the shards that lie in staging, by the names they will have."""
    paths = {plan.name: Staging(folder).shard_path(plan.digest) for plan in plans}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}


def contents(folder):
    """The bytes of all that lies in the folder, but staging."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def counting(calls):
    def read_bytes(entry):
        calls.append(entry.key)
        with open(entry.source, "rb") as file:
            return file.read()

    return read_bytes


def inflict(damage, path):
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:-1] + (b"" if damage == "truncated" else bytes([data[-1] ^ 1])))


def entries_of_dataset(make_entries):
    """What the fixture `dataset` was made of."""
    entries = make_entries(count=16, splits=("train", "train", "train", "test", "test"))
    return entries, plan_shards(entries, shard_bytes=6000)


def test_samples_come_back_in_the_planned_order(folder, make_entries, make_manifest):
    entries = make_entries(splits=("train", "test"))
    plans = plan_shards(entries, shard_bytes=4000)
    finish(folder, make_manifest(entries, write_dataset(folder, plans)))
    for split in ("train", "test"):
        planned = [entry for plan in plans for entry in plan.entries if plan.split == split]
        read = list(Reader(folder).iterate(split))
        assert [sample.key for sample in read] == [entry.key for entry in planned]
        for sample, entry in zip(read, planned, strict=True):
            with open(entry.source, "rb") as file:
                assert sample.encoded == file.read()
            assert (sample.width, sample.label, sample.text) == (entry.width, entry.label, entry.text)


def test_bytes_are_the_same_whatever_the_number_of_workers_and_the_order_of_inputs(tmp_path, make_entries):
    entries = make_entries(count=40, splits=("train", "validation", "test"))
    written = []
    for workers, inputs in ((1, entries), (4, entries[::-1])):
        folder = tmp_path / f"records{workers}"
        begin(folder)
        plans = plan_shards(inputs, shard_bytes=5000)
        write_dataset(folder, plans, workers=workers)
        written.append(waiting(folder, plans))
    assert len(written[0]) > 8
    assert written[0] == written[1]


def test_the_information_returned_is_that_of_the_files(folder, make_entries):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    for plan, info in zip(plans, write_dataset(folder, plans), strict=True):
        path = Staging(folder).shard_path(plan.digest)
        assert (info.name, info.split, info.samples) == (plan.name, "train", len(plan.entries))
        assert info.plan == plan.digest
        assert info.size_bytes == path.stat().st_size
        assert info.sha256 == hash_file(path)
        assert len(list(iterate_records(path))) == info.samples


def test_bytes_are_read_at_the_entrys_offset(folder, make_entries, tmp_path):
    (entry,) = make_entries(count=1)
    spool = tmp_path / "spool"
    with open(entry.source, "rb") as file:
        spool.write_bytes(b"before" + file.read() + b"after")
    plans = plan_shards([entry._replace(source=str(spool), offset=6)], shard_bytes=4000)
    assert write_dataset(folder, plans)[0].samples == 1


def test_progress_reaches_the_number_of_samples_also_when_nothing_is_left_to_do(folder, make_entries):
    plans = plan_shards(make_entries(count=12), shard_bytes=4000)
    for _ in range(2):
        steps = []
        write_dataset(folder, plans, on_progress=steps.append)
        assert sum(steps) == 12


def test_shards_that_are_there_are_not_written_again(folder, make_entries):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    first = write_dataset(folder, plans)
    calls = []
    assert write_dataset(folder, plans, read_bytes=counting(calls)) == first
    assert calls == []


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped"])
def test_only_a_shard_that_is_no_longer_whole_is_written_again(folder, make_entries, damage):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    write_dataset(folder, plans)
    before = waiting(folder, plans)
    inflict(damage, Staging(folder).shard_path(plans[1].digest))
    calls = []
    write_dataset(folder, plans, read_bytes=counting(calls))
    assert sorted(calls) == sorted(entry.key for entry in plans[1].entries)
    assert waiting(folder, plans) == before


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped"])
def test_only_a_shard_of_the_old_dataset_that_is_no_longer_whole_is_written_again(
    dataset, make_entries, make_manifest, damage
):
    entries, plans = entries_of_dataset(make_entries)
    before = contents(dataset)
    inflict(damage, dataset / plans[1].name)
    begin(dataset)
    calls = []
    shards = write_dataset(dataset, plans, read_bytes=counting(calls))
    assert sorted(calls) == sorted(entry.key for entry in plans[1].entries)
    finish(dataset, make_manifest(entries, shards))
    assert contents(dataset) == before


def test_shards_of_the_old_dataset_stay_where_they_are_when_their_plan_is_the_same(dataset, make_entries):
    _, plans = entries_of_dataset(make_entries)
    begin(dataset)
    calls = []
    assert tuple(write_dataset(dataset, plans, read_bytes=counting(calls))) == read_manifest(dataset).shards
    assert calls == []
    assert waiting(dataset, plans) == {}


def test_shards_of_a_manifest_that_names_no_plans_are_written_again(dataset, make_entries):
    manifest = read_manifest(dataset)
    shards = tuple(dataclasses.replace(shard, plan="") for shard in manifest.shards)
    write_manifest(dataset, dataclasses.replace(manifest, shards=shards))
    _, plans = entries_of_dataset(make_entries)
    begin(dataset)
    write_dataset(dataset, plans)
    assert waiting(dataset, plans) == {name: data for name, data in contents(dataset).items() if name != "dataset.json"}


def test_a_damaged_shard_in_staging_does_not_take_the_place_of_a_whole_one(dataset, make_entries, make_manifest):
    entries, plans = entries_of_dataset(make_entries)
    before = contents(dataset)
    begin(dataset)
    inflict("truncated", dataset / plans[0].name)
    write_dataset(dataset, plans)  # to staging
    (dataset / plans[0].name).write_bytes(before[plans[0].name])
    inflict("flipped", Staging(dataset).shard_path(plans[0].digest))
    calls = []
    finish(dataset, make_manifest(entries, write_dataset(dataset, plans, read_bytes=counting(calls))))
    assert contents(dataset) == before
    assert calls == []


def test_shards_that_a_killed_conversion_wrote_for_other_plans_go(folder, make_entries):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    write_dataset(folder, plans)
    write_dataset(folder, plan_shards(make_entries(), shard_bytes=1 << 20))
    assert waiting(folder, plans) == {}


def test_a_killed_conversion_leaves_whole_shards_only_and_the_next_finishes(folder, make_entries, tmp_path):
    entries = make_entries(count=24)
    plans = plan_shards(entries, shard_bytes=4000)
    program = """
        import json, os, pathlib, signal, sys
        from tfrecords.plan import Entry, plan_shards
        from tfrecords.writer import write_dataset
        entries = [Entry(**values) for values in json.load(sys.stdin)]
        reads = []
        def read_bytes(entry):
            reads.append(entry)
            if len(reads) == 12:
                os.kill(os.getpid(), signal.SIGKILL)
            return pathlib.Path(entry.source).read_bytes()
        write_dataset(pathlib.Path(sys.argv[1]), plan_shards(entries, 4000), read_bytes=read_bytes, workers=1)
    """
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), folder],
        input=json.dumps([entry._asdict() for entry in entries]),
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = waiting(folder, plans)
    whole = [plan for plan in plans if plan.name in left]
    assert 0 < len(whole) < len(plans)

    begin(folder)
    calls = []
    write_dataset(folder, plans, read_bytes=counting(calls))
    assert len(calls) == 24 - sum(len(plan.entries) for plan in whole)
    assert left.items() <= waiting(folder, plans).items()

    fresh = tmp_path / "fresh"
    begin(fresh)
    write_dataset(fresh, plans)
    assert waiting(folder, plans) == waiting(fresh, plans)


def test_an_input_that_changed_is_named_and_its_shard_does_not_appear(folder, make_entries):
    entries = make_entries()
    plans = plan_shards(entries, shard_bytes=4000)
    victim = plans[0].entries[-1]
    with open(victim.source, "r+b") as file:
        file.write(b"\0")
    with pytest.raises(RecordsError, match=f"{victim.key}: .* changed during the conversion; convert again"):
        write_dataset(folder, plans, workers=1)
    assert plans[0].name not in waiting(folder, plans)
    # Others may have been finished before the error was seen: they are whole, and of use the next time.
    assert not list((folder / ".staging" / "shards").glob(f"{plans[0].digest}*"))


def test_other_work_is_done_once_all_is_written(folder, make_entries):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    seen = []
    write_dataset(folder, plans, meanwhile=lambda: seen.append(len(waiting(folder, plans))))
    assert seen == [len(plans)]


def test_shards_and_their_places_are_on_disk_before_the_commit_record(folder, make_entries, make_manifest, monkeypatch):
    steps = []
    fsync, record_commit = os.fsync, tfrecords.writer.record_commit

    def note_fsync(descriptor):
        fsync(descriptor)
        steps.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(
        tfrecords.writer, "record_commit", lambda *given: (steps.append("commit"), record_commit(*given))
    )
    entries = make_entries()
    plans = plan_shards(entries, shard_bytes=4000)
    shards = write_dataset(folder, plans)
    shard_paths = [Staging(folder).shard_path(plan.digest) for plan in plans]
    places = [path.stat().st_ino for path in shard_paths]
    staged_in = shard_paths[0].parent.stat().st_ino
    finish(folder, make_manifest(entries, shards))
    assert sorted(steps[: len(plans)]) == sorted(places)
    assert steps[len(plans) :][:2] == [staged_in, "commit"]


def test_an_input_that_is_gone_is_named(folder, make_entries):
    entries = make_entries(count=1)
    os.unlink(entries[0].source)
    with pytest.raises(RecordsError, match=r"cat/0\.jpg: .*No such file.*; convert again"):
        write_dataset(folder, plan_shards(entries, shard_bytes=4000))


def test_a_full_disk_says_how_much_is_needed_and_keeps_what_is_done(folder, make_entries, monkeypatch):
    plans = plan_shards(make_entries(count=12, size_bytes=100_000), shard_bytes=401_600)
    assert len(plans) == 3
    before = write_dataset(folder, plans[:1])
    write_record = tfrecords.shard.write_record

    def fail_after_first(sink, *pieces):
        if sink.size_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_record(sink, *pieces)

    monkeypatch.setattr(tfrecords.shard, "write_record", fail_after_first)
    # Two shards of four samples of 0.096 MiB are missing.
    with pytest.raises(RecordsError, match=r"no space left .* need 0\.8 MiB, \d.* MiB are free; make room"):
        write_dataset(folder, plans)
    assert list(waiting(folder, plans)) == [before[0].name]

    monkeypatch.undo()
    assert write_dataset(folder, plans)[:1] == before
    assert len(waiting(folder, plans)) == 3


@pytest.mark.parametrize(
    ("name", "moment"), [("meanwhile", "while noting what was read"), ("sync", "while the shards are put on it")]
)
def test_a_disk_that_is_full_once_all_is_written_asks_for_no_room_for_shards(
    folder, make_entries, monkeypatch, name, moment
):
    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if name == "sync":
        monkeypatch.setattr(tfrecords.shard_job, "sync_file", fail)
    plans = plan_shards(make_entries(), shard_bytes=4000)
    with pytest.raises(RecordsError, match=f"no space left on the disk of {folder} {moment}; make room"):
        write_dataset(folder, plans, meanwhile=fail if name == "meanwhile" else None)
    assert len(waiting(folder, plans)) == len(plans)


def test_another_error_of_the_system_is_not_called_a_full_disk(folder, make_entries, monkeypatch):
    def fail(*_):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(tfrecords.shard, "write_record", fail)
    with pytest.raises(PermissionError):
        write_dataset(folder, plan_shards(make_entries(), shard_bytes=4000))


def test_memory_does_not_grow_with_the_shard(folder, make_entries):
    plans = plan_shards(make_entries(count=200, size_bytes=100_000), shard_bytes=1 << 30)
    assert len(plans) == 1
    tracemalloc.start()
    try:
        write_dataset(folder, plans)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000  # a few pieces of a megabyte; the shard has twenty


def test_nothing_to_write(folder):
    assert write_dataset(folder, []) == []


def test_begin_refuses_records_of_strangers(tmp_path):
    (tmp_path / "train-00000-of-00001.tfrecord").write_bytes(b"")
    with pytest.raises(RecordsError, match=r"holds 1 record file not .* such as train-00000.*; give another folder"):
        begin(tmp_path)


def test_begin_leaves_nothing_among_the_files_of_strangers(tmp_path):
    (tmp_path / "train-00000-of-00001.tfrecord").write_bytes(b"theirs")
    with Staging(tmp_path).exclusive(), pytest.raises(RecordsError):
        begin(tmp_path)
    assert os.listdir(tmp_path) == ["train-00000-of-00001.tfrecord"]


def test_begin_refuses_them_also_after_something_was_staged(tmp_path):
    (tmp_path / "train-00000-of-00001.tfrecord").write_bytes(b"")
    with Staging(tmp_path).open_chunk("a", "f"):
        pass
    with pytest.raises(RecordsError, match="not from a conversion here"):
        begin(tmp_path)
    assert (tmp_path / ".staging" / "chunks").is_dir()


def test_the_old_dataset_is_whole_and_can_be_read_until_the_new_one_is(dataset, make_entries, make_manifest):
    before = contents(dataset)
    entries = make_entries(count=20)
    begin(dataset)
    shards = write_dataset(dataset, plan_shards(entries, shard_bytes=3000))
    assert contents(dataset) == before
    assert verify(dataset) == []
    finish(dataset, make_manifest(entries, shards))
    assert verify(dataset) == []
    assert Reader(dataset).manifest.samples("train") == 20


def test_new_shards_can_be_copied_out_of_the_old_ones(dataset, make_entries, make_manifest):
    old, _ = entries_of_dataset(make_entries)
    for entry in old:
        os.unlink(entry.source)
    entries = [*old, *make_entries(count=17)[16:]]
    places = locate(dataset)

    def read_bytes(entry):
        return read_encoded(*places[entry.key]) if entry.key in places else counting([])(entry)

    begin(dataset)
    shards = write_dataset(dataset, plan_shards(entries, shard_bytes=3000), read_bytes=read_bytes)
    finish(dataset, make_manifest(entries, shards))
    assert verify(dataset) == []
    assert sum(Reader(dataset).manifest.samples(split) for split in ("train", "test")) == 17


def test_begin_can_be_called_again_and_again(dataset):
    for _ in range(3):
        begin(dataset)


def test_finish_leaves_shards_and_manifest_only(dataset):
    manifest = read_manifest(dataset)
    assert sorted(os.listdir(dataset)) == sorted(["dataset.json", *(shard.name for shard in manifest.shards)])


def test_finish_removes_the_shards_of_earlier_conversions(dataset, make_entries, make_manifest):
    begin(dataset)
    write_dataset(dataset, plan_shards(make_entries(count=20), shard_bytes=3000))  # never finished
    begin(dataset)
    entries = make_entries(count=4)
    finish(dataset, make_manifest(entries, write_dataset(dataset, plan_shards(entries, shard_bytes=1 << 20))))
    assert sorted(os.listdir(dataset)) == ["dataset.json", "train-00000-of-00001.tfrecord"]
    assert Reader(dataset).manifest.samples("train") == 4


def test_finish_refuses_a_manifest_whose_shards_are_not_there(folder, make_entries, make_manifest):
    entries = make_entries()
    shards = write_dataset(folder, plan_shards(entries, shard_bytes=4000))
    Staging(folder).shard_path(shards[0].plan).unlink()
    with pytest.raises(RecordsError, match=f"lacks 1 of its shards, such as {shards[0].name}; convert again"):
        finish(folder, make_manifest(entries, shards))
    assert not (folder / "dataset.json").exists()


def test_attachments_appear_together_with_the_dataset(dataset, make_entries, make_manifest):
    (dataset / "splits.json").write_text("older")
    (dataset / "rejected.csv").write_text("mine")
    begin(dataset)
    Staging(dataset).attachment("splits.json").write_text("newer")
    entries = make_entries(count=4)
    shards = write_dataset(dataset, plan_shards(entries, shard_bytes=1 << 20))
    assert (dataset / "splits.json").read_text() == "older"
    finish(dataset, make_manifest(entries, shards), ["splits.json"])
    assert (dataset / "splits.json").read_text() == "newer"
    assert (dataset / "rejected.csv").read_text() == "mine"
    assert not (dataset / ".staging").exists()


def test_an_attachment_that_was_not_prepared_is_named_and_nothing_changes(dataset, make_entries, make_manifest):
    before = contents(dataset)
    begin(dataset)
    entries = make_entries(count=4)
    shards = write_dataset(dataset, plan_shards(entries, shard_bytes=1 << 20))
    with pytest.raises(RecordsError, match=r"splits\.json is not among the attachments"):
        finish(dataset, make_manifest(entries, shards), ["splits.json"])
    assert contents(dataset) == before


def test_a_dataset_of_several_labels_and_subjects_comes_back(folder, make_entries, make_manifest):
    several = [(), (1,), (1, 0)]
    entries = [
        entry._replace(
            labels=labels,
            label=labels[0] if labels else -1,
            text=LABELS[labels[0]] if labels else "",
            subject=f"s{len(labels)}",
        )
        for entry, labels in zip(make_entries(count=3), several, strict=True)
    ]
    shards = write_dataset(folder, plan_shards(entries, shard_bytes=1 << 20))
    counts = {"train": {"cat": 1, "dog": 2}}
    finish(folder, dataclasses.replace(make_manifest([], shards), counts=counts, multi_label=True))
    found = {sample.key: (sample.labels, sample.label, sample.subject) for sample in Reader(folder).iterate("train")}
    assert found == {entry.key: (entry.labels, entry.label, entry.subject) for entry in entries}
    assert verify(folder) == []


def test_recover_has_nothing_to_do_where_nothing_was_killed(dataset, tmp_path):
    assert not recover(dataset)
    assert not recover(tmp_path / "nowhere")
    assert not (dataset / ".staging").exists()


def test_recover_waits_for_nobody_and_says_so(dataset):
    with Staging(dataset).exclusive():
        Staging(dataset).commit_path.write_text("{}")
        with pytest.raises(RecordsError, match="another conversion is writing"):
            recover(dataset)


def test_begin_completes_what_was_committed(dataset, make_entries, make_manifest, monkeypatch):
    entries = make_entries(count=4)
    begin(dataset)
    shards = write_dataset(dataset, plan_shards(entries, shard_bytes=1 << 20))
    monkeypatch.setattr(tfrecords.writer, "carry_out", lambda _: False)  # killed here
    finish(dataset, make_manifest(entries, shards))
    monkeypatch.undo()
    begin(dataset)
    assert Reader(dataset).manifest.samples("train") == 4
    assert verify(dataset) == []
