import dataclasses

import pytest

from graphcore.evaluation.report.content import DatasetFacts, SplitFacts
from graphcore.evaluation.report.dataset import make_dataset_section


@pytest.fixture
def facts():
    splits = (SplitFacts("train", 1500, {"<a>": 1000, "b": 500}, 12, 4), SplitFacts("test", 20, {"b": 20}, 2, 1))
    return DatasetFacts(
        "scenes", "video", ("<a>", "b"), splits, digest="0123456789abcdef", every_secs=0.5, size=256,
        grouped_by="subject", rejected=2, rejected_file="tfrecords/scenes/rejected.csv",
        audit=("No leakage was found.", "None of 14 videos stands in two splits."),
    )  # fmt: skip


def read(facts, parse):
    return parse(make_dataset_section(facts).to_html()).texts


def test_it_is_counted_by_split_and_class(facts, parse):
    texts = read(facts, parse)

    start = texts.index("train")
    assert texts[start : start + 17] == [
        *["train", "test", "all samples", "1,500", "20", "videos", "12", "2", "subjects", "4", "1"],
        *["<a>", "1,000", "0", "b", "500", "20"],
    ]


def test_how_it_was_made_is_told(facts, parse):
    texts = read(facts, parse)

    assert {"a frame every 0.5 s", "shrunk to 256 pixels", "subject: none stands on two sides"} <= set(texts)
    assert "2 inputs, listed in tfrecords/scenes/rejected.csv" in texts
    assert "0123456789ab (the beginning of its digest)" in texts


def test_the_verdict_of_the_audit_stands_first(facts, parse):
    assert read(facts, parse)[-3:] == ["The audit", *facts.audit]


def test_without_an_audit_it_says_what_to_run(facts, parse):
    assert "python -m graphcore.audit" in read(dataclasses.replace(facts, audit=()), parse)[-1]


def test_pictures_have_neither_videos_nor_subjects(facts, parse):
    splits = (SplitFacts("train", 3, {"b": 3}),)
    texts = read(dataclasses.replace(facts, splits=splits, every_secs=None, rejected=0), parse)

    assert not {"videos", "subjects", "sampled"} & set(texts)
    assert "nothing" in texts


def test_many_classes_are_folded_up(facts, parse):
    page = parse(make_dataset_section(dataclasses.replace(facts, labels=tuple(map(str, range(41))))).to_html())

    assert "All 41 classes" in page.texts


def test_of_another_dataset_it_says_that_all_of_it_was_tested(facts, parse):
    splits = (SplitFacts("test", 20, {"b": 20}, 2, 1),)
    texts = read(dataclasses.replace(facts, splits=splits, whole=True, audit=("No copies.",)), parse)

    assert texts[texts.index("tested on") + 1] == "every frame of scenes"
    assert texts[-2:] == ["Copies of what was trained on", "No copies."]
    assert "test" not in texts
    assert not any("two sides" in text for text in texts)


def test_without_facts_there_is_no_section():
    assert make_dataset_section(None) is None
