"""The whole way on a small scale: a server, an archive made from a checkpoint of our own, a network restored."""

import hashlib
import io
import json
import shutil
import tarfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from graphcore.config import BackboneConfig
from graphcore.errors import CheckpointError
from graphcore.nets import fetch
from graphcore.nets.catalogue import Archive
from graphcore.nets.factory import get_backbone, get_configured_backbone
from graphcore.nets.fetch import fetch_checkpoint
from graphcore.nets.frozen import freeze_backbone
from graphcore.nets.weights import write_checkpoint

STEM = "mobilenet_v1_0.25_160"


@pytest.fixture(name="archive_bytes", scope="module")
def packed_checkpoint(tmp_path_factory):
    """As the released archives are: a V2 checkpoint beside other things, here with averages twice the weights."""
    folder = tmp_path_factory.mktemp("archive")
    weights = freeze_backbone(get_backbone("mobilenet_v1", 0.25, 160), None, seed=5, announce=False).weights
    averages = {f"{name}/ExponentialMovingAverage": value * 2 for name, value in weights.items() if "weights" in name}
    write_checkpoint(folder / f"{STEM}.ckpt", {**weights, **averages})
    (folder / f"{STEM}_frozen.pb").write_bytes(b"not wanted")
    with tarfile.open(folder / "made.tgz", "w:gz") as archive:
        for path in sorted(folder.glob(f"{STEM}*")):
            archive.add(path, f"./{path.name}")
    return (folder / "made.tgz").read_bytes(), weights


