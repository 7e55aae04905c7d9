import json

import pytest

import graphcore.audit
from graphcore.audit import AUDIT_NAME, audit_records, read_or_audit, require_clean
from graphcore.audit.findings import Groups
from graphcore.config import AuditConfig
from graphcore.errors import DatasetError
from tests.graphcore.audit.pictures import draw, encode
from tfrecords.errors import RecordsError

OPTIONS = AuditConfig(similar_bits=20)


@pytest.fixture
def scans(monkeypatch):
    """The folders that were read through, as they are."""
    folders = []
    scan = graphcore.audit.scan_records

    def count(folder):
        folders.append(folder)
        return scan(folder)

    monkeypatch.setattr(graphcore.audit, "scan_records", count)
    return folders


def test_a_clean_dataset_passes(clean):
    audit = require_clean(clean, OPTIONS)
    assert audit.findings == ()
    assert audit.samples == {"train": 6, "validation": 3, "test": 3}
    assert audit.classes["train"] == {"cat": 3, "dog": 3}
    assert (audit.grouped_by, audit.groups) == ("", {})


def test_a_leaking_dataset_is_refused_with_both_ways_out(leaking):
    with pytest.raises(DatasetError) as caught:
        require_clean(leaking, OPTIONS)
    message = str(caught.value)
    assert message.startswith(
        f"The splits of {leaking} leak:\n  1 of 3 test samples (33.3%) are or look like train samples\nWay out: remove"
    )
    assert "add audit.on_leakage=warn to go on regardless" in message
    assert "python -m graphcore.audit" in message


def test_a_leaking_dataset_goes_on_with_a_warning_where_that_is_asked_for(leaking, capsys):
    audit = require_clean(leaking, AuditConfig(similar_bits=20, on_leakage="warn"))
    assert len(audit.leaks) == 1
    assert "warning: The splits of" in capsys.readouterr().err


def test_groups_are_listed_by_split_and_ordered_as_people_count(write_records):
    rows = [("train", encode(draw(n)), {"group": str(n), "video_id": str(n), "time_secs": 0.0}) for n in range(12)]
    folder = write_records([*rows, ("test", encode(draw(99)), {"group": "x"})], options={"split.group_by": "video"})
    audit = audit_records(folder, OPTIONS)
    assert audit.grouped_by == "video"
    assert audit.groups == {
        "train": Groups(12, tuple(str(n) for n in range(10))), "validation": Groups(0, ()), "test": Groups(1, ("x",))
    }  # fmt: skip


def test_groups_may_be_numbers_of_any_length_and_written_in_two_ways(write_records):
    names = ["1" * 5000, "07", "7", "x"]
    folder = write_records([("train", encode(draw(n)), {"group": name}) for n, name in enumerate(names)])
    assert audit_records(folder, OPTIONS).groups["train"].first == ("07", "7", "1" * 5000, "x")


def test_videos_are_the_groups_where_nothing_was_grouped(write_records):
    folder = write_records([("train", encode(draw(1)), {"video_id": "7", "time_secs": 0.0})])
    audit = audit_records(folder, OPTIONS)
    assert audit.grouped_by == "video"
    assert audit.groups["train"] == Groups(1, ("7",))


def test_the_worst_comes_first(write_records):
    frames = [("train", encode(draw(1)), {"video_id": "7", "time_secs": 0.0}),
              ("test", encode(draw(2)), {"video_id": "8", "time_secs": 0.0}),
              ("test", encode(draw(1)), {"video_id": "9", "time_secs": 0.0})]  # fmt: skip
    audit = audit_records(write_records(frames), OPTIONS)
    assert [(finding.kind, finding.severity) for finding in audit.findings] == [("copy", "leak"), ("video", "fact")]


def test_unchanged_records_are_read_once(leaking, scans):
    first = read_or_audit(leaking, OPTIONS)
    assert read_or_audit(leaking, AuditConfig(similar_bits=20, on_leakage="warn")) == first
    assert len(scans) == 1
    assert json.loads((leaking / AUDIT_NAME).read_text())["audit"]["name"] == "pets"


def test_other_options_are_another_audit(leaking, scans):
    read_or_audit(leaking, OPTIONS)
    assert read_or_audit(leaking, AuditConfig(similar_bits=20, tolerated_percent=50)).leaks == ()
    assert len(scans) == 2


def test_other_records_are_another_audit(leaking, scans, write_records):
    assert read_or_audit(leaking, OPTIONS).leaks
    write_records([("train", encode(draw(1)), {}), ("test", encode(draw(2)), {})])
    assert read_or_audit(leaking, OPTIONS).leaks == ()
    assert len(scans) == 2


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"made_of": 1}'])
def test_a_damaged_audit_is_made_again(clean, scans, damage):
    (clean / AUDIT_NAME).write_text(damage)
    read_or_audit(clean, OPTIONS)
    read_or_audit(clean, OPTIONS)
    assert len(scans) == 1


def test_an_audit_of_ours_that_was_edited_is_made_again(clean, scans):
    read_or_audit(clean, OPTIONS)
    values = json.loads((clean / AUDIT_NAME).read_text())
    del values["audit"]["classes"]
    (clean / AUDIT_NAME).write_text(json.dumps(values))
    read_or_audit(clean, OPTIONS)
    assert len(scans) == 2


def test_records_that_cannot_be_written_to_are_audited_all_the_same(leaking, monkeypatch, capsys):
    def refuse(path, value):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(graphcore.audit.atomic, "write_json", refuse)
    assert read_or_audit(leaking, OPTIONS).leaks
    assert "audit.json cannot be written: Permission denied" in capsys.readouterr().err


def test_records_that_are_not_there_are_named(tmp_path):
    with pytest.raises(RecordsError, match="is no folder"):
        require_clean(tmp_path / "nowhere", OPTIONS)


def test_a_shard_that_was_cut_since_the_audit_is_found(clean):
    read_or_audit(clean, OPTIONS)
    shard = next(clean.glob("train*.tfrecord"))
    shard.write_bytes(shard.read_bytes()[:-9])
    with pytest.raises(RecordsError):
        read_or_audit(clean, OPTIONS)
    shard.unlink()
    with pytest.raises(RecordsError):
        read_or_audit(clean, OPTIONS)
