import pytest
from omegaconf import OmegaConf

from graphcore.borrowing import Borrowed, get_filler, set_apart
from graphcore.composing import to_options
from graphcore.config import EvaluateConfig, VideoConfig
from graphcore.errors import ConfigError

VERB = {"run": "RUN", "dataset": None}


def fill(*overrides, defaults=None, usual=None):
    borrowed = Borrowed("dataset", lambda composed: defaults or {}, lambda composed: usual)
    return get_filler(borrowed, overrides)(OmegaConf.create(VERB))


def test_what_begins_with_the_group_is_taken_out_of_the_command_line():
    own, apart = set_apart(["run=RUN", "dataset=video", "datasets=3", "dataset.videos=DIR", "split=test"], "dataset")
    assert own == ["run=RUN", "datasets=3", "split=test"]
    assert apart == ["dataset=video", "dataset.videos=DIR"]


def test_a_group_that_is_set_to_nothing_stays():
    assert set_apart(["dataset=null"], "dataset") == (["dataset=null"], [])


def test_nothing_is_borrowed_where_nothing_is_asked_for():
    assert fill().dataset is None


def test_the_group_becomes_the_class_of_its_choice_with_the_values_of_its_file():
    options = to_options(fill("dataset=video", "dataset.videos=DIR"), "evaluate")
    assert isinstance(options, EvaluateConfig)
    assert isinstance(options.dataset, VideoConfig)
    assert (options.dataset.videos, options.dataset.every_secs) == ("DIR", 4.0)


def test_the_commands_defaults_hold_where_nothing_is_set():
    filled = fill("dataset=video", "dataset.size=null", defaults={"size": 96, "every_secs": 0.5, "seed": 3})
    assert (filled.dataset.size, filled.dataset.every_secs) == (None, 0.5)
    assert "seed" not in filled.dataset  # videos that somebody else made have none


def test_a_part_of_an_option_that_is_set_keeps_the_whole():
    filled = fill("dataset=video", "+dataset.columns.start=from", defaults={"columns": {"end": "to"}})
    assert filled.dataset.columns == {"start": "from"}


def test_an_option_without_a_choice_is_refused_with_the_choices_that_have_it():
    message = r"dataset\.every_secs: no dataset is chosen(?s:.*)Choices: procedures, suture_scenes, video\.(?s:.*)"
    with pytest.raises(ConfigError, match=message + r"first: dataset=procedures dataset\.every_secs=2$"):
        fill("dataset.every_secs=2")
    with pytest.raises(ConfigError, match=message + r"first: dataset=video dataset\.every_secs=2$"):
        fill("dataset.every_secs=2", usual="video")
    with pytest.raises(ConfigError, match=message + r"first: dataset=procedures dataset\.every_secs=2$"):
        fill("dataset.every_secs=2", usual="image_folder")


def test_a_misspelt_option_is_refused_with_the_options_of_the_choice():
    with pytest.raises(ConfigError, match=r"no option dataset\.vidoes(?s:.*)Did you mean dataset\.videos\?"):
        fill("dataset=video", "dataset.vidoes=DIR")


def test_a_misspelt_choice_is_refused_with_the_choices():
    with pytest.raises(ConfigError, match=r"no dataset=vidoe\.(?s:.*)image_folder(?s:.*)Did you mean dataset=video\?"):
        fill("dataset=vidoe")


def test_a_value_out_of_range_is_refused():
    with pytest.raises(ConfigError, match=r"dataset\.every_secs=0"):
        to_options(fill("dataset=video", "dataset.every_secs=0"), "evaluate")
