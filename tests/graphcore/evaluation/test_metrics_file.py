import json

import pytest

from graphcore.errors import RunError
from graphcore.evaluation.metrics_file import read_metrics, update_metrics


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
