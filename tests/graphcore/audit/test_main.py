"""The command itself, from options to status."""

import subprocess
import sys

import fsspec
import pytest

from graphcore.audit import AUDIT_NAME
from graphcore.audit.__main__ import run_audit
from graphcore.config import AuditConfig, Config, ImageFolderConfig, SplitConfig
from graphcore.errors import ConfigError, DatasetError
from tests.graphcore.audit.pictures import draw, encode


def configure(records, on_leakage="refuse", **dataset):
    return Config(
        dataset=ImageFolderConfig(kind="image_folder", records=str(records) if records else None, **dataset),
        split=SplitConfig(train=60, validation=20, test=20),
        audit=AuditConfig(similar_bits=20, on_leakage=on_leakage),
        optimizer=None,  # type: ignore[arg-type]
        schedule=None,  # type: ignore[arg-type]
    )


def test_finished_records_are_audited_as_they_are(clean, capsys):
    run_audit(configure(clean))
    shown = capsys.readouterr()
    assert "all samples" in shown.out
    assert "No leakage found in 12 samples." in shown.err
    assert str(clean / AUDIT_NAME) in shown.err


def test_leakage_is_shown_in_full_before_it_is_an_error(leaking, capsys):
    with pytest.raises(DatasetError, match=r"The splits of .* leak\.\nMend it as said above, or .*on_leakage=warn"):
        run_audit(configure(leaking))
    shown = capsys.readouterr()
    assert "lookalikes: test in train" in shown.out
    assert "Way out: " in shown.err
    run_audit(configure(leaking, on_leakage="warn"))


def test_inputs_are_converted_first(tmp_path, capsys):
    for number in range(20):
        path = tmp_path / "pets" / ("cat" if number % 2 else "dog") / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(draw(number)))
    run_audit(configure(tmp_path / "records", dir=str(tmp_path / "pets")))
    assert "No leakage found in 20 samples." in capsys.readouterr().err
    assert (tmp_path / "records" / AUDIT_NAME).exists()


def test_remote_records_are_fetched(clean, tmp_path, monkeypatch, capsys):
    fsspec.filesystem("memory").put(f"{clean}/", "/audited/records/", recursive=True)
    monkeypatch.chdir(tmp_path)
    run_audit(configure("memory://audited/records"))
    assert "No leakage found in 12 samples." in capsys.readouterr().err


def test_nothing_given_is_a_mistake():
    with pytest.raises(ConfigError, match=r"Nothing is given to audit.\nAdd dataset.records=DIR"):
        run_audit(configure(None))


@pytest.mark.parametrize(("on_leakage", "status"), [("refuse", 2), ("warn", 0)])
def test_status(leaking, on_leakage, status):
    command = [sys.executable, "-m", "graphcore.audit", f"dataset.records={leaking}", "audit.similar_bits=20"]
    done = subprocess.run([*command, f"audit.on_leakage={on_leakage}"], capture_output=True, text=True, cwd=leaking)
    assert done.returncode == status, done.stderr
    assert "lookalikes: test in train" in done.stdout
    assert "Traceback" not in done.stderr
