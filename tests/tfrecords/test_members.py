import json

import pytest

from tfrecords.members import Members

TEXT = """{
 "name": "x",
 "shards": [
  {"a": 1}],
 "inputs": {
  "a.jpg": {"size": 1},
  "b}.jpg,": {"size": 2, "more": {"c": ["}\\n}"]}}}
}
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(TEXT)
    return path


def read(path):
    members = Members(path, "inputs")
    return members.read_head() | {"inputs": dict(members.items())}


def test_head_and_members_are_the_whole(path):
    assert Members(path, "inputs").read_head() == {"name": "x", "shards": [{"a": 1}]}
    assert read(path) == json.loads(TEXT)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-3],  # cut off
        lambda text: text[: text.index(' "b}')],
        lambda text: text + " ",
        lambda text: text.replace('  "b}', '{}\n}\n  "b}'),
        lambda text: text.replace('"inputs"', '"others"'),
        lambda text: text.replace('"size": 1', '"size": '),
        lambda text: text.replace("a.jpg", "\xe9"),
        lambda text: json.dumps(json.loads(text)),
        lambda text: json.dumps(json.loads(text), indent=1),
        lambda text: "",
    ],
)
def test_another_layout_is_refused(path, change):
    path.write_text(change(TEXT), encoding="utf-8")
    with pytest.raises((ValueError, OSError)):
        read(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Members(tmp_path / "x.json", "inputs").read_head()
