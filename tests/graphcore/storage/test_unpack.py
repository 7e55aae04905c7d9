import io
import os
import stat
import tarfile
import zipfile

import pytest

from graphcore.errors import CheckpointError
from graphcore.storage import unpack as module
from graphcore.storage.unpack import plan_member, unpack

LIMIT = 2**20
FILES = {"net/model.ckpt": b"weights" * 99, "./readme.txt": b"words"}


def write_tar(path, members, mode="w:gz"):
    """`members` are (TarInfo or name, content)."""
    with tarfile.open(path, mode) as archive:
        for info, content in members:
            info = tarfile.TarInfo(info) if isinstance(info, str) else info
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in members:
            archive.writestr(info, content)
    return path


WRITERS = {
    "net.tgz": write_tar,
    "net.tar": lambda path, members: write_tar(path, members, "w:"),
    "net.zip": write_zip,
}


@pytest.mark.parametrize("name", WRITERS)
def test_an_archive_becomes_a_folder(tmp_path, name):
    archive = WRITERS[name](tmp_path / name, FILES.items())
    unpack(archive, tmp_path / "out", LIMIT)
    assert (tmp_path / "out" / "net" / "model.ckpt").read_bytes() == FILES["net/model.ckpt"]
    assert (tmp_path / "out" / "readme.txt").read_bytes() == b"words"
    assert sorted(os.listdir(tmp_path)) == [name, "out"]


def test_only_what_is_wanted_is_taken(tmp_path):
    archive = write_tar(tmp_path / "net.tgz", FILES.items())
    unpack(archive, tmp_path / "out", LIMIT, lambda name: name.endswith(".ckpt"))
    assert [path.name for path in (tmp_path / "out").rglob("*.*")] == ["model.ckpt"]


def test_modes_of_the_archive_mean_nothing(tmp_path):
    info = tarfile.TarInfo("run")
    info.mode = 0o6777
    unpack(write_tar(tmp_path / "net.tgz", [(info, b"x")]), tmp_path / "out", LIMIT)
    assert stat.S_IMODE((tmp_path / "out" / "run").stat().st_mode) & 0o6111 == 0


@pytest.mark.parametrize("writer", [write_tar, write_zip])
@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:evil"])
def test_no_path_leaves_the_folder(tmp_path, writer, name):
    archive = writer(tmp_path / "net.archive", [("good", b"1"), (name, b"2")])
    with pytest.raises(CheckpointError, match=r"net\.archive is refused: its member .* would lie outside the folder"):
        unpack(archive, tmp_path / "in" / "out", LIMIT, lambda name: name == "good")
    assert sorted(os.listdir(tmp_path)) == ["in", "net.archive"]
    assert os.listdir(tmp_path / "in") == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    info = tarfile.TarInfo("special")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(CheckpointError, match="its member 'special' is a link or a device"):
        unpack(write_tar(tmp_path / "net.tgz", [(info, b"")]), tmp_path / "out", LIMIT)
    assert not (tmp_path / "out").exists()


def test_links_in_a_zip_are_refused(tmp_path):
    info = zipfile.ZipInfo("special")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(CheckpointError, match="is a link or a device"):
        unpack(write_zip(tmp_path / "net.zip", [(info, "/etc/passwd")]), tmp_path / "out", LIMIT)


@pytest.mark.parametrize("writer", [write_tar, write_zip])
def test_a_bomb_is_refused(tmp_path, writer):
    archive = writer(tmp_path / "bomb", [("zeros", bytes(3 * LIMIT))])
    assert archive.stat().st_size < LIMIT / 100
    with pytest.raises(CheckpointError, match="it unpacks to far more than its size lets expect"):
        unpack(archive, tmp_path / "out", LIMIT)
    assert os.listdir(tmp_path) == ["bomb"]


def test_a_bomb_beside_what_is_wanted_is_refused(tmp_path):
    archive = write_tar(tmp_path / "bomb.tgz", [("zeros", bytes(3 * LIMIT)), ("good", b"1")])
    with pytest.raises(CheckpointError, match="far more"):
        unpack(archive, tmp_path / "out", LIMIT, lambda name: name == "good")


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    archive = write_tar(tmp_path / "net.tgz", [(f"file{number}", b"") for number in range(4)])
    with pytest.raises(CheckpointError, match="it has more than 3 members"):
        unpack(archive, tmp_path / "out", LIMIT)


def test_a_member_that_comes_twice_is_refused(tmp_path):
    archive = write_tar(tmp_path / "net.tgz", [("same", b"1"), ("./same", b"2")])
    with pytest.raises(CheckpointError, match="its member 'same' comes twice"):
        unpack(archive, tmp_path / "out", LIMIT)


@pytest.mark.parametrize("name", WRITERS)
def test_a_damaged_archive_is_told(tmp_path, name):
    archive = WRITERS[name](tmp_path / name, [("noise", os.urandom(50_000)), ("more", os.urandom(50_000))])
    content = archive.read_bytes()
    archive.write_bytes(content[:30_000])
    with pytest.raises(CheckpointError, match=rf"{name} is refused: it is damaged"):
        unpack(archive, tmp_path / "out", LIMIT)
    assert os.listdir(tmp_path) == [name]


def test_the_folder_gets_its_name_last(tmp_path):
    archive = write_tar(tmp_path / "net.tgz", FILES.items())

    def refuse(folder):
        assert (folder / "readme.txt").exists()
        assert not (tmp_path / "out").exists()
        raise CheckpointError("not this one")

    with pytest.raises(CheckpointError, match="not this one"):
        unpack(archive, tmp_path / "out", LIMIT, finish=refuse)
    assert os.listdir(tmp_path) == ["net.tgz"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b", "a/b"), ("./a/./b", "a/b"), ("a/", "a"), ("/a", None), ("a/..", None), ("..", None), ("", None)],
)
def test_places_are_planned_by_name(name, expected):
    place = plan_member(name)
    assert (None if place is None else str(place)) == expected


def test_why_an_archive_cannot_be_opened_fits_into_one_line(tmp_path):
    (tmp_path / "page.tgz").write_bytes(b"<html>Please log in</html>")
    with pytest.raises(CheckpointError, match=r"is damaged \(file could not be opened successfully\)\.\nRemove it"):
        unpack(tmp_path / "page.tgz", tmp_path / "net", LIMIT)
