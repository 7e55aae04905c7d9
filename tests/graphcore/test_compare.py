import json

import numpy as np
import pytest

from graphcore.compare import compare, run_compare
from graphcore.comparison import gather
from graphcore.config import CompareConfig
from graphcore.errors import ConfigError, RunError
from graphcore.evaluation.predictions import Predictions, write_predictions
from graphcore.training.run import Run
from tfrecords.example import Sample, encode_example
from tfrecords.framing import write_record
from tfrecords.manifest import Manifest, ShardInfo, write_manifest

LABELS = ("sew", "not-sew")
VIDEOS = [f"v{number}" for number in range(6)]
KEYS = tuple(f"{video}/{frame}" for video in VIDEOS for frame in range(4))
TRUTH = np.array([0, 0, 1, 1] * len(VIDEOS))


@pytest.fixture
def records(tmp_path):
    """Records of six videos of four frames."""
    folder = tmp_path / "records"
    folder.mkdir()
    shard = "test-00000-of-00001.tfrecord"
    with (folder / shard).open("wb") as file:
        for key, label in zip(KEYS, TRUTH.tolist(), strict=True):
            video, frame = key.split("/")
            sample = Sample(key, b"jpeg", "jpeg", 1, 1, label, LABELS[label], "f", video, float(frame), video)
            write_record(file, encode_example(sample))
    info = ShardInfo(shard, "test", len(KEYS), (folder / shard).stat().st_size, "0" * 64)
    write_manifest(folder, Manifest("toy", "video", LABELS, {"test": {"sew": 12, "not-sew": 12}}, (info,)))
    return folder


@pytest.fixture
def make_run(tmp_path, records):
    """Returns a function that makes the folder of a finished run which has so many frames of each video right."""

    def make(name, right, has_predictions=True):
        folder = tmp_path / name
        Run(folder, LABELS, "mobilenet_v1", 0.25, 128, records, "digest", tmp_path / "features").write()
        called = np.where(np.arange(len(KEYS)) % 4 < right, TRUTH, 1 - TRUTH)
        predictions = Predictions(KEYS, TRUTH, np.eye(2)[called] * 0.6 + 0.2, LABELS)
        if has_predictions:
            write_predictions(folder / "predictions.csv", predictions)
        return folder, predictions

    return make


def list_files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_runs_are_compared_over_videos_and_left_as_they_are(make_run):
    (one, _), (other, _) = make_run("a", 2), make_run("b", 3)
    before = list_files(one) | list_files(other)
    found = compare([one, other])
    assert list_files(one) | list_files(other) == before
    assert (found.groups.unit, found.groups.count) == ("videos", 6)
    assert found.differences[0].test.difference == pytest.approx(0.25)
    assert found.differences[0].p == 2 / 64
    assert found.runs[0].metrics.values["video_accuracy"] == 0.5


def test_a_run_that_was_never_evaluated_is_scored(make_run, monkeypatch):
    (one, _), (other, predictions) = make_run("a", 2), make_run("b", 3, has_predictions=False)
    asked = []
    monkeypatch.setattr(gather, "score_split", lambda run, split: asked.append((run.folder, split)) or predictions)
    assert compare([one, other]).runs[1].metrics.values["accuracy"] == 0.75
    assert asked == [(other, "test")]
    assert not (other / "predictions.csv").exists()


def test_another_split_is_read_from_its_own_file(make_run):
    folders = []
    for name, right in (("a", 1), ("b", 4)):
        folder, predictions = make_run(name, right, has_predictions=False)
        write_predictions(folder / "predictions-validation.csv", predictions)
        folders.append(folder)
    assert compare(folders, split="validation").differences[0].test.second == 1.0


def test_without_records_samples_are_taken_as_independent(make_run, records):
    (one, _), (other, _) = make_run("a", 2), make_run("b", 3)
    records.rename(records.with_name("elsewhere"))
    found = compare([one, other])
    assert not found.knows_origin
    assert (found.groups.unit, found.groups.count) == ("samples", 24)


def test_an_unfinished_run_is_refused(make_run, tmp_path):
    (tmp_path / "c" / "checkpoints").mkdir(parents=True)
    with pytest.raises(RunError, match=r"run=.*c has not finished"):
        compare([make_run("a", 2)[0], tmp_path / "c"])


def test_predictions_of_other_classes_than_the_run_are_refused(make_run):
    (one, _), (other, predictions) = make_run("a", 2), make_run("b", 3)
    write_predictions(other / "predictions.csv", Predictions(KEYS, TRUTH, predictions.scores, ("sew", "tie")))
    with pytest.raises(RunError, match=r"b/predictions.csv has columns of other classes than its run"):
        compare([one, other])


def test_an_unknown_metric_is_refused(make_run):
    with pytest.raises(ConfigError, match=r"metric=f1@90 is no figure .*\nChoices: accuracy, .*f1@50"):
        compare([make_run("a", 2)[0], make_run("b", 3)[0]], metric="f1@90")


def test_the_command_prints_and_writes_json(make_run, tmp_path, capsys):
    runs = [str(make_run("a", 2)[0]), str(make_run("b", 3)[0])]
    run_compare(CompareConfig(runs=runs, metric="video_accuracy", resamples=100, json=str(tmp_path / "out.json")))
    out, err = capsys.readouterr()
    assert "Video accuracy less that of a, in points" in out
    assert "b is better than a by 25.0 points in video accuracy" in err
    assert f"Wrote {tmp_path / 'out.json'}" in err
    assert json.loads((tmp_path / "out.json").read_text())["metric"] == "video_accuracy"
