import hashlib
import json

import pytest

from graphcore.errors import CheckpointError
from graphcore.storage import download as module
from graphcore.storage.download import RemoteFile, digest_file, download

CONTENT = bytes(range(256)) * 4000  # 1 MB: more than one piece
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(module, "WAITS_SECS", (0.0, 0.0))


@pytest.fixture(name="remote")
def served_file(web):
    web.files["net.tgz"] = CONTENT
    return RemoteFile(f"{web.address}/net.tgz", len(CONTENT), SHA256)


@pytest.fixture(name="path")
def place(tmp_path):
    return tmp_path / "cache" / "net.tgz"


def leftovers(path):
    return sorted(each.name for each in path.parent.iterdir())


def test_a_file_comes_whole_and_nothing_else_is_left(remote, path, capsys):
    download(remote, path)
    assert path.read_bytes() == CONTENT
    assert leftovers(path) == ["net.tgz"]
    assert "Fetching net.tgz: 1 MiB" in capsys.readouterr().err


def test_what_is_there_is_not_fetched_again(web, remote, path):
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    download(remote, path)
    assert web.requests == []


def test_a_line_that_breaks_is_taken_up_where_it_broke(web, remote, path):
    web.breaks = [300_000, 200_000]
    download(remote, path)
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked, _ in web.requests] == [None, "bytes=300000-", "bytes=500000-"]


def test_a_killed_process_is_taken_up_by_the_next(web, remote, path, monkeypatch):
    web.breaks = [300_000]

    def kill(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.time, "sleep", kill)
    with pytest.raises(KeyboardInterrupt):
        download(remote, path)
    assert leftovers(path) == ["net.tgz.part", "net.tgz.part.json"]
    download(remote, path)
    assert path.read_bytes() == CONTENT
    assert web.requests[1] == ("net.tgz", "bytes=300000-", '"one"')


def test_a_server_without_ranges_sends_all_again(web, remote, path):
    web.has_ranges, web.breaks = False, [300_000]
    download(remote, path)
    assert path.read_bytes() == CONTENT


def test_a_file_that_changed_in_between_is_begun_anew(web, path):
    web.files["net.tgz"], web.breaks = bytes(len(CONTENT)), [300_000]
    remote = RemoteFile(f"{web.address}/net.tgz")
    started = web.answer

    def change_after_the_first(handler):
        started(handler)
        web.files["net.tgz"], web.etag = CONTENT, '"two"'

    web.answer = change_after_the_first
    download(remote, path)
    assert path.read_bytes() == CONTENT


def test_without_a_mark_of_the_files_state_it_is_begun_anew(web, remote, path):
    web.etag, web.breaks = "", [300_000]
    download(remote, path)
    assert [asked for _, asked, _ in web.requests] == [None, None]
    assert path.read_bytes() == CONTENT


def test_a_part_of_another_address_is_not_gone_on_with(web, remote, path):
    path.parent.mkdir()
    path.with_name("net.tgz.part").write_bytes(b"other")
    path.with_name("net.tgz.part.json").write_text(
        json.dumps({"url": "http://elsewhere/net.tgz", "validator": '"one"'})
    )
    download(remote, path)
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_begun_anew(web, remote, path):
    path.parent.mkdir()
    path.with_name("net.tgz.part").write_bytes(CONTENT + b"more")
    path.with_name("net.tgz.part.json").write_text(json.dumps({"url": remote.url, "validator": '"one"'}))
    plain = web.answer
    web.answer = lambda handler: handler.send_error(416) if handler.headers.get("Range") else plain(handler)
    download(remote, path)
    assert path.read_bytes() == CONTENT


def test_a_wrong_checksum_is_told_with_both_and_the_file_is_put_aside(web, remote, path):
    web.files["net.tgz"] = bytes(len(CONTENT))
    with pytest.raises(CheckpointError, match=rf"its SHA-256 is [0-9a-f]{{64}}, and {SHA256} was expected"):
        download(remote, path)
    assert leftovers(path) == ["net.tgz.wrong"]


def test_a_file_put_there_by_hand_is_checked_too(remote, path):
    path.parent.mkdir()
    path.write_bytes(b"another file")
    with pytest.raises(CheckpointError, match="SHA-256"):
        download(remote, path)


def test_a_file_of_another_size_is_refused_before_it_is_fetched(web, remote, path):
    web.files["net.tgz"] = CONTENT + b"more"
    with pytest.raises(CheckpointError, match="it has 1,024,004 bytes there, and 1,024,000 were expected"):
        download(remote, path)


def test_a_file_that_is_not_there_is_told_with_what_to_do(web, path):
    with pytest.raises(
        CheckpointError,
        match=rf"{web.address}/absent\.tgz cannot be had: the server answers 404.*\n"
        rf"Fetch it by hand and put it at {path}(.|\n)*GRAPHCORE_CACHE",
    ):
        download(RemoteFile(f"{web.address}/absent.tgz"), path)
    assert len(web.requests) == 1


def test_a_server_in_trouble_is_asked_again(web, remote, path):
    web.statuses["net.tgz"] = 503
    with pytest.raises(CheckpointError, match="the server answers 503"):
        download(remote, path)
    assert len(web.requests) == 3


def test_nobody_listening_is_told(path):
    with pytest.raises(CheckpointError, match=r"cannot be had: .*refused"):
        download(RemoteFile("http://127.0.0.1:9/net.tgz"), path)


def test_offline_nobody_is_asked(web, remote, path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_OFFLINE", "1")
    with pytest.raises(
        CheckpointError, match=rf"GRAPHCORE_OFFLINE is set, so nothing is fetched\.\n.*put it at {path}"
    ):
        download(remote, path)
    assert web.requests == []


def test_a_folder_that_cannot_be_written_to_is_told(remote, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot be written"):
        download(remote, tmp_path / "file" / "net.tgz")


def test_digests_are_of_the_content(path):
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert digest_file(path) == SHA256


def test_a_server_that_never_ends_is_cut_off(web, remote, path, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 500_000)
    with pytest.raises(CheckpointError, match=r"the server sends more than 500,000 bytes"):
        download(RemoteFile(remote.url), path)
    assert not path.exists()
