from pathlib import Path

import pytest

from graphcore.comparison.gather import name_runs, require_several
from graphcore.errors import RunError


def test_one_run_is_none_to_compare():
    with pytest.raises(RunError, match=r"runs=\[a\] names 1 run: there is nothing to compare.\nName two or more"):
        require_several(["a"])
    with pytest.raises(RunError, match=r"runs=\[\] names no run"):
        require_several([])


def test_the_same_run_twice_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(RunError, match=r"runs names \[.*run, .*link\]: one and the same run twice"):
        require_several([tmp_path / "run", tmp_path / "other", tmp_path / "link"])


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["runs/linear", "runs/mlp"], ("linear", "mlp")),
        (["a/0", "b/0"], ("a/0", "b/0")),
        (["a/x/0", "b/x/0", "b/x/1"], ("a/x/0", "b/x/0", "b/x/1")),
    ],
)
def test_a_run_is_named_by_as_much_of_its_path_as_tells_it_apart(folders, expected):
    assert name_runs([Path(folder) for folder in folders]) == expected
