import csv
import html
import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import ImageFolderConfig, ImageListConfig
from graphcore.errors import DatasetError
from graphcore.evaluation.other_data.elsewhere import evaluate_elsewhere, match_labels, renumber
from tests.graphcore.evaluation.small_runs import draw_photo
from tfrecords.manifest import Manifest


@pytest.fixture
def own_run(photo_run, tmp_path):
    """The run on photos in a folder of the test's own."""
    shutil.copytree(photo_run.folder, tmp_path / "run")
    return replace(photo_run, folder=tmp_path / "run")


def make_dataset(folder, labels, per_class=4):
    for place, label in enumerate(labels):
        for number in range(per_class):
            draw_photo(folder / "photos" / label / f"{number}.jpg", label, 1000 + 10 * place + number)
    return ImageFolderConfig(
        kind="image_folder", dir=str(folder / "photos"), records=str(folder / "other"), name="other", size=32
    )


def make_manifest(labels, kind="image_folder", counts=None, multi_label=False):
    counts = dict.fromkeys(labels, 1) if counts is None else counts
    options = {"dataset.every_secs": 1.0} if kind == "video" else {}
    return Manifest("other", kind, tuple(labels), {"test": counts}, (), options=options, multi_label=multi_label)


def test_results_have_a_folder_of_their_own_and_the_runs_stay(own_run, tmp_path):
    own_run.metrics_path.write_text('{"test/accuracy": 0.5}')
    # Without blue, green is the dataset's first class and the run's second.
    place, judged = evaluate_elsewhere(own_run, make_dataset(tmp_path, ("red", "green")))

    assert place.folder == own_run.folder / "evaluations" / "other"
    assert own_run.metrics_path.read_text() == '{"test/accuracy": 0.5}'
    figures = json.loads((place.folder / "metrics.json").read_text())
    assert (figures["test/samples"], figures["test/support/blue"], figures["test/support/green"]) == (8, 0, 4)
    with (place.folder / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["label"] for row in rows) == ["green"] * 4 + ["red"] * 4
    assert all(row["key"].startswith(row["label"]) for row in rows)
    assert figures["test/accuracy"] == np.mean([row["label"] == row["predicted"] for row in rows])
    assert (place.folder / "report.html").is_file()
    assert judged.metrics.count == 8


def test_the_report_speaks_of_the_other_dataset_and_of_no_splits(own_run, tmp_path):
    command = "python -m graphcore.evaluate run=RUN 'dataset.dir=my photos'"
    place, _ = evaluate_elsewhere(own_run, make_dataset(tmp_path, ("red", "green")), command=command)
    page = html.unescape(place.report("test").read_text("utf-8"))
    assert command in page
    assert re.search(r"of the pictures of other are named correctly: \d of 8\.", page)
    assert "Of every picture of other: 8." in page
    assert "every picture of other</td>" in page
    assert "other has no copies of what the run was trained on, byte for byte" in page
    assert "Copies of what was trained on" in page
    for of_splits in ("none stands on two sides", "graphcore.audit", "test split", "test pictures"):
        assert of_splits not in page
    assert "trained on</th>" in page


def test_what_is_replaced_of_an_earlier_evaluation_is_told(own_run, tmp_path, capsys):
    dataset = make_dataset(tmp_path, ("red", "green"))
    evaluate_elsewhere(own_run, dataset)
    evaluate_elsewhere(own_run, dataset)
    assert "which are replaced" not in capsys.readouterr().err
    evaluate_elsewhere(own_run, replace(dataset, size=24))
    assert "which are replaced: dataset.size was 32, now 24." in " ".join(capsys.readouterr().err.split())


def test_a_class_that_the_run_does_not_know_is_refused_with_both_lists(own_run, tmp_path):
    folder = tmp_path / "photos"
    dataset = make_dataset(tmp_path, ("red", "green"))
    (folder / "green").rename(folder / "yellow")
    with pytest.raises(DatasetError, match=r"not trained on: yellow\. All of its classes: red, yellow\.\nChoices: b"):
        evaluate_elsewhere(own_run, dataset)


def test_pictures_that_were_trained_on_are_warned_of(own_run, photos, tmp_path, capsys):
    dataset = ImageFolderConfig(
        kind="image_folder", dir=str(photos), records=str(tmp_path / "other"), name="other", size=32
    )
    place, _ = evaluate_elsewhere(own_run, dataset)
    assert "of 30 samples of other are copies of pictures that the run was trained on" in capsys.readouterr().err
    page = place.report("test").read_text("utf-8")
    assert "samples of other are copies of pictures that the run was trained on" in page
    assert "Caution: some of the same pictures or videos were trained on" in page


def test_lost_records_of_the_run_are_no_hindrance(own_run, tmp_path, capsys):
    lost = replace(own_run, records=tmp_path / "gone")
    _, judged = evaluate_elsewhere(lost, make_dataset(tmp_path, ("red", "green")))
    assert judged.metrics.count == 8
    assert "nobody can say whether" in capsys.readouterr().err


def test_samples_of_several_labels_are_refused_by_a_run_of_one(own_run, tmp_path):
    make_dataset(tmp_path, ("red", "green"))
    rows = [f"photos/red/{n}.jpg,red;green" for n in range(3)] + ["photos/green/0.jpg,green"]
    (tmp_path / "list.csv").write_text("\n".join(["path,label", *rows]))
    dataset = ImageListConfig(kind="image_list", list=str(tmp_path / "list.csv"), records=str(tmp_path / "other"))
    with pytest.raises(DatasetError, match=r"several labels or none(?s:.*)head=multi_label"):
        evaluate_elsewhere(own_run, dataset)


def test_labels_are_matched_by_name(photo_run):
    assert match_labels(photo_run, make_manifest(("red", "blue"))) == [2, 0]


def test_a_class_without_samples_need_not_be_known(photo_run):
    manifest = make_manifest(("red", "yellow"), counts={"red": 3, "yellow": 0})
    assert match_labels(photo_run, manifest) == [2, -1]


@pytest.mark.parametrize(
    ("known", "others", "expected"),
    [
        (("cutting", "not-cutting"), ("cutting", "background"), [0, 1]),
        (("cutting", "suturing", "background"), ("suturing", "not-suturing"), [1, 2]),
        (("cutting", "suturing", "background"), ("background", "cutting"), [2, 0]),
    ],
)
def test_times_outside_every_segment_are_one_class_under_two_names(video_run, known, others, expected):
    assert match_labels(replace(video_run, labels=known), make_manifest(others, "video")) == expected


def test_of_videos_the_message_says_how_labels_are_chosen(video_run):
    manifest = make_manifest(("cutting", "tying", "background"), "video")
    with pytest.raises(DatasetError, match=r"not trained on: tying(?s:.*)'dataset\.labels=\[cutting\]'"):
        match_labels(video_run, manifest)


def test_labels_are_numbered_as_the_run_does():
    np.testing.assert_array_equal(renumber(np.array([0, 1, 1]), [2, 0], 3), [2, 0, 0])


def test_columns_of_several_labels_are_placed_as_the_run_does():
    labels = np.array([[1, 0, 0], [1, 1, 0]], np.uint8)
    np.testing.assert_array_equal(renumber(labels, [2, 0], 3), [[0, 0, 1], [1, 0, 1]])
