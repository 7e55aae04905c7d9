import json

import numpy as np
import pytest

from graphcore.comparison.as_json import to_json
from graphcore.comparison.comparison import compare_gathered
from graphcore.comparison.lining_up import Gathered
from graphcore.comparison.show import shorten_names, show_comparison
from graphcore.evaluation.intervals.groups import plan_groups
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.timelines import make_timelines
from graphcore.evaluation.videos.figures import compute_video_metrics

LABELS = [0, 0, 1, 1] * 6
VIDEOS = [f"operation-{number}" for number in range(6) for _ in range(4)]


@pytest.fixture
def make_comparison(make_run):
    """Compares runs given by how many frames of each of six videos they have right."""

    def make(names, rights):
        called = [[label if row % 4 < right else 2 for row, label in enumerate(LABELS)] for right in rights]
        runs = tuple(make_run(LABELS, each, VIDEOS) for each in called)
        metrics = tuple(
            compute_metrics(
                "test", run.labels, run.scores, run.class_names, groups=plan_groups(run.marks, run.keys),
                resamples=100, videos=compute_video_metrics(make_timelines(run), run.class_names, causal=True),
            )
            for run in runs
        )  # fmt: skip
        return compare_gathered(Gathered(tuple(names), runs, (0,) * len(runs), metrics), "test", None, 100)

    return make


def test_two_runs_side_by_side_with_what_it_means(make_comparison, capsys):
    show_comparison(make_comparison(["linear", "ms_tcn"], [2, 4]))
    out, err = capsys.readouterr()
    assert "test: 24 samples, 95 % intervals over 6 videos" in out
    assert "│ accuracy          │ 0.500 (.50-.50)" in out
    assert "│ F1@50" in out
    assert "Accuracy less that of linear, in points" in out
    assert "+50.0" in out
    assert "│  12 │    0 │" in out
    assert "Videos in which they differ most: accuracy, in points" in " ".join(out.split())
    assert out.count("operation-") == 5
    assert "ms_tcn is better than linear by 50.0 points in accuracy" in err
    assert "p = 0.031 over 6 videos" in err


def test_all_tables_fit_80_columns_with_three_runs_and_long_names(make_comparison, capsys):
    show_comparison(make_comparison([f"a-very-long-name-of-a-run-{n}" for n in range(4)], [1, 2, 3, 4]))
    out, err = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    assert all(line.count(".") for line in out.splitlines() if "loss" in line)  # no cell is broken over lines
    assert out.count("balanced accuracy") == 2  # three runs abreast, then the fourth
    assert "p is corrected by Holm's method for 3 runs held against the first" in err
    assert "With 6 videos and 3 runs held against the first no p below 0.0938 is possible" in err


def test_several_labels_have_figures_of_their_own(make_label_run, capsys):
    labels = np.eye(3)[[0, 1, 2, 0, 1, 2]]
    runs = tuple(make_label_run(labels, scores) for scores in (labels * 0.9, np.full((6, 3), 0.6)))
    metrics = tuple(compute_metrics("test", run.labels, run.scores, run.class_names) for run in runs)
    show_comparison(compare_gathered(Gathered(("a", "b"), runs, (0, 0), metrics), "test", None, 100))
    out, err = capsys.readouterr()
    assert ["│", "mean", "average", "precision", "│", "1.000", "│", "0.333", "│"] in map(str.split, out.splitlines())
    assert "micro" in out
    assert "│ b   │ -66.7" in out
    assert "a is better than b by 66.7 points in mean average precision" in err


def test_names_are_cut_in_the_middle_and_numbered_where_that_makes_them_alike():
    assert shorten_names(["short", "a-long-name-of-a-run-1"], 15) == ["short", "a-long-…a-run-1"]
    alike = shorten_names(["a-long-name-1-of-a-run", "a-long-name-2-of-a-run"], 15)
    assert alike == ["1 a-long…f-a-run", "2 a-long…f-a-run"] or all(len(name) <= 15 for name in alike)
    assert len(set(alike)) == 2


def test_json_has_all_of_it_and_no_nan(make_comparison):
    found = to_json(make_comparison(["linear", "ms_tcn"], [2, 4]))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["runs"][1]["figures"]["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    (difference,) = found["differences"]
    assert (difference["run"], difference["against"]) == ("ms_tcn", "linear")
    assert (difference["difference"], difference["p"], difference["swaps"]) == (0.5, 0.03125, 32)
    assert (difference["won"], difference["lost"]) == (12, 0)
    assert difference["groups"][0] == {"name": "operation-0", "against": 0.5, "run": 1.0}
    assert (found["metric"], found["groups"], found["unit"], found["samples"]) == ("accuracy", 6, "videos", 24)
