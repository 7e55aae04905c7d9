import csv
import json
from pathlib import Path

import numpy as np
import pytest

from graphcore.inference.outputs import PicturePrediction, Predicted, write_csv, write_predicted_json
from graphcore.inference.video import VideoPrediction
from graphcore.sources.item import Segment
from graphcore.timelines.scored_segments import ScoredSegment


@pytest.fixture
def predicted():
    scores = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    return Predicted(
        labels=('a, "b"', "c"),
        pictures=(PicturePrediction(Path("x/p.jpg"), scores[0]),),
        videos=(
            VideoPrediction(
                Path("v.mp4"),
                (0.0, 4.04),
                scores,
                (ScoredSegment(Segment("v", 0.0, 4.04, "c"), 0.75),),
                8.0,
                duration_secs=9.0,
                problem="ends early",
            ),
        ),
        failures=(("gone.jpg", "there is no such file or folder"),),
    )


def test_csv_has_one_row_a_picture_and_a_frame(predicted, tmp_path):
    write_csv(tmp_path / "out.csv", predicted)

    with (tmp_path / "out.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["input", "time_secs", "predicted", 'a, "b"', "c"],
            ["x/p.jpg", "", "c", "0.25", "0.75"],
            ["v.mp4", "0.000", "c", "0.25", "0.75"],
            ["v.mp4", "4.040", 'a, "b"', "0.5", "0.5"],
        ]


def test_json_has_segments_in_the_keys_of_annotations(predicted, tmp_path):
    write_predicted_json(tmp_path / "out.json", predicted)

    (video,) = json.loads((tmp_path / "out.json").read_text())["videos"]
    assert video["annotations"] == [{"startSeconds": 0.0, "endSeconds": 4.04, "label": "c", "score": 0.75}]
    assert video["durationSeconds"] == 9.0
    assert video["problem"] == "ends early"
    assert video["frames"][1] == {
        "timeSeconds": 4.04,
        "predicted": 'a, "b"',
        "scores": {'a, "b"': 0.5, "c": 0.5},
    }


def test_json_of_a_video_of_unknown_length_says_none(several, tmp_path):
    write_predicted_json(tmp_path / "out.json", several)

    assert "durationSeconds" not in json.loads((tmp_path / "out.json").read_text())["videos"][0]


def test_json_names_pictures_and_failures(predicted, tmp_path):
    write_predicted_json(tmp_path / "out.json", predicted)

    read = json.loads((tmp_path / "out.json").read_text())
    assert read["pictures"] == [{"input": "x/p.jpg", "predicted": "c", "scores": {'a, "b"': 0.25, "c": 0.75}}]
    assert read["failures"] == [{"input": "gone.jpg", "reason": "there is no such file or folder"}]


@pytest.fixture
def several():
    scores = np.array([[0.75, 0.25, 0.5], [0.1, 0.1, 0.1]], np.float32)
    return Predicted(
        labels=("red", "a;b", "round"),
        pictures=(PicturePrediction(Path("p.jpg"), scores[0]),),
        videos=(VideoPrediction(Path("v.mp4"), (0.0, 1.0), scores, (), 2.0),),
        thresholds=(0.5, 0.25, 0.75),
    )


def test_csv_joins_the_labels_that_are_given(several, tmp_path):
    write_csv(tmp_path / "out.csv", several)

    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ["p.jpg", "", "red;a\\;b", "0.75", "0.25", "0.5"]
    assert [row[2] for row in rows[2:]] == ["red;a\\;b", ""]


def test_json_lists_the_labels_that_are_given(several, tmp_path):
    write_predicted_json(tmp_path / "out.json", several)

    read = json.loads((tmp_path / "out.json").read_text())
    (picture,) = read["pictures"]
    assert picture == {
        "input": "p.jpg",
        "labels": ["red", "a;b"],
        "scores": {"red": 0.75, "a;b": 0.25, "round": 0.5},
    }
    assert [frame["labels"] for frame in read["videos"][0]["frames"]] == [["red", "a;b"], []]
