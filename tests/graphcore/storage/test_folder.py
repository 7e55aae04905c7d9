import pytest

from graphcore.errors import DatasetError
from graphcore.storage import folder as folder_module
from graphcore.storage import to_path
from graphcore.storage.folder import RemoteFolder


@pytest.fixture
def remote(store):
    return RemoteFolder(to_path(f"{store}/records", "dataset.records"))


def test_a_folder_that_is_not_there_holds_nothing(remote):
    assert remote.list_sizes() == {}
    assert remote.read("a") is None
    remote.remove("a")


def test_only_its_own_files_are_listed(remote):
    remote.write("a", b"abc")
    remote.write("b", b"")
    (remote.path / "sub").joinpath("c").write_bytes(b"deeper")
    assert remote.list_sizes() == {"a": 3, "b": 0}


def test_a_listing_is_never_an_old_one(remote):
    remote.write("a", b"abc")
    assert remote.list_sizes() == {"a": 3}
    remote.write("b", b"b")
    remote.remove("a")
    assert remote.list_sizes() == {"b": 1}


@pytest.mark.parametrize("size", [0, 1, 2**20 * 12 + 1])
def test_a_file_comes_back_as_it_went(size, remote, tmp_path, monkeypatch):
    # The smallest parts that a store takes: the largest file goes up and comes down in three.
    for options in (folder_module._UPLOAD, folder_module._DOWNLOAD):
        monkeypatch.setitem(options, "s3", {"chunksize": 5 * 2**20, "max_concurrency": 2})
    data = bytes(range(251)) * (size // 251 + 1)
    (tmp_path / "out").write_bytes(data[:size])
    remote.put(tmp_path / "out", "name")
    remote.fetch("name", tmp_path / "in")
    assert (tmp_path / "in").read_bytes() == data[:size]


def test_a_vanished_file_is_told_with_its_address(remote, tmp_path):
    with pytest.raises(DatasetError, match=r"/records/a does not exist"):
        remote.fetch("a", tmp_path / "a")


def test_what_fails_on_this_machine_is_no_fault_of_the_store(remote, tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        remote.put(tmp_path / "absent", "a")
    assert caught.value.filename == str(tmp_path / "absent")
