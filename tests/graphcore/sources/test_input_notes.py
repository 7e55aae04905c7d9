import hashlib
from pathlib import Path

import pytest

from graphcore.sources.input_notes import InputNotes
from graphcore.sources.item import InputFile
from tfrecords.manifest import InputInfo

DIGEST = hashlib.sha256(b"x").hexdigest()
FILES = {name: InputFile(name, Path(name), 1, 2, 3) for name in ("c", "a", "b")}


def test_inputs_come_in_order_of_name_with_the_digests_that_are_known():
    notes = InputNotes(FILES)
    notes.note("c", DIGEST)
    notes.note("b", "")
    assert list(notes) == ["a", "b", "c"]
    assert notes == {"a": InputInfo(1, 2, "", 3), "b": InputInfo(1, 2, "", 3), "c": InputInfo(1, 2, DIGEST, 3)}
    assert len(notes) == 3


def test_a_later_note_counts():
    notes = InputNotes(FILES)
    notes.note("a", DIGEST)
    notes.note("a", "00" * 31 + "01")
    assert notes["a"].sha256 == "00" * 31 + "01"


@pytest.mark.parametrize("name", ["", "aa", "d"])
def test_an_input_that_nobody_listed(name):
    with pytest.raises(KeyError, match=repr(name)):
        InputNotes(FILES).note(name, DIGEST)
    assert name not in InputNotes(FILES)
