import numpy as np
import pytest
from omegaconf import OmegaConf

from graphcore.config import AdamConfig, Config, CosineHeadConfig, ImageFolderConfig, ScheduleConfig, TrainerConfig
from graphcore.errors import RunError
from graphcore.training import checkpoints
from graphcore.training.run import RUN_FILE
from graphcore.training.same_run import digest_options, holds_training, refuse_other_options, write_config


def make_config(**parts):
    defaults = {
        "dataset": ImageFolderConfig(kind="image_folder"),
        "optimizer": AdamConfig(),
        "schedule": ScheduleConfig(),
    }
    return Config(**(defaults | parts))


OTHER = make_config(head=CosineHeadConfig("cosine"))


@pytest.fixture(name="begun")
def run_with_a_saved_state(tmp_path):
    write_config(make_config(), tmp_path)
    checkpoints.write_state(tmp_path, 3, {"value": np.zeros(1, np.float32)})
    return tmp_path


def test_other_options_are_refused_where_there_is_a_state(begun):
    with pytest.raises(RunError, match=r"training of other options: head\.name was linear, now cosine"):
        refuse_other_options(OTHER, begun)


def test_lengths_may_change(begun):
    refuse_other_options(make_config(trainer=TrainerConfig(steps=7)), begun)


def test_what_decides_the_result_decides_the_digest():
    digest = digest_options(make_config())
    assert digest_options(make_config(trainer=TrainerConfig(steps=7))) == digest
    assert digest_options(make_config(seed=1)) != digest
    assert digest_options(OTHER) != digest


def test_a_training_that_saved_nothing_binds_nobody(tmp_path):
    write_config(make_config(), tmp_path)
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(tmp_path), {"value": np.zeros(1, np.float32)})
    assert not holds_training(tmp_path)
    refuse_other_options(OTHER, tmp_path)


def test_a_finished_run_binds_even_without_its_states(tmp_path):
    write_config(make_config(), tmp_path)
    (tmp_path / RUN_FILE).write_text("{}")
    assert holds_training(tmp_path)
    with pytest.raises(RunError, match="other options"):
        refuse_other_options(OTHER, tmp_path)


@pytest.mark.parametrize("parts", [{}, {"head": CosineHeadConfig("cosine"), "seed": 3}])
def test_the_file_is_what_omegaconf_writes_of_all_options(tmp_path, parts):
    config = make_config(**parts)
    write_config(config, tmp_path)
    assert (tmp_path / "config.yaml").read_text() == OmegaConf.to_yaml(OmegaConf.structured(config))


def test_options_that_jobs_share_are_put_into_yaml_once(tmp_path, monkeypatch):
    write_config(make_config(), tmp_path)
    written = []
    own = OmegaConf.to_yaml
    monkeypatch.setattr(OmegaConf, "to_yaml", lambda group: written.append(list(group)) or own(group))
    write_config(make_config(optimizer=AdamConfig(learning_rate=0.0123)), tmp_path)
    assert written == [["optimizer"]]
    assert "0.0123" in (tmp_path / "config.yaml").read_text()
