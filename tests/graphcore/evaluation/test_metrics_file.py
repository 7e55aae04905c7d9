import json
from pathlib import Path

import pytest

from graphcore.errors import RunError
from graphcore.evaluation import metrics_file
from graphcore.evaluation.metrics_file import collecting, read_metrics, update_metrics


def test_figures_are_added_and_sorted(tmp_path):
    path = tmp_path / "metrics.json"
    update_metrics(path, {"test/loss": 0.5, "seconds/train": 3})

    update_metrics(path, {"test/accuracy": 0.75})

    assert list(json.loads(path.read_text()).items()) == [
        ("seconds/train", 3), ("test/accuracy", 0.75), ("test/loss", 0.5),
    ]  # fmt: skip


def test_replacing_a_split_leaves_the_others(tmp_path):
    path = tmp_path / "metrics.json"
    update_metrics(path, {"test/recall/gone": 1.0, "test/accuracy": 0.1, "validation/accuracy": 0.2})

    update_metrics(path, {"test/accuracy": 0.3}, replace="test")

    assert read_metrics(path) == {"test/accuracy": 0.3, "validation/accuracy": 0.2}


def test_no_file_is_no_figures(tmp_path):
    assert read_metrics(tmp_path / "metrics.json") == {}


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "not JSON"), ("[1]", "not an object"), ('{"a": "b"}', "'a' is not a number")]
)
def test_another_file_is_an_error(tmp_path, text, reason):
    (tmp_path / "metrics.json").write_text(text)

    with pytest.raises(RunError, match=f"is not a metrics.json: .*{reason}"):
        read_metrics(tmp_path / "metrics.json")


def test_what_is_collected_is_written_once(tmp_path, monkeypatch):
    path, written = tmp_path / "metrics.json", []
    update_metrics(path, {"test/gone": 1.0, "train/steps": 7})
    own = metrics_file.write_json
    monkeypatch.setattr(metrics_file, "write_json", lambda *given: written.append(given) or own(*given))

    with collecting(path):
        update_metrics(path, {"validation/loss": 0.5}, replace="validation")
        returned = update_metrics(path, {"test/loss": 0.25}, replace="test")

    assert len(written) == 1
    assert read_metrics(path) == returned == {"test/loss": 0.25, "train/steps": 7, "validation/loss": 0.5}


def test_what_was_collected_until_something_failed_is_not_written(tmp_path):
    path = tmp_path / "metrics.json"
    update_metrics(path, {"train/steps": 7})
    with pytest.raises(ZeroDivisionError), collecting(path):
        update_metrics(path, {"test/loss": 0.25})
        raise ZeroDivisionError
    assert read_metrics(path) == {"train/steps": 7}


def test_what_is_collected_can_be_read_by_another_spelling_of_the_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with collecting(tmp_path / "metrics.json"):
        update_metrics(Path("metrics.json"), {"test/loss": 0.25})
        assert read_metrics(Path("metrics.json")) == {"test/loss": 0.25}
        assert not Path("metrics.json").exists()
    assert read_metrics(tmp_path / "metrics.json") == {"test/loss": 0.25}


def test_where_nothing_is_collected_nothing_is_written(tmp_path):
    with collecting(tmp_path / "metrics.json"):
        pass
    assert not (tmp_path / "metrics.json").exists()


def test_other_files_are_written_meanwhile(tmp_path):
    with collecting(tmp_path / "metrics.json"):
        update_metrics(tmp_path / "other" / "metrics.json", {"test/loss": 0.25})
        assert read_metrics(tmp_path / "other" / "metrics.json") == {"test/loss": 0.25}
