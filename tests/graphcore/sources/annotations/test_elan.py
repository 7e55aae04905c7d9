from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations import elan
from graphcore.sources.annotations.model import Head, ReadOptions

# As ELAN 6 saves it: a free tier, one that divides it, one of notes on its annotations, one that stands alone.
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-05-02T10:11:12+01:00" FORMAT="3.0" VERSION="3.0"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
    <LICENSE LICENSE_URL=""/>
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        {media}
        <PROPERTY NAME="URN">urn:nl-mpi-tools-elan-eaf:0b4c</PROPERTY>
        <PROPERTY NAME="lastUsedAnnotationId">6</PROPERTY>
    </HEADER>
    <TIME_ORDER>
        <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>
        <TIME_SLOT TIME_SLOT_ID="ts2"/>
        <TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="4000"/>
        <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="6250"/>
    </TIME_ORDER>
    <TIER LINGUISTIC_TYPE_REF="default-lt" PARTICIPANT="s1" TIER_ID="procedure">
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3">
                <ANNOTATION_VALUE> suturing </ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">
                <ANNOTATION_VALUE>cutting</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="steps" PARENT_REF="procedure" TIER_ID="step">
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
                <ANNOTATION_VALUE>bite</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a4" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
                <ANNOTATION_VALUE>knot</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="notes" PARENT_REF="procedure" TIER_ID="side">
        <ANNOTATION>
            <REF_ANNOTATION ANNOTATION_ID="a5" ANNOTATION_REF="a2">
                <ANNOTATION_VALUE>left</ANNOTATION_VALUE>
            </REF_ANNOTATION>
        </ANNOTATION>
    </TIER>
    {tiers}
    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Time_Subdivision" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="steps"
     TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="notes"
     TIME_ALIGNABLE="false"/>
    <CONSTRAINT DESCRIPTION="Time subdivision of parent annotation's time interval" STEREOTYPE="Time_Subdivision"/>
