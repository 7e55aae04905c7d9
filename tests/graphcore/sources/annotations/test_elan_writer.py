from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations import elan
from graphcore.sources.annotations.elan_writer import plan_tiers, write
from graphcore.sources.annotations.model import AnnotatedVideo, ReadOptions
from graphcore.sources.item import Segment


def make_video(*segments, name="v"):
    return AnnotatedVideo(name, tuple(Segment(name, start, end, label) for start, end, label in segments))


def test_what_does_not_overlap_shares_a_tier():
    assert plan_tiers([(5, 6, "b"), (0, 5, "a")]) == {"default": [(0, 5, "a"), (5, 6, "b")]}
    assert plan_tiers([]) == {"default": []}


def test_what_overlaps_has_a_tier_a_label():
    assert plan_tiers([(4, 6, "b"), (0, 5, "a"), (8, 9, "a")]) == {"a": [(0, 5, "a"), (8, 9, "a")], "b": [(4, 6, "b")]}


def test_a_label_that_overlaps_itself_has_more_under_names_that_are_free():
    tiers = plan_tiers([(0, 5, "a"), (1, 5, "a"), (2, 5, "a"), (0, 5, "a (2)")])
    assert list(tiers) == ["a", "a (3)", "a (4)", "a (2)"]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.sampled_from(["a", "b", "a (2)"])), max_size=12))
def test_no_tier_overlaps_and_nothing_is_lost(rows):
    spans = [(start, start + length, label) for start, length, label in rows]
    tiers = plan_tiers(spans)
    assert sorted(span for tier in tiers.values() for span in tier) == sorted(spans)
    for tier in tiers.values():
        assert all(before[1] <= after[0] for before, after in pairwise(tier))


def test_a_document_has_what_the_schema_asks_for_in_its_order(tmp_path, write_options):
    video = make_video((0.0, 5.0, "a"), (5.0, 6.5, "b & <c>"))
    assert write(tmp_path, [video], write_options) == [tmp_path / "v.eaf"]
    root = ET.parse(tmp_path / "v.eaf").getroot()
    assert [child.tag for child in root] == ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"]
    assert {"AUTHOR", "DATE", "FORMAT", "VERSION"} <= set(root.attrib)
    slots = [(slot.get("TIME_SLOT_ID"), slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")]
    assert slots == [("ts1", "0"), ("ts2", "5000"), ("ts3", "5000"), ("ts4", "6500")]
    refs = [(one.get("TIME_SLOT_REF1"), one.get("TIME_SLOT_REF2")) for one in root.iter("ALIGNABLE_ANNOTATION")]
    assert refs == [("ts1", "ts2"), ("ts3", "ts4")]
    assert root.findtext("TIER/ANNOTATION[2]/ALIGNABLE_ANNOTATION/ANNOTATION_VALUE") == "b & <c>"
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert (media.get("MEDIA_URL"), media.get("RELATIVE_MEDIA_URL")) == ("./v.mp4", "./v.mp4")


def test_a_video_that_is_at_hand_is_named_by_where_it_lies_and_as_lying_beside(tmp_path, write_options):
    place = tmp_path / "my videos" / "v #1.mp4"
    options = replace(write_options, media_of=lambda _: place.name, path_of=lambda _: place)
    write(tmp_path / "v.eaf", [make_video((0.0, 5.0, "a"))], options)
    media = ET.parse(tmp_path / "v.eaf").getroot().find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert media.get("MEDIA_URL") == f"file://{tmp_path}/my%20videos/v%20%231.mp4"
    assert media.get("RELATIVE_MEDIA_URL") == "./v #1.mp4"
    assert elan.read(tmp_path / "v.eaf", ReadOptions()).videos[0].video == "v #1.mp4"


def test_the_same_segments_are_the_same_bytes(tmp_path, write_options):
    for folder in ("one", "two"):
        write(tmp_path / folder, [make_video((0.0, 5.0, "a"))], write_options)
    assert (tmp_path / "one" / "v.eaf").read_bytes() == (tmp_path / "two" / "v.eaf").read_bytes()


def test_one_video_may_go_into_one_document(tmp_path, write_options, options):
    path = tmp_path / "all.eaf"
    assert write(path, [make_video((0.0, 5.0, "a"))], write_options) == [path]
    assert elan.read(path, options).videos[0].video == "v.mp4"


def test_two_videos_do_not_fit_into_one_document(tmp_path, write_options):
    with pytest.raises(DatasetError, match=r"is one document of ELAN, and there are 2 videos(.|\n)*Give a folder"):
        write(tmp_path / "all.eaf", [make_video(), make_video(name="w")], write_options)
    assert list(tmp_path.iterdir()) == []


def test_what_is_shorter_than_a_millisecond_is_refused(tmp_path, write_options):
    with pytest.raises(DatasetError, match="video v, 'a' at 1 s cannot be written as elan"):
        write(tmp_path, [make_video((1.0, 1.0004, "a"))], write_options)


def test_names_of_media_come_back_whatever_is_in_them(tmp_path, write_options, options):
    name = "take #2 50%20 é"
    write(tmp_path, [make_video((0.0, 1.0, "a"), name=name)], write_options)
    assert elan.read(tmp_path, options).videos[0].video == f"{name}.mp4"
