"""A store of S3's kind on this machine, and folders of records small enough to be sent to and fro."""

import hashlib
import itertools
import logging

import pytest

from graphcore.storage import to_path
from tfrecords.manifest import Manifest, ShardInfo, write_manifest

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def s3_server():
    """The address of a store that runs in this process and holds everything in memory."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it prints every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_environment(s3_server, monkeypatch, tmp_path):
    """What a user's environment says of the store, and nothing of the machine's own."""
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    s3fs.S3FileSystem.clear_instance_cache()
    yield s3_server
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(s3_environment):
    """The address of an empty bucket."""
    address = f"s3://bucket-{next(_NUMBERS)}"
    to_path(address, "dataset.dir").fs.mkdir(address)
    return address


@pytest.fixture(params=["memory", "s3"])
def store(request):
    """An address to put things under, in each kind of store."""
    if request.param == "s3":
        return request.getfixturevalue("bucket")
    return f"memory://store-{next(_NUMBERS)}"


@pytest.fixture
def go(tmp_path, monkeypatch):
    """Works on another machine from now on: in another folder."""

    def go(machine):
        (tmp_path / machine).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / machine)

    go("first")
    return go


@pytest.fixture
def make_records():
    """Writes finished records of the given shards, as {name: bytes}, into a folder."""

    def make(folder, shards, label="a"):
        folder.mkdir(parents=True, exist_ok=True)
        infos = []
        for name, data in shards.items():
            (folder / name).write_bytes(data)
            infos.append(ShardInfo(name, name.split("-")[0], 1, len(data), hashlib.sha256(data).hexdigest()))
        for path in folder.glob("*.tfrecord"):
            if path.name not in shards:
                path.unlink()
        (folder / "rejected.csv").write_text("path,reason\n")
        manifest = Manifest("toy", "image_folder", (label, "b"), {"train": {}}, tuple(infos))
        write_manifest(folder, manifest)
        return manifest

    return make
