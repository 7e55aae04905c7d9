from __future__ import annotations

import json

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations import activitynet
from graphcore.sources.annotations.model import AnnotatedVideo, Head
from graphcore.sources.item import Segment


def entry(*segments, **more):
    return {"annotations": [{"segment": [start, end], "label": label} for start, end, label in segments], **more}


@pytest.fixture
def read_database(tmp_path, options):
    def read(database):
        document = {"version": "VERSION 1.3", "taxonomy": [], "database": database}
        (tmp_path / "a.json").write_text(json.dumps(document))
        return activitynet.read(tmp_path / "a.json", options)

    return read


def test_videos_come_with_their_durations_and_splits(read_database):
    annotations = read_database(
        {
            "3l7quTy4c2s": {
                "duration": 231.8,
                "subset": "training",
                "resolution": "320x240",
                "url": "https://www.youtube.com/watch?v=3l7quTy4c2s",
                "annotations": [{"segment": [0.01, 12.5], "label": "Drinking coffee"}],
            },
            "v_b": entry(duration=10, subset="testing"),
        }
    )
    assert annotations.faults == ()
    name = "3l7quTy4c2s"
    assert annotations.videos == (
        AnnotatedVideo(name, (Segment(name, 0.01, 12.5, "Drinking coffee"),), 231.8, split="train"),
        AnnotatedVideo("v_b", (), 10.0, split="test"),
    )


@pytest.mark.parametrize(
    ("subset", "split"),
    [
        ("training", "train"),
        ("Validation", "validation"),
        ("val", "validation"),
        ("Test", "test"),
        ("", ""),
        (None, ""),
    ],
)
def test_subsets_are_read_as_people_spell_them(read_database, subset, split):
    annotations = read_database({"v": entry((0, 1, "x"), subset=subset)})
    assert annotations.faults == ()
    assert annotations.videos[0].split == split


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (entry((5, 2, "x")), "video v, 'x': ends before it starts (annotation 1, segment=[5, 2], 5-2 s)"),
        (
            entry((5, 5, "x")),
            "video v, 'x': a point event, which fills no time; leave it out with 'dataset.labels={x: null}' "
            "(annotation 1, segment=[5, 5], at 5 s)",
        ),
        (entry((-1, 2, "x")), "video v, 'x': starts before the video begins (annotation 1, segment=[-1, 2], -1-2 s)"),
        (
            entry((0, float("nan"), "x"), (None, 3, "x")),
            "video v, 'x': times are missing (2 times, the first: annotation 1, segment=[0, NaN], 0-? s)",
        ),
        (
            entry((0, 10**400, "x")),
            f"video v, 'x': times are missing (annotation 1, segment=[0, 1{'0' * 52}..., 0-? s)",
        ),
        (entry((0, 1, 7)), "video v: a label that is no name: 7 (annotation 1, segment=[0, 1])"),
        ({"annotations": [{"label": "x"}]}, "video v, 'x': times are missing (annotation 1, segment=null, ?-? s)"),
        ({"annotations": [3]}, "video v: an annotation that is not an object (annotation 1: 3)"),
        ({"annotations": {"a": 1}}, 'video v: annotations is not a list ({"a": 1})'),
        (entry(duration=-2), "video v: the duration is no positive number of seconds (duration=-2)"),
        (entry(subset="held out"), 'video v: subset="held out" is none of training, validation, testing (subset)'),
        (entry(subset=[1]), "video v: subset=[1] is none of training, validation, testing (subset)"),
        (3, 'database: "v" is not an object'),
    ],
)
def test_each_fault_is_named(read_database, texts, value, fault):
    assert texts(read_database({"v": value})) == [fault]


@pytest.mark.parametrize("key", ["../v", "", "a\nb", "\ud800"])
def test_an_id_that_no_file_can_have_is_a_fault(read_database, texts, key):
    assert texts(read_database({key: entry()})) == [f"database: {json.dumps(key)} is not the name of a video"]


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"database": []}', '{"database": {}}', "{" * 10_000, '{"database": ' * 10_000]
)
def test_what_is_no_database_is_an_error(tmp_path, options, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DatasetError, match=r"a\.json is not"):
        activitynet.read(tmp_path / "a.json", options)


def test_what_is_written_has_what_the_official_evaluation_asks_for(tmp_path, write_options):
    videos = [AnnotatedVideo("v", (Segment("v", 1.5, 2.25, "x"),), 9.0, split="train"), AnnotatedVideo("w", ())]
    activitynet.write(tmp_path / "a.json", videos, write_options)
    assert json.loads((tmp_path / "a.json").read_text()) == {
        "version": "VERSION 1.3",
        "taxonomy": [],
        "database": {
            "v": {"duration": 9.0, "subset": "training", "annotations": [{"segment": [1.5, 2.25], "label": "x"}]},
            "w": {"annotations": []},
        },
    }


@pytest.mark.parametrize(
    ("text", "is_it"),
    [('{"database": {', True), ('{"version": "1.3", "taxonomy": [', True), ('[{"database"', False), ("{}", False)],
)
def test_it_is_recognised_by_its_keys(tmp_path, text, is_it):
    assert activitynet.recognise(Head(tmp_path, text)) is is_it
