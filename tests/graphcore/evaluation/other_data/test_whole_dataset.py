import pytest

from graphcore.config import ImageFolderConfig
from graphcore.errors import ConfigError
from graphcore.evaluation.other_data.whole_dataset import choose_followed, convert_whole
from tests.graphcore.evaluation.small_runs import draw_photo
from tfrecords.reader import Reader


def test_all_samples_are_one_split_whatever_the_folders_say(tmp_path):
    for split in ("train", "validation", "test"):
        for label in ("blue", "red"):
            draw_photo(tmp_path / "photos" / split / label / f"{split}.jpg", label, len(split))
    dataset = ImageFolderConfig(kind="image_folder", dir=str(tmp_path / "photos"), records=str(tmp_path / "records"))

    folder, manifest = convert_whole(dataset, apart_from=tmp_path / "others")

    assert folder == tmp_path / "records"
    assert manifest.splits == ("test",)
    assert len(list(Reader(folder).iterate("test"))) == 6


def test_records_are_placed_beside_those_for_training(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder, manifest = convert_whole(ImageFolderConfig(kind="image_folder", dir=str(photos)), tmp_path / "others")
    assert (str(folder), manifest.name) == ("data/tfrecords/colours-evaluated", "colours")


def test_records_for_training_are_never_replaced(photos, photo_run, tmp_path):
    dataset = ImageFolderConfig(kind="image_folder", dir=str(photos), records=str(photo_run.records))
    before = (photo_run.records / "dataset.json").read_bytes()
    with pytest.raises(ConfigError, match=r"dataset\.records=.*divided for training(?s:.*)Leave dataset\.records out"):
        convert_whole(dataset, apart_from=tmp_path / "others")
    assert (photo_run.records / "dataset.json").read_bytes() == before


def test_the_runs_records_are_never_taken_even_where_they_are_gone(photos, tmp_path):
    dataset = ImageFolderConfig(kind="image_folder", dir=str(photos), records=str(tmp_path / "records"))
    with pytest.raises(ConfigError, match="would be replaced"):
        convert_whole(dataset, apart_from=tmp_path / "records")


def test_how_pictures_are_made_is_followed_and_where_they_lie_is_not():
    options = {"dataset.size": 96, "dataset.every_secs": 0.5, "dataset.labels": ["x"], "split.train": 60.0}
    options |= {"dataset.tiers": ["a"], "dataset.name": "first"}
    assert choose_followed(options) == {"size": 96, "every_secs": 0.5}
