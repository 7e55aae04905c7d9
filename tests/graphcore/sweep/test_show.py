import csv

from graphcore.sweep.jobs import read_jobs
from graphcore.sweep.show import show_summary, write_csv
from graphcore.sweep.summary import summarise


def test_table_has_settings_best_first_and_names_failures(folder, capsys):
    show_summary(summarise(read_jobs(folder), "validation/accuracy"), "a sweep")
    said = capsys.readouterr()
    lines = [line for line in said.out.splitlines() if "│" in line]
    assert "0.01" in lines[0]
    assert "0.850±0.071" in lines[0]
    assert "0.1" in lines[1]
    assert all(len(line) <= 80 for line in said.out.splitlines())
    assert "job 10 (optimizer.learning_rate=-1): it is out of range." in " ".join(said.err.split())


def test_csv_has_a_row_for_every_job(folder, tmp_path):
    write_csv(tmp_path / "sweep.csv", read_jobs(folder), ["optimizer.learning_rate", "seed"])
    with (tmp_path / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["job"] for row in rows] == ["0", "1", "2", "3", "10"]
    assert (rows[3]["optimizer.learning_rate"], rows[3]["seed"], rows[3]["validation/accuracy"]) == ("0.01", "1", "0.9")
    assert rows[4]["failure"].startswith("it is out of range.")
