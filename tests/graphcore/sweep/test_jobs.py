import pytest

from graphcore.sweep.jobs import read_jobs


def test_jobs_come_in_the_order_of_their_numbers(folder):
    assert [job.name for job in read_jobs(folder)] == ["0", "1", "2", "3", "10"]


def test_options_are_what_the_job_was_told(folder):
    assert read_jobs(folder)[2].options == {"experiment": "x", "optimizer.learning_rate": "0.01", "seed": "0"}


def test_states_are_done_failed_and_unfinished(folder, add_job):
    add_job("11", ["seed=3"])
    assert [job.state for job in read_jobs(folder)] == ["done"] * 4 + ["failed", "unfinished"]
    assert read_jobs(folder)[4].failure == "it is out of range.\nSee."


def test_figures_of_a_job_that_was_cut_off_do_not_count(add_job):
    folder = add_job("0", ["seed=1"])
    (folder / "0" / "metrics.json").write_text('{"validation/accuracy": 0.')
    assert read_jobs(folder)[0].metrics == {}


def test_folder_without_jobs_has_none(tmp_path):
    assert read_jobs(tmp_path) == read_jobs(tmp_path / "missing") == []


def test_figures_that_are_no_numbers_do_not_count(add_job):
    folder = add_job("0", ["seed=1"])
    (folder / "0" / "metrics.json").write_text('{"a": NaN, "b": Infinity, "c": "x", "d": 0.5}')
    assert read_jobs(folder)[0].metrics == {"d": 0.5}


@pytest.mark.parametrize("content", [b": : :", b"\xff\x00", b"3", b"", b"{a: 1}"])
def test_a_job_whose_options_were_edited_away_still_counts(content, add_job):
    folder = add_job("0", ["seed=1"])
    (folder / "0" / ".hydra" / "overrides.yaml").write_bytes(content)
    assert read_jobs(folder)[0].options == {}
