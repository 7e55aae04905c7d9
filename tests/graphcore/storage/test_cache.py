import threading
import time
from pathlib import Path

import pytest

from graphcore.errors import ConfigError
from graphcore.storage.cache import cache_dir, is_offline, locked


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"GRAPHCORE_CACHE": "/chosen", "XDG_CACHE_HOME": "/shared"}, "/chosen"),
        ({"XDG_CACHE_HOME": "/shared"}, "/shared/graphcore"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/somebody/.cache/graphcore"),
        ({"GRAPHCORE_CACHE": "", "XDG_CACHE_HOME": ""}, "/home/somebody/.cache/graphcore"),
        ({"GRAPHCORE_CACHE": "~/weights"}, "/home/somebody/weights"),
    ],
)
def test_the_environment_says_where_the_cache_is(monkeypatch, variables, expected):
    monkeypatch.setenv("HOME", "/home/somebody")
    for name in ("GRAPHCORE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_dir() == Path(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("0", False), ("False", False), ("", False)]
)
def test_offline_is_set_and_not_to_no(monkeypatch, value, expected):
    monkeypatch.setenv("GRAPHCORE_OFFLINE", value)
    assert is_offline() is expected


def test_offline_is_not_the_default(monkeypatch):
    monkeypatch.delenv("GRAPHCORE_OFFLINE", raising=False)
    assert not is_offline()


def test_a_second_one_waits_and_says_so(tmp_path, capsys):
    # Two openings of one file exclude each other within a process as they do between two.
    path = tmp_path / "cache" / "file.lock"
    order = []
    held = threading.Event()

    def hold():
        with locked(path, "it fetches"):
            held.set()
            time.sleep(0.2)
            order.append("first")

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(30)
    with locked(path, "it fetches vgg"):
        order.append("second")
    other.join()
    assert order == ["first", "second"]
    assert "Waiting for another process: it fetches vgg" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cache folder .*file/cache cannot be written to(.|\n)*GRAPHCORE_CACHE"):
        with locked(tmp_path / "file" / "cache" / "lock", "it fetches"):
            pass
