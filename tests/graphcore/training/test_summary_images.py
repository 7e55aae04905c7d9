import io

import numpy as np
import pytest
from PIL import Image

from graphcore.config import AdamConfig, AugmentConfig, Config, FinetuneConfig, ImageFolderConfig, ScheduleConfig
from graphcore.nets.input_spec import InputSpec
from graphcore.training import summary_images
from graphcore.training.dataset import TrainingData
from graphcore.training.sample_pictures import SamplePictures
from graphcore.training.summary_images import TrainingInputs, look, plan_training_spec, to_picture
from tfrecords.manifest import read_manifest


def make_config(**options):
    return Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        optimizer=AdamConfig("adam"),
        schedule=ScheduleConfig("fixed"),
        **options,
    )


def encode(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("spec", [InputSpec(4), InputSpec(4, 0.0, 255.0, mean=(123.68, 116.779, 103.939))])
def test_what_a_network_sees_is_shown_as_the_picture_it_was(spec):
    pixels = np.zeros((8, 8, 3), np.uint8) + np.array([200, 100, 7], np.uint8)
    (seen,) = look([encode(pixels)], spec, AugmentConfig(), 0)
    assert seen.size == (4, 4)
    assert np.unique(np.asarray(seen).reshape(-1, 3), axis=0).tolist() == [[200, 100, 7]]


def test_values_beyond_the_range_are_clipped():
    picture = to_picture(np.array([[[-2.0, 0.0, 2.0]]], np.float32), InputSpec(1))
    assert picture.getpixel((0, 0)) == (0, 128, 255)


def test_changes_of_training_are_shown():
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:, :20] = 255
    seen = look([encode(pixels)] * 8, InputSpec(8), AugmentConfig(flip_left_right=True), 0)
    assert {picture.getpixel((0, 0)) for picture in seen} == {(0, 0, 0), (255, 255, 255)}


def test_a_smaller_size_of_training_is_kept():
    config = make_config(trainer=FinetuneConfig("finetune", train_image_size=96))
    assert plan_training_spec(config, InputSpec(128)).image_size == 96
    assert plan_training_spec(make_config(), InputSpec(128)).image_size == 128


def test_inputs_are_shown_once(make_moment, shown_records):
    data = TrainingData(shown_records, read_manifest(shown_records), "")
    observer = TrainingInputs(make_config(), data, InputSpec(16), SamplePictures(shown_records))
    for step in (5, 10):
        moment = make_moment(step)
        observer.advanced(moment)
    ((place, sheet),) = moment.writers.images.items()
    assert place == ("train", 5, "pictures/inputs")
    # Three pictures, two side by side.
    assert sheet.width == 8 + 2 * (160 + 8)


def test_the_next_training_on_the_same_pictures_draws_none(make_moment, shown_records, monkeypatch):
    data = TrainingData(shown_records, read_manifest(shown_records), "of these")
    pictures, drawn = SamplePictures(shown_records), []
    monkeypatch.setattr(summary_images, "look", lambda *asked: drawn.append(asked) or look(*asked))
    # The third wants its pictures otherwise.
    for size in (16, 16, 24):
        moment = make_moment(5)
        TrainingInputs(make_config(), data, InputSpec(size), pictures).advanced(moment)
        assert ("train", 5, "pictures/inputs") in moment.writers.images
    assert [asked[1].image_size for asked in drawn] == [16, 24]
