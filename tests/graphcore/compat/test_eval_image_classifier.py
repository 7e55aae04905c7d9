from __future__ import annotations

from pathlib import Path

import pytest

from graphcore.compat.eval_flags import EVAL
from graphcore.compat.eval_image_classifier import check_same, find_run, plan_outputs
from graphcore.compat.parse import parse_flags
from graphcore.compat.plan import tell_given
from graphcore.errors import ConfigError, RunError

CONFIG = """
dataset: {kind: record_files, labels_offset: 0}
backbone: {name: mobilenet_v1, width: 0.5, image_size: 160, grayscale: false}
"""

# Every flag of SPEC section 2, with a value that is not its default and that does not fit the run below.
FLAGS = [
    ("batch_size", "50", "told"),
    ("max_num_batches", "5", "told"),
    ("master", "grpc://x", "refused"),
    ("checkpoint_path", "elsewhere", "told"),
    ("eval_dir", "eval", "told"),
    ("num_preprocessing_threads", "8", "told"),
    ("dataset_name", "flowers", "told"),
    ("dataset_split_name", "trainval", "refused"),
    ("dataset_dir", "flowers", "told"),
    ("labels_offset", "1", "refused"),
    ("model_name", "mobilenet_v1_025", "refused"),
    ("preprocessing_name", "vgg", "told"),
    ("moving_average_decay", "0.999", "told"),
    ("eval_image_size", "224", "refused"),
    ("quantize", "true", "refused"),
    ("use_grayscale", "true", "refused"),
]


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "run.json").write_text("{}")
    return folder


def test_the_table_has_every_flag():
    assert {flag.name for flag in EVAL.flags} == {name for name, _, _ in FLAGS}


@pytest.mark.parametrize(("name", "value", "becomes"), FLAGS)
def test_every_flag_is_told_to_differ_or_compared_with_the_run_or_refused(run, name, value, becomes):
    if becomes == "refused":
        with pytest.raises(ConfigError, match=f"--{name}={value}"):
            check_same(parse_flags([f"--{name}={value}"], EVAL), run)
        return
    given = parse_flags([f"--{name}={value}"], EVAL)
    check_same(given, run)
    assert [one.flag for one in tell_given(given, EVAL)] == [f"--{name}"]


def test_flags_that_fit_the_run_pass(run):
    arguments = ["--model_name=mobilenet_v1_050", "--eval_image_size=160", "--labels_offset=0", "--nouse_grayscale"]
    check_same(parse_flags(arguments, EVAL), run)
    with pytest.raises(ConfigError, match=r"was trained with mobilenet_v1 of width 0\.5"):
        check_same(parse_flags(["--model_name=inception_v3"], EVAL), run)


def test_a_run_is_found_from_anything_in_it(run):
    (run / "checkpoints" / "head-500.npz").touch()
    assert find_run(run) == run
    assert find_run(run / "checkpoints" / "head-500.npz") == run


def test_what_is_no_finished_run_is_refused_with_the_way_on(run, tmp_path):
    with pytest.raises(RunError, match=r"no finished run(.|\n)*train_image_classifier --checkpoint_path="):
        find_run(tmp_path / "mobilenet.ckpt")
    (run / "run.json").unlink()
    with pytest.raises(RunError, match=r"Finish its training first"):
        find_run(run)


def test_figures_are_copied_where_eval_dir_says():
    assert plan_outputs(parse_flags([], EVAL)) == ()
    products = plan_outputs(parse_flags(["--eval_dir=e"], EVAL))
    assert [one.place for one in products] == [
        Path("e/metrics.json"),
        Path("e/predictions.csv"),
        Path("e/report.html"),
    ]
