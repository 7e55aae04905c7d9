from __future__ import annotations

import json

import pytest
from upath import UPath

from graphcore.errors import DatasetError
from graphcore.sources.image_list import ListOptions, open_image_list
from graphcore.sources.intake import take_in
from graphcore.sources.normalise import PictureOptions
from tfrecords.staging import Staging


def write(path, text="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def photos(tmp_path):
    """A folder of four files, named like pictures."""
    for name in ("1.jpg", "2.jpg", "a/3.jpg", "a/4.png"):
        write(tmp_path / "photos" / name)
    return tmp_path / "photos"


def open_list(folder, content, name="list.csv", pictures=None, **reading):
    path = write(folder / name, content if isinstance(content, str) else json.dumps(content))
    return open_image_list(path, pictures, PictureOptions(), ListOptions(**reading))


def test_a_list_gives_labels_splits_groups_and_subjects(photos):
    text = "path,label,split,patient,subject\n1.jpg,cat,Training,p1,anna\n./a\\3.jpg,dog,val,p2,\n2.jpg,cat,,,\n"
    source = open_list(photos, text)
    assert source.classes == ("cat", "dog")
    found = {name: (one.text, one.split, one.group, one.subject) for name, one in source.labels.items()}
    assert found == {
        "1.jpg": ("cat", "train", "p1", "anna"),
        "a/3.jpg": ("dog", "validation", "p2", ""),
        "2.jpg": ("cat", "", "", ""),
    }
    assert not source.multi_label
    assert all(label.labels is None for label in source.labels.values())


def test_the_list_itself_is_an_input(photos):
    source = open_list(photos, "path,label\n1.jpg,cat\n2.jpg,dog\n")
    assert sorted(source.inputs) == ["1.jpg", "2.jpg", "list.csv"]
    assert source.inputs["list.csv"].size_bytes == len("path,label\n1.jpg,cat\n2.jpg,dog\n")


def test_paths_start_from_the_folder_that_is_given(photos, tmp_path):
    text = f"path,label\n3.jpg,cat\n{photos}/a/4.png,dog\n"
    source = open_list(tmp_path / "lists", text, pictures=photos / "a")
    assert sorted(source.labels) == ["3.jpg", "4.png"]


def test_samples_get_what_the_list_says(tmp_path, make_picture):
    for name in ("1.jpg", "2.jpg", "3.jpg"):
        (tmp_path / name).write_bytes(make_picture())
    source = open_list(tmp_path, {"1.jpg": ["red", "round"], "2.jpg": "round", "3.jpg": []}, "list.json")
    chunks, _ = source.plan_chunks(2)
    intake = take_in(chunks, Staging(tmp_path / "staging"), 2, "pictures")
    assert [(item.key, item.text, item.labels) for item in intake.items] == [
        ("1.jpg", "red", ("red", "round")),
        ("2.jpg", "round", ("round",)),
        ("3.jpg", "", ()),
    ]
    assert source.multi_label


@pytest.mark.parametrize(
    ("cells", "multi_label", "expected"),
    [
        (("red", "round"), None, False),
        (("red;round", "round"), None, True),
        (("red;blue", ""), None, True),
        (("red", "round"), True, True),
        (("red", ""), True, True),
    ],
)
def test_several_labels_or_none_make_it_a_dataset_of_several(photos, cells, multi_label, expected):
    text = f"path,label,split\n1.jpg,{cells[0]},train\n2.jpg,{cells[1]},train\n"
    source = open_list(photos, text, multi_label=multi_label)
    assert source.multi_label is expected
    assert all((label.labels is not None) is expected for label in source.labels.values())


def test_one_label_a_picture_may_be_demanded(photos):
    text = "path,label,split\n1.jpg,cat,\n2.jpg,cat;dog,\na/3.jpg,,train\n"
    with pytest.raises(DatasetError) as raised:
        open_list(photos, text, multi_label=False)
    assert str(raised.value).splitlines()[0].endswith("has 2 faults:")
    assert "  row 3: 2.jpg has several labels: cat, dog" in str(raised.value)
    assert "  row 4: a/3.jpg has no label" in str(raised.value)


def test_paths_that_leave_the_folder_are_all_named_at_once(photos):
    paths = ["../1.jpg", "/etc/passwd", "C:\\1.jpg", "1.jpg", *(f"../{number}.jpg" for number in range(30))]
    text = "path,label\n" + "".join(f"{path},cat\n" for path in paths)
    with pytest.raises(DatasetError) as raised:
        open_list(photos, text)
    lines = str(raised.value).splitlines()
    assert lines[0].endswith("has 33 faults:")
    assert lines[1:4] == [
        "  row 2: '../1.jpg' is not in the folder",
        "  row 3: '/etc/passwd' is not in the folder",
        "  row 4: 'C:\\\\1.jpg' is not in the folder",
    ]
    assert lines[21:] == ["  and 13 more", "Give the folder that all its paths start from: dataset.dir=DIR."]


def test_a_link_out_of_the_folder_is_the_users_own(photos, tmp_path):
    write(tmp_path / "elsewhere" / "9.jpg")
    (photos / "link").symlink_to(tmp_path / "elsewhere")
    assert "link/9.jpg" in open_list(photos, "path,label\nlink/9.jpg,cat\n1.jpg,dog\n").labels


def test_pictures_that_are_not_there_are_left_out_by_name(photos):
    source = open_list(photos, "path,label\n1.jpg,cat\ngone.jpg,dog\na,dog\n")
    assert [(one.path, one.reason) for one in source.rejected] == [
        ("gone.jpg", "does not exist (row 3)"),
        ("a", "not a regular file (row 4)"),
    ]
    assert source.classes == ("cat", "dog")


def test_a_list_of_which_nothing_is_there_asks_for_the_folder(photos):
    with pytest.raises(DatasetError, match=r"None of the 2 .* such as x.jpg: does not exist.*\n.*dataset.dir="):
        open_list(photos, "path,label\nx.jpg,cat\ny.jpg,dog\n")


def test_a_picture_listed_twice_alike_is_taken_once(photos):
    source = open_list(photos, "path,label\n1.jpg,cat\n./1.jpg,cat\n2.jpg,dog\n")
    assert sorted(source.labels) == ["1.jpg", "2.jpg"]


def test_contradictions_are_named(photos):
    text = "path,label,split\n1.jpg,cat,train\n1.jpg,dog,train\n2.jpg,cat,train\n2.jpg,cat,test\n"
    with pytest.raises(DatasetError) as raised:
        open_list(photos, text)
    assert "  row 3: 1.jpg is cat in split train in row 2 and dog in split train here" in str(raised.value)
    assert "  row 5: 2.jpg is cat in split train in row 4 and cat in split test here" in str(raised.value)
    with pytest.raises(DatasetError, match=r"entry 2: 1.jpg is a, b in entry 1 and without label here"):
        open_list(photos, '{"1.jpg": ["b", "a"], "1.jpg": []}', "list.json")


def test_unknown_splits_are_named_with_the_choices(photos):
    with pytest.raises(DatasetError, match=r"row 2: the split holdout is not known \(train, training, "):
        open_list(photos, "path,label,split\n1.jpg,cat,holdout\n")


def test_files_that_fit_no_pattern_are_passed_over(photos):
    text = "path,label\n1.jpg,cat\n2.jpg,dog\na/4.png,owl\n"
    source = open_list(photos, text, include=["*.JPG"])
    assert sorted(source.labels) == ["1.jpg", "2.jpg"]
    assert source.classes == ("cat", "dog")
    with pytest.raises(DatasetError, match=r"names no file that fits dataset.include=\[\*.gif\]; there is 1.jpg"):
        open_list(photos, text, include=["*.gif"])


@pytest.mark.parametrize(
    ("text", "multi_label", "message"),
    [
        ("path,label\n", None, "names no picture"),
        ("path,label\n1.jpg,cat\n2.jpg,cat\n", None, "only the label cat; .*\ndataset.multi_label=true"),
        ("path,label,split\n1.jpg,,train\n", True, "has no label; "),
    ],
)
def test_too_little_to_tell_apart_is_an_error(photos, text, multi_label, message):
    with pytest.raises(DatasetError, match=message):
        open_list(photos, text, multi_label=multi_label)


def test_pictures_with_one_label_and_without_it_can_be_told_apart(photos):
    source = open_list(photos, "path,label,split\n1.jpg,cat,train\n2.jpg,,train\n", multi_label=True)
    assert source.classes == ("cat",)


def test_a_list_or_folder_that_is_not_there_is_an_error(photos):
    with pytest.raises(DatasetError, match=r"dataset.list=.*list.csv does not exist"):
        open_image_list(photos / "list.csv", None, PictureOptions())
    with pytest.raises(DatasetError, match=r"dataset.list=.* is a folder.\n.*dataset=image_folder"):
        open_image_list(photos, None, PictureOptions())
    with pytest.raises(DatasetError, match=r"dataset.dir=.*nowhere does not exist"):
        open_list(photos, "path,label\n1.jpg,cat\n", pictures=photos / "nowhere")


def test_list_and_pictures_may_lie_in_an_object_store(photos):
    remote = UPath("memory://test_image_list")
    text = "path,label\n1.jpg,cat\nmemory://test_image_list/a/3.jpg,dog\ngone.jpg,dog\n"
    for name in ("1.jpg", "a/3.jpg"):
        write(remote / name)
    source = open_list(remote, text)
    assert {name: label.text for name, label in source.labels.items()} == {"1.jpg": "cat", "a/3.jpg": "dog"}
    assert [(one.path, one.reason) for one in source.rejected] == [("gone.jpg", "does not exist (row 4)")]
    with pytest.raises(DatasetError, match=r"row 3: 'memory://test_image_list/a/3.jpg' is not in the folder"):
        open_list(photos, text)


def test_a_forgotten_label_does_not_make_a_dataset_of_several(photos):
    with pytest.raises(DatasetError, match=r"row 2: 1\.jpg has no label \(dataset\.multi_label=true allows it\)"):
        open_list(photos, "path,label\n1.jpg,\n2.jpg,cat\na/3.jpg,dog\n", multi_label=None)