@pytest.fixture(name="archive")
def served_archive(web, archive_bytes, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_CACHE", str(tmp_path / "cache"))
    web.files[f"{STEM}.tgz"] = archive_bytes[0]
    return Archive(f"{web.address}/{STEM}.tgz", f"{STEM}.ckpt")


def test_a_checkpoint_is_fetched_once(web, archive, archive_bytes, tmp_path):
    found = fetch_checkpoint(archive)
    assert found.path == tmp_path / "cache" / "checkpoints" / STEM / f"{STEM}.ckpt"
    again = fetch_checkpoint(archive)
    assert again == found
    assert len(web.requests) == 1
    assert sorted(path.name for path in found.path.parent.iterdir()) == [
        "files.json",
        f"{STEM}.ckpt.data-00000-of-00001",
        f"{STEM}.ckpt.index",
    ]
    name = "MobilenetV1/Conv2d_0/weights"
    assert found.use_ema
    np.testing.assert_array_equal(found.read_all()[name], archive_bytes[1][name] * 2)


def test_two_that_want_it_at_once_fetch_it_once(web, archive):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(fetch_checkpoint, [archive, archive])
    assert first == second
    assert len(web.requests) == 1


def test_a_network_is_restored_from_the_catalogue(web, archive_bytes, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GRAPHCORE_MIRROR", f"{web.address}/mirror/")
    web.files[f"mirror/{STEM}.tgz"] = archive_bytes[0]
    config = BackboneConfig(width=0.25, image_size=160, checkpoint="imagenet")
    backbone, source = get_configured_backbone(config)
    frozen = freeze_backbone(backbone, source)
    np.testing.assert_array_equal(
        frozen.weights["MobilenetV1/Conv2d_13_pointwise/weights"],
        archive_bytes[1]["MobilenetV1/Conv2d_13_pointwise/weights"] * 2,
    )
    assert [name for name, _, _ in web.requests] == [f"mirror/{STEM}.tgz"]


def test_a_checksum_nobody_published_is_recorded_and_checked_ever_after(web, archive, archive_bytes, tmp_path, capsys):
    fetch_checkpoint(archive)
    sha256 = hashlib.sha256(archive_bytes[0]).hexdigest()
    assert f"from now on it must be {sha256}" in capsys.readouterr().err
    record = json.loads((tmp_path / "cache" / "checksums" / f"{STEM}.json").read_text())
    assert record == {"url": archive.url, "size_bytes": len(archive_bytes[0]), "sha256": sha256}
    shutil.rmtree(tmp_path / "cache" / "checkpoints")
    web.files[f"{STEM}.tgz"] += b"x"
    with pytest.raises(CheckpointError, match=f"{sha256} was expected"):
        fetch_checkpoint(archive)


def test_a_published_checksum_is_checked_the_first_time(archive):
    with pytest.raises(CheckpointError, match=f"{'0' * 64} was expected"):
        fetch_checkpoint(Archive(archive.url, archive.checkpoint, None, "0" * 64))


def test_what_was_unpacked_is_checked_at_each_use(archive):
    found = fetch_checkpoint(archive)
    data = found.path.with_name(f"{found.path.name}.data-00000-of-00001")
    content = bytearray(data.read_bytes())
    content[1000] ^= 1
    data.write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{data.name} is not what was unpacked there\.\nRemove the folder"):
        fetch_checkpoint(archive)


def test_a_folder_without_its_note_is_not_trusted(archive):
    found = fetch_checkpoint(archive)
    (found.path.parent / "files.json").unlink()
    with pytest.raises(CheckpointError, match=r"files\.json is not what was unpacked there"):
        fetch_checkpoint(archive)


def test_offline_what_is_unpacked_is_used_and_nothing_is_asked_for(web, archive, monkeypatch):
    fetch_checkpoint(archive)
    monkeypatch.setenv("GRAPHCORE_OFFLINE", "1")
    fetch_checkpoint(archive)
    assert len(web.requests) == 1


def test_offline_an_archive_put_there_by_hand_is_used(web, archive, archive_bytes, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHCORE_OFFLINE", "1")
    place = tmp_path / "cache" / "archives" / f"{STEM}.tgz"
    with pytest.raises(CheckpointError, match=f"GRAPHCORE_OFFLINE is set(.|\n)*put it at {place}"):
        fetch_checkpoint(archive)
    place.write_bytes(archive_bytes[0])
    assert fetch_checkpoint(archive).shapes()["MobilenetV1/Conv2d_0/weights"] == (3, 3, 3, 8)
    assert web.requests == []


def test_a_killed_fetch_goes_on(web, archive, archive_bytes, monkeypatch):
    web.breaks = [100_000]
    fetch_checkpoint(archive)
    assert [asked for _, asked, _ in web.requests] == [None, "bytes=100000-"]


def test_an_archive_without_the_checkpoint_is_told(archive):
    with pytest.raises(CheckpointError, match=r"holds no other\.ckpt"):
        fetch_checkpoint(Archive(archive.url, "other.ckpt"))


def test_a_bomb_is_refused(web, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "_LEAST_LIMIT_BYTES", 1000)
    zeros = tmp_path / "zeros"
    zeros.write_bytes(bytes(2**20))
    with tarfile.open(tmp_path / "bomb.tgz", "w:gz") as bomb:
        bomb.add(zeros, f"{STEM}.ckpt")
    web.files[f"{STEM}.tgz"] = (tmp_path / "bomb.tgz").read_bytes()
    with pytest.raises(CheckpointError, match="far more"):
        fetch_checkpoint(archive)


def test_a_checkpoint_that_cannot_be_read_leaves_no_checksum_to_hold_to(web, archive, archive_bytes, tmp_path):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as packed:
        info = tarfile.TarInfo(f"{STEM}.ckpt.index")
        info.size = 5
        packed.addfile(info, io.BytesIO(b"wrong"))
    web.files[f"{STEM}.tgz"] = content.getvalue()
    with pytest.raises(CheckpointError, match="Cannot read the weights of the archive"):
        fetch_checkpoint(archive)
    assert not (tmp_path / "cache" / "checksums").exists()
    (tmp_path / "cache" / "archives" / f"{STEM}.tgz").unlink()
    web.files[f"{STEM}.tgz"] = archive_bytes[0]
    fetch_checkpoint(archive)
