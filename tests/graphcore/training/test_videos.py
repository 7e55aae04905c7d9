from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import (
    AdamConfig,
    Config,
    FinetuneConfig,
    HeadConfig,
    ImageFolderConfig,
    MedianHeadConfig,
    ScheduleConfig,
    TrainerConfig,
    VideoConfig,
)
from graphcore.errors import ConfigError, DatasetError
from graphcore.features.store import FeatureSet
from graphcore.timelines.marks import Marks
from graphcore.training import finetune, frozen
from graphcore.training.videos import TrainingVideos, check_temporal_options, read_training_videos
from tfrecords.example import Sample, encode_example
from tfrecords.framing import write_record
from tfrecords.manifest import Manifest, ShardInfo, write_manifest


def make_config(**parts):
    defaults = {
        "dataset": VideoConfig(kind="video"),
        "optimizer": AdamConfig("adam", 0.05),
        "schedule": ScheduleConfig("fixed"),
        "head": MedianHeadConfig("median"),
    }
    return Config(**(defaults | parts))


def make_marks(*frames):
    """Of (video, seconds) for each sample."""
    keys = tuple(f"{video}@{secs}" for video, secs in frames)
    videos = tuple(video for video, _ in frames)
    times = np.array([secs for _, secs in frames], np.float64)
    return Marks(keys, videos, videos, times, videos, ("",) * len(frames))


VIDEOS = TrainingVideos(
    {"train": make_marks(("b", 4.0), ("a", 2.0), ("b", 2.0), ("a", 0.0)), "validation": make_marks(("c", 0.0))}
)


def test_rows_of_a_video_come_in_the_order_of_time():
    rows = VIDEOS.rows

    assert [each.tolist() for each in rows["train"]] == [[3, 1], [2, 0]]
    assert [each.tolist() for each in rows["validation"]] == [[0]]


def test_the_step_is_that_of_the_training_videos():
    assert VIDEOS.step_secs == 2.0


def test_features_of_the_same_samples_in_the_same_order_are_taken():
    VIDEOS.require_keys({split: make_features(marks.keys) for split, marks in VIDEOS.marks.items()})


def test_features_in_another_order_are_refused():
    features = {split: make_features(marks.keys[::-1]) for split, marks in VIDEOS.marks.items()}

    with pytest.raises(DatasetError, match="features of train are not in the order of its records"):
        VIDEOS.require_keys(features)


def make_features(keys):
    return FeatureSet(np.zeros((len(keys), 2), np.float32), np.zeros(len(keys), np.int32), keys)


def test_a_head_that_judges_frames_alone_asks_for_no_videos(toy_records):
    assert read_training_videos(make_config(head=HeadConfig()), toy_records) is None


def test_pictures_are_refused_to_a_head_for_videos(toy_records):
    with pytest.raises(ConfigError, match="head=median judges the frames of videos in time, and train samples of"):
        read_training_videos(make_config(), toy_records)


@pytest.mark.parametrize("check", [check_temporal_options, frozen.check_options])
def test_single_frames_are_not_drawn_for_a_head_that_wants_videos(check):
    with pytest.raises(ConfigError, match=r"trainer\.sampling=uniform draws single frames"):
        check(make_config(trainer=TrainerConfig(sampling="uniform")))


@pytest.mark.parametrize("check", [check_temporal_options, finetune.check_options])
def test_a_head_for_videos_is_not_finetuned(check):
    with pytest.raises(ConfigError, match="head=median learns from the features of whole videos, and trainer=finetune"):
        check(make_config(trainer=FinetuneConfig("finetune")))


@pytest.mark.parametrize("check", [check_temporal_options, frozen.check_options])
def test_photos_are_refused_to_a_head_for_videos_before_they_are_converted(check):
    photos = ImageFolderConfig(kind="image_folder")
    with pytest.raises(ConfigError, match=r"head=median judges .* dataset=image_folder is of pictures\.\nChoose head="):
        check(make_config(dataset=photos))


def test_a_head_for_videos_takes_the_other_options():
    check_temporal_options(make_config())
    check_temporal_options(replace(make_config(), head=HeadConfig(), trainer=TrainerConfig(sampling="uniform")))


def test_a_dataset_without_validation_has_no_videos_there(tmp_path):
    """As of split.validation=0, which the manifest does not name then."""
    sample = Sample("5@0", b"jpeg", "jpeg", 1, 1, 0, "cut", "5.mp4", "5", 0.0)
    with (tmp_path / "train-00000-of-00001.tfrecord").open("wb") as file:
        write_record(file, encode_example(sample))
    size = (tmp_path / "train-00000-of-00001.tfrecord").stat().st_size
    shard = ShardInfo("train-00000-of-00001.tfrecord", "train", 1, size, "0" * 64)
    write_manifest(tmp_path, Manifest("toy", "video", ("cut",), {"train": {"cut": 1}}, (shard,)))

    videos = read_training_videos(make_config(), tmp_path)

    assert videos is not None
    assert (len(videos.rows["train"]), videos.rows["validation"]) == (1, [])
