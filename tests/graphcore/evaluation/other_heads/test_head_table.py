import csv

import numpy as np

from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.other_heads.head_table import HeadResult, find_best, show_heads, write_heads
from graphcore.evaluation.videos.figures import VideoMetrics

VIDEO_VALUES = {
    "phase_jaccard": 0.7714,
    "edit": 28.34,
    "f1@10": 100.0,
    "f1@25": 100.0,
    "f1@50": 99.9,
    "map@tiou": 0.4749,
}


def make_result(name, accuracy, causal=True, videos=False, seconds=2.3):
    values = {"accuracy": accuracy, "loss": 0.5, "balanced_accuracy": 0.4, "macro_f1": 0.3}
    metrics = Metrics(
        "test",
        ("a", "b"),
        1336,
        values | (VIDEO_VALUES if videos else {}),
        np.zeros((2, 2), np.int64),
        (),
        intervals={"accuracy": Interval(accuracy - 0.1, accuracy + 0.05, 7, "videos", "7 videos are few.")},
        videos=VideoMetrics(VIDEO_VALUES, (), causal, 0.0) if videos else None,
    )
    return HeadResult(name, causal, name == "linear", seconds, metrics)


def test_the_best_is_the_first_with_the_highest_headline():
    results = [make_result("linear", 0.5), make_result("mlp", 0.7), make_result("cosine", 0.7)]
    assert find_best(results).name == "mlp"


def test_heads_of_videos_are_shown_with_figures_of_segments(capsys):
    results = [make_result("linear", 0.5, videos=True), make_result("ms_tcn", 0.8, causal=False, videos=True)]
    show_heads(results, "test", "run")
    printed = capsys.readouterr()
    assert printed.out.startswith("Heads of run on test: 1,336 frames, intervals over 7 videos")
    row = next(line for line in printed.out.splitlines() if "ms_tcn" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == ["ms_tcn*", "yes", "0.800 .70-.85", "0.771", "28", "100/100/100", "0.47", "2"]
    assert "looks" in printed.out
    assert "seg" in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80
    assert not [line for line in printed.out.splitlines() if line.startswith("│  ")]  # no row is broken
    assert "* the highest accuracy on test; to choose one, compare on validation" in printed.err
    assert "7 videos are few." in printed.err


def test_all_that_share_the_highest_figure_are_marked(capsys):
    results = [make_result("linear", 0.5), make_result("mlp", 0.7), make_result("cosine", 0.7)]
    show_heads(results, "test", "run")
    rows = capsys.readouterr().out.splitlines()
    marked = [row.strip("│").split("│")[0].strip() for row in rows if row.startswith("│")]
    assert marked == ["linear", "mlp*", "cosine*"]


def test_heads_of_photos_are_shown_with_figures_of_photos(capsys):
    show_heads([make_result("linear", 0.5)], "validation", "run")
    printed = capsys.readouterr()
    assert printed.out.startswith("Heads of run on validation: 1,336 samples")
    assert "macro F1" in printed.out
    assert "to choose one" not in printed.err


def test_the_csv_has_every_figure_of_every_head(tmp_path):
    results = [make_result("linear", 0.5), make_result("gru", 0.8, causal=False, videos=True)]
    write_heads(tmp_path / "heads.csv", results, "test")
    with (tmp_path / "heads.csv").open(newline="") as file:
        linear, gru = csv.DictReader(file)
    assert (linear["head"], linear["own"], linear["causal"], linear["edit"]) == ("linear", "1", "1", "")
    assert (gru["own"], gru["causal"], gru["edit"], gru["f1@50"]) == ("0", "0", "28.34", "99.9")
    assert float(gru["accuracy_low"]) == 0.8 - 0.1
    assert gru["seconds_train"] == "2.3"
