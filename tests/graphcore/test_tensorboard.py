import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest

from graphcore import tensorboard
from graphcore.config import TensorboardConfig
from graphcore.errors import ConfigError, RunError
from graphcore.tensorboard import HOST, choose_logdir, run_tensorboard, serve


@pytest.fixture
def run(tmp_path):
    """The folder of a run with one event file, of no events."""
    folder = tmp_path / "runs" / "one"
    (folder / "summaries" / "train").mkdir(parents=True)
    (folder / "summaries" / "train" / "events.out.tfevents.1.host").touch()
    return folder


def test_a_single_run_is_shown_by_its_summaries(run):
    assert choose_logdir(run) == run / "summaries"
    assert choose_logdir(run.parent) == run.parent


def test_a_folder_that_is_not_there_is_named_with_those_that_are(run):
    with pytest.raises(RunError, match=r"two is not a folder.\nChoices: .*one.\nGive the folder"):
        choose_logdir(run.parent / "two")


def test_a_folder_without_summaries_says_so(tmp_path):
    with pytest.raises(RunError, match="has no summaries: nothing was trained there"):
        choose_logdir(tmp_path)


def test_a_port_that_is_taken_is_refused(run):
    pytest.importorskip("tensorboard")
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port={port} cannot be had.*\n.*port=0 for any"), serve(run, port):
            pass


def test_a_missing_tensorboard_names_the_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ConfigError, match=r"not installed.\n.*graphcore\[tensorboard\]"), serve(run):
        pass


def test_ctrl_c_ends_it_without_a_mistake(monkeypatch, capfd):
    class Served:
        def __enter__(self):
            return "http://127.0.0.1:1/"

        def __exit__(self, *error):
            pass

    def wait(self):
        raise KeyboardInterrupt

    opened = []
    monkeypatch.setattr(tensorboard, "serve", lambda folder, port: Served())
    monkeypatch.setattr(tensorboard.webbrowser, "open", opened.append)
    monkeypatch.setattr(threading.Event, "wait", wait)
    run_tensorboard(TensorboardConfig(run="runs/one", browser=True))
    assert "TensorBoard shows runs/one at http://127.0.0.1:1/ (on this machine only" in capfd.readouterr().err
    assert opened == ["http://127.0.0.1:1/"]


def test_it_serves_the_page_until_it_is_told_to_end(run):
    pytest.importorskip("tensorboard")
    command = [sys.executable, "-m", "graphcore.tensorboard", f"run={run}", "port=0"]
    environment = os.environ | {"COLUMNS": "500"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr is not None
        address = process.stderr.readline().split(" at ")[1].split()[0]
        assert address.startswith(f"http://{HOST}:")
        with urllib.request.urlopen(f"{address}data/plugins_listing") as answer:
            assert {"scalars", "images", "pr_curves", "hparams", "projector"} <= set(json.load(answer))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
