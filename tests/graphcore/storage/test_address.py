import builtins
import importlib
import pathlib
from typing import Any

import pytest

from graphcore.errors import ConfigError
from graphcore.storage.address import is_remote, to_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photos", False),
        ("/photos", False),
        ("C:/photos", False),
        ("C://photos", False),
        ("file:///photos", False),
        ("FILE:///photos", False),
        ("a::b", False),
        ("photos/s3://x", False),
        ("s3://bucket/photos", True),
        ("S3://bucket", True),
        ("memory://a", True),
        ("simplecache::s3://bucket/x", True),
        ("ssh://host/x", True),
    ],
)
def test_an_address_has_a_protocol(text, expected):
    assert is_remote(text) is expected


def test_a_path_says_itself_whether_it_is_remote():
    assert is_remote(to_path("memory://a/b", "dataset.dir"))
    assert not is_remote(pathlib.Path("s3:/a"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photos", "photos"),
        ("file:///a/b", "/a/b"),
        ("file://localhost/a/b%20c#d", "/a/b c#d"),
        ("FILE:///a", "/a"),
    ],
)
def test_a_local_path_is_pathlib_s(text, expected):
    path = to_path(text, "dataset.dir")
    assert path == pathlib.Path(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("memory://a/b", "memory://a/b"),
        ("memory:///a/b/", "memory://a/b"),
        ("s3://bucket/a/", "s3://bucket/a"),
        ("S3://bucket/A", "s3://bucket/A"),
    ],
)
def test_a_remote_path_is_universal_pathlib_s(text, expected):
    assert str(to_path(text, "dataset.dir")) == expected


def test_what_lies_below_a_remote_path_is_in_the_same_store():
    folder: Any = to_path("memory://a", "dataset.dir")
    child = folder / "b" / "c d#e?f.jpg"
    assert str(child) == "memory://a/b/c d#e?f.jpg"
    assert child.fs is folder.fs


@pytest.mark.parametrize("text", ["local:///etc/passwd", "ssh://host/x", "dask://x", "zip://a.zip", "http://host/x"])
def test_other_protocols_are_refused_with_the_known_ones(text):
    with pytest.raises(ConfigError, match=f"dataset.dir={text} has the unknown protocol .*\nChoices: s3://, gs://"):
        to_path(text, "dataset.dir")


@pytest.mark.parametrize(
    "text", ["simplecache::s3://bucket/x", "s3://bucket/x::file:///etc/passwd", "zip://a::memory://b"]
)
def test_chains_of_addresses_are_refused(text):
    with pytest.raises(ConfigError, match="chains several addresses"):
        to_path(text, "dataset.dir")


@pytest.mark.parametrize("text", ["s3://", "s3:///photos", "memory://", "gs://"])
def test_an_address_without_a_bucket_is_refused(text):
    with pytest.raises(ConfigError, match="names no bucket"):
        to_path(text, "dataset.records")


def test_a_file_of_another_machine_is_refused():
    with pytest.raises(ConfigError, match=r"dataset.dir=file://server/a names a file of the machine server"):
        to_path("file://server/a", "dataset.dir")


def test_a_password_is_refused_and_not_shown():
    with pytest.raises(ConfigError, match=r"dataset.dir is an address with a sign @") as caught:
        to_path("s3://key:hidden@bucket/x", "dataset.dir")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("text", ["s3://bucket/../other", "memory://a/b\nc"])
def test_parents_and_unprintable_signs_are_refused(text):
    with pytest.raises(ConfigError, match=r"has '\.\.' or signs that cannot be printed"):
        to_path(text, "dataset.dir")


@pytest.mark.parametrize(
    ("text", "package", "extra"),
    [("s3://b/x", "s3fs", "cloud"), ("gs://b/x", "gcsfs", "gcs"), ("memory://b", "upath", "cloud")],
)
def test_a_missing_package_is_named_with_its_extra(text, package, extra, monkeypatch):
    real = importlib.import_module

    def refuse(name, *rest):
        if name == package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return builtins if name == "gcsfs" else real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", refuse)
    advice = rf"{package}.\nThe extra {extra} brings it: pip install universal-pathlib"
    with pytest.raises(ConfigError, match=f"dataset.dir={text} needs a package that is missing: {advice}"):
        to_path(text, "dataset.dir")
