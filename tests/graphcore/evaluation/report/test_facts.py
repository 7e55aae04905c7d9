import dataclasses
import json
import platform
import shutil
from types import SimpleNamespace

import pytest

import graphcore
from graphcore.audit.findings import FACT, LEAK, WARNING, Audit, Finding, Groups, to_json
from graphcore.evaluation.report import facts
from graphcore.evaluation.report.facts import collect_facts, list_versions, read_command, read_dataset
from tests.graphcore.evaluation.small_runs import STEP_SECS, VIDEO_LABELS, VIDEOS
from tfrecords.manifest import read_manifest, write_manifest

AUDIT = Audit(
    "videos", VIDEO_LABELS, {}, {}, "subject", {"train": Groups(7, ())},
    (Finding("video", FACT, (), "", 0, "None of 5 videos stands in two splits"),),
)  # fmt: skip


@pytest.fixture
def records(video_records, tmp_path):
    """Records of one's own to change."""
    return shutil.copytree(video_records, tmp_path / "data" / "records")


def write_audit(records, audit, digest=None):
    made_of = {"records": digest or read_manifest(records).digest()}
    (records / "audit.json").write_text(json.dumps({"made_of": made_of, "audit": to_json(audit)}))


def test_records_are_counted(records):
    found = read_dataset(records)

    videos = {split: sum(one == split for one, _ in VIDEOS.values()) for split in ("train", "validation", "test")}
    assert {split.name: split.videos for split in found.splits} == videos
    assert {split.subjects for split in found.splits} == {0}
    assert found.splits[0].samples == sum(len(labels) for split, labels in VIDEOS.values() if split == "train")
    assert (found.labels, found.every_secs, found.kind) == (VIDEO_LABELS, STEP_SECS, "video")
    assert found.audit == ()


def test_other_records_than_those_meant_are_passed_over(records, tmp_path):
    assert read_dataset(records, "0" * 64) is None
    assert read_dataset(records, read_manifest(records).digest()) is not None
    assert read_dataset(tmp_path) is None


def test_rejected_inputs_are_told_without_the_way_to_the_project(records):
    write_manifest(records, dataclasses.replace(read_manifest(records), rejected=3))

    found = read_dataset(records)

    assert found.rejected == 3
    assert found.rejected_file == "data/records/rejected.csv"


def test_the_audit_beside_the_records_is_worded(records):
    write_audit(records, AUDIT)

    assert read_dataset(records).audit == ("No leakage was found.", "None of 5 videos stands in two splits.")


def test_leaks_and_warnings_are_named_as_such(records):
    findings = (
        Finding("copy", LEAK, ("test", "train"), "", 9, "9 pictures stand in both."),
        Finding("flat", WARNING, (), "", 1, "1 picture is flat"),
    )
    write_audit(records, dataclasses.replace(AUDIT, findings=findings))

    dataset = read_dataset(records)

    verdict, *found = dataset.audit
    assert dataset.leaks
    assert "leak" in verdict
    assert found == ["Leak: 9 pictures stand in both.", "Warning: 1 picture is flat."]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"audit": {}}'])
def test_a_damaged_audit_is_none(records, text):
    (records / "audit.json").write_text(text)

    assert read_dataset(records).audit == ()


def test_an_audit_of_earlier_records_is_none(records):
    write_audit(records, AUDIT, digest="0" * 64)

    assert read_dataset(records).audit == ()


def test_of_very_many_samples_groups_come_from_the_audit(records, monkeypatch):
    monkeypatch.setattr(facts, "MOST_MARKS", 3)
    write_audit(records, AUDIT)

    train, *others = read_dataset(records).splits

    assert (train.videos, train.subjects) == (0, 7)
    assert {split.subjects for split in others} == {0}


def test_the_command_is_what_was_typed(tmp_path):
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "overrides.yaml").write_text("- +experiment=suturing\n- dataset.dir=my photos\n")

    assert read_command(tmp_path) == "train +experiment=suturing 'dataset.dir=my photos'"


@pytest.mark.parametrize("text", [None, "a: [1", "7", "a: 1"])
def test_without_what_hydra_keeps_there_is_no_command(text, tmp_path):
    if text is not None:
        (tmp_path / ".hydra").mkdir()
        (tmp_path / ".hydra" / "overrides.yaml").write_text(text)

    assert read_command(tmp_path) == ""


def test_versions_name_what_decides_figures():
    versions = list_versions()

    assert versions["python"] == platform.python_version()
    assert versions["graphcore"] == graphcore.__version__
    assert "numpy" in versions


@pytest.mark.parametrize(
    ("text", "given", "kind"),
    [
        (None, None, "suture_scenes"),
        ("dataset:\n  videos: null\n", None, "suture_scenes"),
        ("dataset:\n  videos: films\n", None, "video"),
        ("dataset:\n  videos: null\n", True, "video"),
        ("dataset:\n  videos: films\n", False, "suture_scenes"),
        ("[", None, "suture_scenes"),
    ],
)
def test_videos_that_somebody_gave_are_not_called_drawn_ones(text, given, kind, records, tmp_path):
    write_manifest(records, dataclasses.replace(read_manifest(records), kind="suture_scenes"))
    run = SimpleNamespace(records=records, dataset_digest=read_manifest(records).digest(), folder=tmp_path)
    if text is not None:
        (tmp_path / "config.yaml").write_text(text)

    assert collect_facts(run, given).dataset.kind == kind


def test_everything_is_collected_from_a_run(records, tmp_path):
    run = SimpleNamespace(records=records, dataset_digest=read_manifest(records).digest(), folder=tmp_path)

    found = collect_facts(run)

    assert found.dataset.name == "videos"
    assert found.command == ""
    assert found.versions
