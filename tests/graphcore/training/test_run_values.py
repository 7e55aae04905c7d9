import json
from pathlib import Path

import pytest

from graphcore.errors import RunError
from graphcore.training.run import RUN_FILE, Run, load_run
from graphcore.training.run_values import check_values


@pytest.fixture
def folder(tmp_path):
    run = Run(
        folder=tmp_path / "run",
        labels=("a", "b"),
        backbone_name="mobilenet_v1",
        width=0.5,
        image_size=160,
        records=Path("records"),
        dataset_digest="abc",
        features_dir=Path("features"),
        input_spec={"image_size": 160, "low": -1.0, "high": 1.0},
        dataset_options={"dataset.size": None, "dataset.every_secs": 4},
        head_options={"name": "multi_label"},
        multi_label=True,
        thresholds=[0.5, 0.25],
        validation={"validation/loss": 1},
    )
    run.write()
    return run.folder


def change(folder, **values):
    path = folder / RUN_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_what_a_training_writes_passes(folder):
    assert load_run(folder).thresholds == [0.5, 0.25]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"labels": ["a", 2]}, "labels is 2"),
        ({"labels": "ab"}, "labels is 'ab'"),
        ({"labels": ["a", "a"]}, "one is there twice"),
        ({"thresholds": [0.5]}, "1 thresholds for 2 classes"),
        ({"thresholds": ["high", 0.5]}, "thresholds is 'high'"),
        ({"thresholds": [float("nan"), 0.5]}, "a threshold is no number"),
        ({"thresholds": {"a": 0.5}}, "thresholds is {'a': 0.5}"),
        ({"head_options": {"name": "unknown"}}, "the head 'unknown'"),
        ({"head_options": {"name": "linear", "evil": 1}}, "unexpected keyword argument 'evil'"),
        ({"head_options": {"label_smoothing": "x"}}, "not supported between"),
        ({"head_options": {"label_smoothing": 7}}, "label_smoothing=7 is out of range"),
        ({"head_options": "linear"}, "head_options is 'linear'"),
        ({"input_spec": {"image_size": 160, "evil": 1}}, "unexpected keyword argument 'evil'"),
        ({"input_spec": [1]}, r"input_spec is \[1\]"),
        ({"input_spec": {"image_size": 160, "low": 1, "high": 0}}, "is empty"),
        ({"segmenting": {"evil": 1}}, "unexpected keyword argument 'evil'"),
        ({"segmenting": {"enter": float("nan")}}, "segments.enter=nan is out of range"),
        ({"segmenting": {"enter": 0.2, "leave": 0.8}}, "segments.leave=0.8 is above segments.enter=0.2"),
        ({"segmenting": {"min_secs": -1}}, "segments.min_secs=-1 is out of range"),
        ({"width": "wide"}, "width is 'wide'"),
        ({"image_size": -1}, "image_size is -1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"seed": "x"}, "seed is 'x'"),
        ({"steps": True}, "steps is True"),
        ({"multi_label": 1}, "multi_label is 1"),
        ({"backbone_name": 3}, "backbone_name is 3"),
        ({"output_name": 5}, "output_name is 5"),
        ({"executor": "onnx"}, "executor is .onnx., not one of auto, tensorflow, xnnpack"),
        ({"seconds": "long"}, "seconds is 'long'"),
        ({"validation": {"validation/loss": "low"}}, r"validation\[validation/loss\] is 'low'"),
        ({"dataset_options": {"dataset.size": "x"}}, r"dataset_options\[dataset.size\] is 'x'"),
    ],
)
def test_what_no_training_writes_is_told_as_damage(folder, values, message):
    change(folder, **values)
    with pytest.raises(RunError, match=f"(?s)run.json is damaged: .*{message}.*Train the run again"):
        load_run(folder)


def test_a_field_that_is_missing_is_named(folder):
    path = folder / RUN_FILE
    values = json.loads(path.read_text())
    del values["labels"]
    path.write_text(json.dumps(values))
    with pytest.raises(RunError, match=r"is damaged: there is no 'labels'"):
        load_run(folder)


def test_nesting_without_an_end_is_damage(folder):
    (folder / RUN_FILE).write_text("[" * 100_000)
    with pytest.raises(RunError, match="is damaged"):
        load_run(folder)


def test_fields_with_defaults_need_not_be_there():
    check_values({"labels": ["a"], "width": 1, "image_size": 128})
