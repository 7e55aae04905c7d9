from __future__ import annotations

import os
from pathlib import Path

import pytest
from upath import UPath

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.image_folder import open_image_folder
from graphcore.sources.intake import take_in
from graphcore.sources.normalise import PictureOptions
from tfrecords.staging import Staging


@pytest.fixture
def photos(tmp_path) -> Path:
    """An empty folder beside which there is room."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def fill(folder, *names: str, data: bytes = b"x"):
    for name in names:
        write(folder / name, data)
    return folder


def labels_of(folder, **options) -> dict[str, str]:
    return {name: label.text for name, label in open_image_folder(folder, PictureOptions(), **options).labels.items()}


def take_all(folder: Path, **options):
    source = open_image_folder(folder, PictureOptions(**options))
    chunks, rejected = source.plan_chunks(workers=2)
    intake = take_in(chunks, Staging(folder.parent / f"{folder.name}-staging"), 2, "pictures")
    reasons = {one.path: one.reason for one in [*rejected, *intake.rejected]}
    return {item.key: item for item in intake.items}, reasons


def test_folders_are_classes_and_keep_their_names(photos, make_picture):
    for name in ("Class_A", "class a", "class-a", "  Ärzte"):
        write(photos / name / "1.jpg", make_picture())
    items, _ = take_all(photos)
    assert open_image_folder(photos, PictureOptions()).classes == (
        "  Ärzte",
        "Class_A",
        "class a",
        "class-a",
    )
    assert {item.text for item in items.values()} == {"Class_A", "class a", "class-a", "  Ärzte"}


def test_pictures_deeper_in_a_class_folder_belong_to_it(photos, make_picture):
    write(photos / "cat" / "2024" / "may" / "1.jpg", make_picture())
    write(photos / "dog" / "1.jpg", make_picture())
    items, _ = take_all(photos)
    assert items["cat/2024/may/1.jpg"].text == "cat"


def test_files_beside_the_class_folders_are_passed_over(photos, make_picture):
    for name in ("LICENSE.txt", "cat/1.jpg", "dog/1.jpg", ".hidden/1.jpg"):
        write(photos / name, make_picture())
    items, reasons = take_all(photos)
    assert sorted(items) == ["cat/1.jpg", "dog/1.jpg"]
    assert reasons == {}


def test_what_is_no_picture_is_named_and_the_rest_goes_on(photos, make_picture):
    write(photos / "cat" / "good.jpg", make_picture())
    write(photos / "dog" / "good.jpg", make_picture())
    write(photos / "cat" / "empty.jpg", b"")
    write(photos / "cat" / "page.jpg", b"<!doctype html><p>Not found")
    write(photos / "cat" / "cut.jpg", make_picture()[:-40])
    write(photos / "cat" / "notes.txt", b"my cats")
    write(photos / "cat" / "huge.png", make_picture("PNG", width=400, height=300))
    items, reasons = take_all(photos, max_pixels=100_000)
    assert sorted(items) == ["cat/good.jpg", "dog/good.jpg"]
    assert reasons == {
        "cat/empty.jpg": "empty file",
        "cat/page.jpg": "not a picture: an HTML page",
        "cat/cut.jpg": "truncated: the JPEG ends before its picture does",
        "cat/notes.txt": "not a picture: text",
        "cat/huge.png": "too large: 400x300 is 120000 pixels, dataset.max_pixels=100000 allows fewer",
    }


def test_missing_folder_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match=r"dataset.dir=.*nowhere does not exist"):
        open_image_folder(tmp_path / "nowhere", PictureOptions())
    with pytest.raises(DatasetError, match="is a file"):
        open_image_folder(write(tmp_path / "file", b""), PictureOptions())


@pytest.mark.parametrize(("classes", "message"), [([], "no class folder"), (["cat"], "only one class folder: cat")])
def test_fewer_than_two_classes_is_an_error(tmp_path, classes, message):
    for name in classes:
        write(tmp_path / name / "a.jpg", b"x")
    with pytest.raises(DatasetError, match=message):
        open_image_folder(tmp_path, PictureOptions())


def test_class_folders_without_files_is_an_error(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
    with pytest.raises(DatasetError, match="no files in its 2 class folders: cat, dog"):
        open_image_folder(tmp_path, PictureOptions())


def test_a_class_name_that_is_no_utf8_is_an_error(tmp_path):
    (tmp_path / "cat").mkdir()
    os.mkdir(os.path.join(os.fsencode(tmp_path), b"\xff"))
    with pytest.raises(DatasetError, match=r"The folder \\xff .* Rename it|not valid UTF-8"):
        open_image_folder(tmp_path, PictureOptions())


def test_one_class_folder_within_another_is_pointed_to(tmp_path):
    fill(tmp_path, "photos/cat/1.jpg", "photos/dog/1.jpg")
    with pytest.raises(DatasetError, match=r"only one class folder: photos;.*\nIs it dataset.dir=.*/photos\?"):
        open_image_folder(tmp_path, PictureOptions())


def test_pictures_of_one_class_share_what_is_known_of_them(tmp_path):
    fill(tmp_path, "cat/1.jpg", "cat/2.jpg", "dog/1.jpg")
    for options in ({}, {"pattern": "{class}/{name}"}, {"nested_classes": True}):
        labels = open_image_folder(tmp_path, PictureOptions(), **options).labels
        assert labels["cat/1.jpg"] is labels["cat/2.jpg"]


def test_a_tree_that_is_split_already_gives_splits_and_all_classes(tmp_path):
    fill(tmp_path, "Data/Training/cat/1.jpg", "Data/Training/dog/1.jpg", "Data/val/cat/1.jpg", "Data/Test/owl/a/1.jpg")
    source = open_image_folder(tmp_path / "Data", PictureOptions())
    assert source.classes == ("cat", "dog", "owl")
    assert {name: (label.text, label.split) for name, label in source.labels.items()} == {
        "Training/cat/1.jpg": ("cat", "train"),
        "Training/dog/1.jpg": ("dog", "train"),
        "val/cat/1.jpg": ("cat", "validation"),
        "Test/owl/a/1.jpg": ("owl", "test"),
    }
    assert sorted(source.inputs) == sorted(source.labels)


def test_the_splits_of_a_tree_reach_its_samples(photos, make_picture):
    fill(photos, "train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg", data=make_picture())
    items, reasons = take_all(photos)
    assert {key: item.split for key, item in items.items()} == {
        "train/cat/1.jpg": "train",
        "train/dog/1.jpg": "train",
        "test/cat/1.jpg": "test",
    }
    assert reasons == {}


def test_a_pattern_reads_any_tree(tmp_path):
    fill(tmp_path, "anna/w3/cat/1.jpg", "bob/w4/dog/x/2.jpg", "LICENSE", "bob/w4/owl.jpg")
    source = open_image_folder(tmp_path, PictureOptions(), pattern="{subject}/{group}/{class}/{name}")
    assert {name: (one.text, one.subject, one.group) for name, one in source.labels.items()} == {
        "anna/w3/cat/1.jpg": ("cat", "anna", "w3"),
        "bob/w4/dog/x/2.jpg": ("dog", "bob", "w4"),
    }
    assert [(one.path, one.reason) for one in source.rejected] == [
        ("LICENSE", "does not fit dataset.pattern={subject}/{group}/{class}/{name}"),
        ("bob/w4/owl.jpg", "does not fit dataset.pattern={subject}/{group}/{class}/{name}"),
    ]


def test_a_pattern_may_say_the_split_and_unknown_ones_are_left_out(tmp_path):
    fill(tmp_path, "train/cat.1.jpg", "dev/dog.1.jpg", "extra/dog.2.jpg")
    source = open_image_folder(tmp_path, PictureOptions(), pattern="{split}/{class}.{name}")
    assert [(one.text, one.split) for one in source.labels.values()] == [("dog", "validation"), ("cat", "train")]
    assert [(one.path, one.reason) for one in source.rejected] == [
        ("extra/dog.2.jpg", "extra is no split: train, validation, test")
    ]


def test_a_pattern_makes_classes_of_folders_named_like_splits(tmp_path):
    fill(tmp_path, "train/1.jpg", "test/1.jpg", "car/1.jpg")
    assert labels_of(tmp_path, pattern="{class}/{name}") == {
        "train/1.jpg": "train",
        "test/1.jpg": "test",
        "car/1.jpg": "car",
    }


@pytest.mark.parametrize(
    ("pattern", "nested", "message"),
    [
        ("{subject}/{name}", False, "does not say where the class is named.\nChoices: {class}"),
        ("{camera}/{class}", False, "{camera} is not known.\nChoices: class, split, subject, group, name"),
        ("{class}/{name}", True, "both say what the classes are"),
    ],
)
def test_a_pattern_that_says_no_class_is_an_error(tmp_path, pattern, nested, message):
    with pytest.raises(ConfigError, match=message):
        open_image_folder(tmp_path, PictureOptions(), pattern=pattern, nested_classes=nested)


def test_a_pattern_that_nothing_fits_shows_what_there_is(tmp_path):
    fill(tmp_path, "cat/1.jpg")
    with pytest.raises(DatasetError, match=r"is left; cat/1.jpg: does not fit dataset.pattern={class}/{subject}/"):
        open_image_folder(tmp_path, PictureOptions(), pattern="{class}/{subject}/{name}")
    with pytest.raises(DatasetError, match="holds only one class: cat;"):
        open_image_folder(tmp_path, PictureOptions(), pattern="{class}/{name}")


def test_every_folder_with_pictures_is_a_class_where_classes_are_nested(tmp_path):
    fill(tmp_path, "animals/dogs/1.jpg", "animals/dogs/pugs/1.JPG", "animals/dogs/notes.txt", "animals/cats/1", "1.jpg")
    fill(tmp_path, "animals/cats/2.png", "animals/README", "LICENSE", "plants/1.webp")
    source = open_image_folder(tmp_path, PictureOptions(), nested_classes=True)
    assert source.classes == ("animals/cats", "animals/dogs", "animals/dogs/pugs", "plants")
    assert source.labels["animals/cats/1"].text == "animals/cats"
    assert source.labels["animals/dogs/notes.txt"].text == "animals/dogs"
    assert {one.path: one.reason for one in source.rejected} == {
        "1.jpg": "in no class folder",
        "animals/README": "in no class: nothing else in animals is named like a picture",
    }


def test_nested_classes_may_be_split_already(tmp_path):
    fill(tmp_path, "train/animals/dogs/1.jpg", "train/plants/1.jpg", "test/animals/dogs/1.jpg")
    source = open_image_folder(tmp_path, PictureOptions(), nested_classes=True)
    assert source.classes == ("animals/dogs", "plants")
    assert source.labels["test/animals/dogs/1.jpg"].split == "test"


@pytest.mark.parametrize("options", [{}, {"nested_classes": True}, {"pattern": "{class}/{name}"}])
def test_files_that_fit_no_pattern_of_names_are_passed_over(tmp_path, options):
    fill(tmp_path, "cat/1.JPG", "cat/notes.txt", "dog/1.jpg", "dog/1.xml")
    source = open_image_folder(tmp_path, PictureOptions(), include=["*.jpg"], **options)
    assert sorted(source.inputs) == ["cat/1.JPG", "dog/1.jpg"]
    assert source.rejected == ()
    with pytest.raises(DatasetError, match=r"fits dataset.include=\[\*.gif\]; there is cat/1.JPG"):
        open_image_folder(tmp_path, PictureOptions(), include=["*.gif"], **options)


def test_links_to_folders_and_files_are_followed(tmp_path):
    fill(tmp_path, "store/cats/1.jpg", "store/dogs/1.jpg")
    fill(tmp_path, "photos/dog/2.jpg")
    (tmp_path / "photos" / "cat").symlink_to(tmp_path / "store" / "cats")
    (tmp_path / "photos" / "dog" / "1.jpg").symlink_to(tmp_path / "store" / "dogs" / "1.jpg")
    expected = {"cat/1.jpg": "cat", "dog/1.jpg": "dog", "dog/2.jpg": "dog"}
    for options in ({}, {"nested_classes": True}, {"pattern": "{class}/{name}"}):
        assert labels_of(tmp_path / "photos", **options) == expected


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (("cat/1.jpg", "dog/deep/1.jpg", "README"), {}),
        (("train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg"), {}),
        (("animals/cat/1.jpg", "animals/dog/1.jpg"), {"nested_classes": True}),
        (("anna/cat/1.jpg", "bob/dog/1.jpg"), {"pattern": "{subject}/{class}/{name}"}),
    ],
)
def test_a_tree_in_an_object_store_is_understood_as_a_local_one(tmp_path, request, names, options):
    remote = UPath(f"memory://{request.node.name}")
    for folder in (tmp_path, remote):
        fill(folder, *names)
    assert labels_of(remote, **options) == labels_of(tmp_path, **options) != {}
    with pytest.raises(DatasetError, match="does not exist"):
        open_image_folder(remote / "nowhere", PictureOptions())


def test_pictures_of_an_object_store_are_read(tmp_path, make_picture):
    remote = UPath("memory://test_image_folder_read")
    fill(remote, "cat/1.jpg", "dog/1.jpg", data=make_picture())
    chunks, _ = open_image_folder(remote, PictureOptions()).plan_chunks(2)
    intake = take_in(chunks, Staging(tmp_path), 2, "pictures")
    assert [item.key for item in intake.items] == ["cat/1.jpg", "dog/1.jpg"]
    assert all(Path(item.source).is_file() for item in intake.items)


def test_a_pattern_that_nothing_fits_is_told_with_an_example(tmp_path, make_picture):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").write_bytes(make_picture())
    with pytest.raises(DatasetError, match=r"is left; a/1\.jpg: does not fit (.|\n)*\nSay how its paths are made"):
        open_image_folder(tmp_path, PictureOptions(), pattern="{subject}/{class}/{name}")
