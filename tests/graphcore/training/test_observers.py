import numpy as np
import pytest

from graphcore.config import AdamConfig, Config, ImageFolderConfig, ScheduleConfig, SummariesConfig
from graphcore.features.store import FeatureSet
from graphcore.nets.factory import get_backbone
from graphcore.training.dataset import TrainingData
from graphcore.training.observers import Histograms, get_observers
from tfrecords.manifest import read_manifest

OFF = {"histograms": False, "images": 0, "mistakes": 0, "confusion_matrix": False, "pr_curves": False, "projector": 0}


@pytest.fixture
def ask(shown_records, tmp_path):
    data = TrainingData(shown_records, read_manifest(shown_records), "")
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    features = {"validation": FeatureSet(np.zeros((4, 2), np.float32), np.zeros(4, np.int32), ("a", "b", "c", "d"))}

    def get(**summaries):
        config = Config(
            dataset=ImageFolderConfig(kind="image_folder"),
            optimizer=AdamConfig("adam"),
            schedule=ScheduleConfig("fixed"),
            summaries=SummariesConfig(**summaries),
        )
        return [type(each).__name__ for each in get_observers(config, data, backbone, tmp_path, features=features)]

    return get


def test_all_but_the_profile_watch_by_default(ask):
    assert ask() == ["Histograms", "TrainingInputs", "Mistakes", "ConfusionMatrix", "PrecisionRecall", "Projector"]


@pytest.mark.parametrize(
    ("option", "value", "observer"),
    [
        ("histograms", True, "Histograms"),
        ("images", 3, "TrainingInputs"),
        ("mistakes", 3, "Mistakes"),
        ("confusion_matrix", True, "ConfusionMatrix"),
        ("pr_curves", True, "PrecisionRecall"),
        ("projector", 3, "Projector"),
        ("profile_steps", 3, "Profile"),
    ],
)
def test_each_is_asked_for_by_its_option(ask, option, value, observer):
    assert ask(**OFF) == []
    assert ask(**OFF | {option: value}) == [observer]


def test_histograms_are_written_at_evaluations(make_moment):
    class Stepper:
        def read_histograms(self):
            return {"head/weights": np.zeros(2)}

    class Writers:
        def __init__(self):
            self.written = []

        def write_histogram(self, split, step, tag, values):
            self.written.append((split, step, tag))

    moment = make_moment(5)
    object.__setattr__(moment, "stepper", Stepper())
    object.__setattr__(moment, "writers", Writers())
    Histograms().evaluated(moment)
    assert moment.writers.written == [("train", 5, "head/weights")]
