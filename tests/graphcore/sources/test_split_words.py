from __future__ import annotations

import pytest

from graphcore.sources.split_words import list_spellings, parse_split


@pytest.mark.parametrize(
    ("word", "split"),
    [
        *((word, "train") for word in ("train", "Training", "TR", "01_train", "1. Train", "training_set", "trainset")),
        *((word, "validation") for word in ("val", "VALID", "validation", "dev", " 2-val ", "validation data")),
        *((word, "test") for word in ("test", "Testing", "eval", "evaluation", "test_images", "test-dataset")),
        *((word, "") for word in ("", "trains", "cat", "retrain", "testament", "set", "01_", "1train", "value")),
    ],
)
def test_splits_are_known_as_people_spell_them(word, split):
    assert parse_split(word) == split


def test_every_listed_spelling_is_known():
    assert all(map(parse_split, list_spellings()))
