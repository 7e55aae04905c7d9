import errno
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from graphcore.errors import DatasetError
from graphcore.storage import describe, read_bytes, to_path
from graphcore.storage.folder import RemoteFolder
from graphcore.storage.trouble import explain, explaining


def look(address):
    return RemoteFolder(to_path(address, "dataset.dir")).list_sizes()


def test_a_missing_bucket_is_named(s3_environment):
    with pytest.raises(DatasetError, match=r"^s3://nobody-has-this/photos: there is no such bucket.\nCorrect"):
        look("s3://nobody-has-this/photos")


def test_a_missing_bucket_concerns_every_file(s3_environment):
    with pytest.raises(DatasetError, match="there is no such bucket"):
        read_bytes(to_path("s3://nobody-has-this/a.jpg", "dataset.dir"))


def test_missing_credentials_are_told_with_where_they_belong(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    to_path(bucket, "dataset.dir").fs.clear_instance_cache()
    with pytest.raises(DatasetError, match=r"no credentials to use \(.*\).\nFor s3:// set AWS_ACCESS_KEY_ID"):
        look(f"{bucket}/photos")


def test_an_endpoint_that_nobody_listens_at_is_told(bucket, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        to_path(bucket, "dataset.dir").fs.clear_instance_cache()
        with pytest.raises(DatasetError, match=r"/photos cannot be reached \(.*127.0.0.1.*\).\nCheck the network"):
            look(f"{bucket}/photos")


def test_a_silent_host_is_given_up():
    # Not waited for: that the numbers reach the client is enough.
    path: Any = to_path("s3://bucket/x", "dataset.dir")
    options = path.fs.config_kwargs
    attempts = path.fs.retries * options["retries"]["total_max_attempts"]
    assert attempts * options["read_timeout"] <= 120
    assert attempts * options["connect_timeout"] <= 30


class _Denying(BaseHTTPRequestHandler):
    """Answers as S3 does to somebody who may not."""

    protocol_version = "HTTP/1.1"  # who uploads waits for leave to send the file

    def _deny(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = _deny

    def log_message(self, format, *args):
        pass


@pytest.fixture
def denying(s3_environment, monkeypatch):
    """A store that lets nobody in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Denying) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


def test_missing_permission_is_told(denying):
    remote = RemoteFolder(to_path("s3://bucket/records", "dataset.records"))
    for action in (remote.list_sizes, lambda: remote.read("a"), lambda: remote.write("a", b"x")):
        with pytest.raises(DatasetError, match=r"s3://bucket/records.*: access is denied \(.*\).\nCheck which"):
            action()


def test_missing_permission_for_one_file_is_an_error_of_the_system_s_kind(denying):
    with pytest.raises(PermissionError, match=r"Permission denied.*s3://bucket/a.jpg"):
        read_bytes(to_path("s3://bucket/a.jpg", "dataset.dir"))


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        PermissionError(errno.EACCES, "Permission denied", "/photos/a.jpg"),
        FileNotFoundError(errno.ENOENT, "No such file", "/photos/a.jpg"),
        OSError("image file is truncated"),
        ValueError("anything"),
    ],
)
def test_errors_of_this_machine_pass(error):
    with pytest.raises(type(error)) as caught, explaining("s3://b/x"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("error", [PermissionError("Access Denied"), OSError("Forbidden: b/bucket/o\nno access")])
def test_each_library_s_refusal_is_known(error):
    assert "s3://b/x: access is denied" in str(explain(error, "s3://b/x"))


def test_an_error_without_an_address_is_told_too():
    error = FileNotFoundError("The specified bucket does not exist")
    assert str(explain(error)).startswith("A remote address: there is no such bucket.")


def test_one_missing_file_is_an_error_of_the_system_s_kind(store):
    path = to_path(f"{store}/a.jpg", "dataset.dir")
    for ask in (read_bytes, describe):
        with pytest.raises(FileNotFoundError) as caught:
            ask(path)
        assert caught.value.filename == str(path)
        assert caught.value.strerror


def test_what_is_in_words_already_passes_as_it_is(s3_environment):
    with (
        pytest.raises(DatasetError, match=r"^s3://nobody-has-this/a: there is no such bucket\.\nCorrect") as caught,
        explaining(),
        explaining("s3://nobody-has-this/a"),
    ):
        look("s3://nobody-has-this/a")
    assert explain(caught.value) is None
