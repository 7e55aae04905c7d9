import json
from pathlib import Path

import pytest

from graphcore.errors import RunError
from graphcore.training.run import RUN_FILE, Run, load_run


@pytest.fixture
def run(tmp_path):
    return Run(
        folder=tmp_path / "run",
        labels=("a b", "ç"),
        backbone_name="mobilenet_v1",
        width=0.5,
        image_size=160,
        records=Path("data/tfrecords/x"),
        dataset_digest="abc",
        features_dir=Path("data/features"),
        validation={"validation/accuracy": 0.5},
    )


def test_run_is_read_back_with_absolute_paths(run):
    run.write()
    found = load_run(run.folder)
    assert (found.labels, found.validation) == (run.labels, run.validation)
    assert found.records == Path("data/tfrecords/x").absolute()
    assert found.backbone_checkpoint == run.folder / "checkpoints" / "backbone.ckpt"


def test_missing_folder(tmp_path):
    with pytest.raises(RunError, match=r"run=.*nowhere is not a folder"):
        load_run(tmp_path / "nowhere")


def test_unfinished_run_says_how_to_go_on(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(RunError, match=r"(?s)has not finished.*hydra.run.dir="):
        load_run(tmp_path)


def test_folder_of_runs_lists_them(run):
    run.write()
    with pytest.raises(RunError, match=r"(?s)is not a run.*Choices: run"):
        load_run(run.folder.parent)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": 2}'])
def test_damaged_description(run, text):
    run.write()
    (run.folder / RUN_FILE).write_text(text)
    with pytest.raises(RunError, match="is damaged"):
        load_run(run.folder)


def test_other_version(run):
    run.write()
    path = run.folder / RUN_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 99}))
    with pytest.raises(RunError, match="has format 99"):
        load_run(run.folder)