</ANNOTATION_DOCUMENT>
"""
FILM = (
    '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/films/v%201.mp4" MIME_TYPE="video/mp4" RELATIVE_MEDIA_URL="./v%201.mp4"/>'
)
SOUND = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/films/v.wav" MIME_TYPE="audio/x-wav" RELATIVE_MEDIA_URL="./v.wav"/>'


def make_tier(*annotations, name="more"):
    """A tier of (first slot, last slot, value)."""
    rows = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="b{number}" TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}">'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
        for number, (first, last, value) in enumerate(annotations, start=1)
    )
    return f'<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="{name}">{rows}</TIER>'


@pytest.fixture
def store(tmp_path):
    def write(media=FILM, tiers="", name="session.eaf"):
        path = tmp_path / name
        path.write_text(DOCUMENT.format(media=media, tiers=tiers))
        return path

    return write


def test_every_annotation_of_every_tier_is_a_segment(store, options, spans):
    annotations = elan.read(store(), options)
    assert annotations.faults == ()
    assert [video.video for video in annotations.videos] == ["v 1.mp4"]
    assert spans(annotations.videos[0]) == [
        (1.0, 2.5, "bite"),
        (1.0, 4.0, "suturing"),
        (2.5, 4.0, "knot"),
        (4.0, 6.25, "cutting"),
        (4.0, 6.25, "left"),
    ]


def test_tiers_are_chosen_and_still_know_those_they_refer_to(store, spans):
    annotations = elan.read(store(), ReadOptions(tiers=("side", "step")))
    assert annotations.faults == ()
    assert spans(annotations.videos[0]) == [(1.0, 2.5, "bite"), (2.5, 4.0, "knot"), (4.0, 6.25, "left")]


def test_a_tier_that_is_not_there_is_a_fault_with_the_choices(store, texts):
    annotations = elan.read(store(), ReadOptions(tiers=("steps",)))
    assert texts(annotations) == ["dataset.tiers names 'steps', which is not there. Choices: procedure, side, step."]


@pytest.mark.parametrize(
    ("media", "name"),
    [
        ("", "session"),
        (SOUND, "v.wav"),
        (SOUND + FILM, "v 1.mp4"),
        (FILM + FILM.replace("v%201", "w"), "v 1.mp4"),
        ('<MEDIA_DESCRIPTOR MEDIA_URL="" RELATIVE_MEDIA_URL="../films/w.mp4" MIME_TYPE="video/mp4"/>', "w.mp4"),
        ('<MEDIA_DESCRIPTOR MEDIA_URL="file:///" MIME_TYPE="video/mp4"/>', "session"),
    ],
)
def test_the_video_is_the_first_medium_that_is_not_sound_alone(store, options, media, name):
    annotations = elan.read(store(media), options)
    assert annotations.videos[0].video == name
    assert {segment.video for segment in annotations.videos[0].segments} == {name}


def test_an_offset_into_the_media_is_added(store, options, spans):
    film = FILM.replace("/>", ' TIME_ORIGIN="1500"/>')
    annotations = elan.read(store(film), ReadOptions(tiers=("procedure",)))
    assert spans(annotations.videos[0]) == [(2.5, 5.5, "suturing"), (5.5, 7.75, "cutting")]


@pytest.mark.parametrize(
    ("tiers", "fault"),
    [
        (make_tier(("ts1", "ts3", "")), "video v: a label that is no name: \"\" (tier 'more', annotation b1)"),
        (
            make_tier(("ts3", "ts1", "x"), ("ts4", "ts1", "x")),
            "video v, 'x': ends before it starts (2 times, the first: tier 'more', annotation b1, 4-1 s)",
        ),
        (
            make_tier(("ts3", "ts3", "x")),
            "video v, 'x': a point event, which fills no time; leave it out with 'dataset.labels={x: null}' "
            "(tier 'more', annotation b1, at 4 s)",
        ),
        (
            make_tier(("ts1", "ts9", "x"), ("ts8", "ts9", "x")),
            "video v, 'x': times are missing "
            "(2 times, the first: tier 'more', annotation b1: TIME_SLOT ts9 does not exist)",
        ),
        (
            '<TIER TIER_ID="more"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b1" ANNOTATION_REF="b1">'
            "<ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>",
            "video v, 'x': times are missing (tier 'more', annotation b1: annotation b1 refers to itself)",
        ),
    ],
)
def test_each_fault_is_named_and_the_rest_is_read(store, options, texts, tiers, fault):
    annotations = elan.read(store(media="", tiers=tiers, name="v.eaf"), options)
    assert texts(annotations) == [fault]
    assert len(annotations.videos[0].segments) == 5


def test_an_offset_that_leads_out_of_the_media_is_a_fault(store, texts):
    film = FILM.replace("/>", ' TIME_ORIGIN="-4000"/>')
    annotations = elan.read(store(film), ReadOptions(tiers=("procedure",)))
    assert texts(annotations) == [
        "video v 1.mp4, 'suturing': starts before the video begins (tier 'procedure', annotation a1, -3-0 s)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'TIME_UNITS="milliseconds"',
            'TIME_UNITS="PAL-frames"',
            'video session: TIME_UNITS="PAL-frames" is not known; the one choice is milliseconds (session.eaf)',
        ),
        (
            "{media}",
            '<MEDIA_DESCRIPTOR MEDIA_URL="v.mp4" TIME_ORIGIN="soon"/>',
            'video v.mp4: TIME_ORIGIN="soon" is no number of milliseconds (session.eaf)',
        ),
    ],
)
def test_a_clock_that_is_not_understood_is_a_fault(tmp_path, options, texts, old, new, fault):
    (tmp_path / "session.eaf").write_text(DOCUMENT.replace(old, new).format(media="", tiers=""))
    annotations = elan.read(tmp_path / "session.eaf", options)
    assert texts(annotations) == [fault]
    assert annotations.videos[0].segments == ()


def test_a_folder_is_a_document_a_video_and_a_broken_one_is_named(store, options, texts, tmp_path):
    store(name="b.eaf", media="")
    store(name="a.eaf", media="")
    (tmp_path / "c.eaf").write_text("<ANNOTATION_DOCUMENT>")
    (tmp_path / "a.pfsx").write_text("ELAN's own settings")
    annotations = elan.read(tmp_path, options)
    assert [video.video for video in annotations.videos] == ["a", "b"]
    assert texts(annotations) == ["c.eaf is not XML: no element found: line 1, column 21"]


def test_a_tier_may_be_missing_in_some_documents_of_a_folder(store, tmp_path):
    store(name="a.eaf", media="", tiers=make_tier(("ts1", "ts3", "x")))
    store(name="b.eaf", media="")
    annotations = elan.read(tmp_path, ReadOptions(tiers=("more",)))
    assert annotations.faults == ()
    assert [len(video.segments) for video in annotations.videos] == [1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotations/>", "is no document of ELAN: it begins with <annotations>"),
        ("", "is not XML"),
        ("<ANNOTATION_DOCUMENT>" * 1000, "nests more than"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><ANNOTATION_DOCUMENT/>', "declares a document type"),
        ("\0" * 1_000_000, "is not XML"),
    ],
)
def test_what_is_no_document_is_an_error(tmp_path, options, text, message):
    (tmp_path / "a.eaf").write_text(text)
    with pytest.raises(DatasetError, match=message):
        elan.read(tmp_path / "a.eaf", options)


def test_a_folder_without_a_document_is_an_error(tmp_path, options):
    with pytest.raises(DatasetError, match=r"holds no \.eaf"):
        elan.read(tmp_path, options)


def test_it_is_recognised_by_its_root_and_a_folder_by_a_name(tmp_path):
    assert elan.recognise(Head(tmp_path, DOCUMENT))
    assert elan.recognise(Head(tmp_path, names=("notes.txt", "A.EAF")))
    assert not elan.recognise(Head(tmp_path, "<annotations>"))
    assert not elan.recognise(Head(tmp_path, names=("a.pfsx",)))


def test_what_is_no_document_is_told_with_what_is_expected(tmp_path):
    (tmp_path / "a.eaf").write_text("video,start")
    with pytest.raises(DatasetError, match=r"is not XML(.|\n)*Expected is a file as ELAN saves it"):
        elan.read(tmp_path / "a.eaf", ReadOptions())
