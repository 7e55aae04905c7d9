from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from graphcore.sources.list_paths import find_prefixes, place_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/1.jpg", "a/1.jpg"),
        ("./a//1.jpg", "a/1.jpg"),
        ("a\\1.jpg", "a/1.jpg"),
        ("a/../b/1.jpg", "b/1.jpg"),
        ("/data/photos/a/1.jpg", "a/1.jpg"),
        ("../1.jpg", ""),
        ("a/../../1.jpg", ""),
        ("..\\1.jpg", ""),
        ("/etc/passwd", ""),
        ("/data/photos/../1.jpg", ""),
        ("/data/photos2/1.jpg", ""),
        ("//data/photos/1.jpg", ""),
        ("C:\\photos\\1.jpg", ""),
        ("s3://bucket/1.jpg", ""),
        ("file:///data/photos/1.jpg", ""),
        (".", ""),
        ("..", ""),
        ("a\0.jpg", ""),
        ("...jpg", "...jpg"),
    ],
)
def test_paths_stay_below_the_folder_or_lead_nowhere(path, expected):
    assert place_path(path, ["/data/photos/"]) == expected


def test_a_folder_is_known_by_its_name_and_by_what_it_links_to(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    prefixes = find_prefixes(tmp_path / "link")
    for folder in ("link", "real"):
        assert place_path(f"{tmp_path}/{folder}/1.jpg", prefixes) == "1.jpg"


def test_a_remote_folder_is_known_by_its_address():
    prefixes = find_prefixes(UPath("memory://bucket/photos"))
    assert place_path("memory://bucket/photos/a/1.jpg", prefixes) == "a/1.jpg"
    assert place_path("memory://bucket/other/1.jpg", prefixes) == ""


@given(st.text(st.sampled_from("a./\\:C"), max_size=12))
def test_no_path_ever_leaves(path):
    placed = place_path(path, ["/data/photos/"])
    assert not placed.startswith("/")
    assert ".." not in placed.split("/")
