import pytest

from graphcore.config import AdamConfig, Config, ImageFolderConfig, ScheduleConfig
from graphcore.evaluation.curves import read_curves
from graphcore.graph.runtime import tf1
from graphcore.training.summary_hparams import encode_end, encode_start, list_options, write_hparams

pytestmark = pytest.mark.filterwarnings("ignore")


def test_options_that_decide_the_result_are_listed():
    config = Config(
        dataset=ImageFolderConfig(kind="image_folder", name="shoes"),
        optimizer=AdamConfig("adam", learning_rate=0.01),
        schedule=ScheduleConfig("fixed"),
        seed=7,
    )
    options = list_options(config)
    assert options["dataset"] == "shoes"
    assert options["optimizer.learning_rate"] == 0.01
    assert options["head.name"] == "linear"
    assert options["seed"] == 7
    assert "trainer.steps" in options
    assert not {"backbone.features_dir", "trainer.checkpoint_every_secs"} & set(options)
    assert None not in options.values()


def test_messages_are_those_that_tensorboard_reads():
    metadata = pytest.importorskip("tensorboard.plugins.hparams.metadata")
    options = {"rate": 0.5, "steps": 500, "head": "größe", "flip": True}
    start = metadata.parse_session_start_info_plugin_data(encode_start(options, 12.5))
    assert {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()} == options
    assert start.start_time_secs == 12.5
    end = metadata.parse_session_end_info_plugin_data(encode_end(99.0))
    assert (end.status, end.end_time_secs) == (1, 99.0)


def test_a_run_is_one_row_in_a_folder_of_its_own(tmp_path):
    write_hparams(tmp_path, {"rate": 0.5}, {"validation/accuracy": 0.75, "test/loss": 1.5}, 40, 0.0)
    (path,) = (tmp_path / "summaries" / "hparams").glob("events*")
    values = [(event.step, value) for event in tf1.train.summary_iterator(str(path)) for value in event.summary.value]
    assert [value.tag for _, value in values] == [
        "_hparams_/session_start_info",
        "_hparams_/session_end_info",
        "final/validation/accuracy",
        "final/test/loss",
    ]
    assert [value.metadata.plugin_data.plugin_name for _, value in values[:2]] == ["hparams"] * 2
    assert [(step, value.simple_value) for step, value in values[2:]] == [(40, 0.75), (40, 1.5)]


def test_the_row_is_no_learning_curve(tmp_path):
    write_hparams(tmp_path, {"rate": 0.5}, {"validation/accuracy": 0.75}, 40, 0.0)
    assert read_curves(tmp_path / "summaries") == []
