import shutil
from dataclasses import replace

import pytest

from graphcore.evaluation.other_heads.head_runs import plan_head
from graphcore.evaluation.other_heads.head_training import place_head, train_on


@pytest.fixture(scope="module")
def trained(video_run, tmp_path_factory):
    """The run on videos with one more head, its options, and its folder."""
    folder = tmp_path_factory.mktemp("heads") / "run"
    shutil.copytree(video_run.folder, folder)
    run = replace(video_run, folder=folder)
    config = plan_head(run, "mlp")
    place = place_head(run, "mlp", config)
    train_on(run, config, place)
    return run, config, place


def test_a_head_has_the_place_of_its_name(trained, capsys):
    run, config, place = trained
    assert place == run.folder / "heads" / "mlp"
    assert place_head(run, "mlp", config) == place
    assert capsys.readouterr().err == ""


def test_a_place_is_found_before_anything_is_trained(trained):
    run, _, _ = trained
    assert place_head(run, "cosine", plan_head(run, "cosine")) == run.folder / "heads" / "cosine"
    assert not (run.folder / "heads" / "cosine").exists()


def test_what_is_up_to_date_is_not_trained_again(trained, capsys):
    run, config, place = trained
    # It was never evaluated: what is chosen on validation may be missing, and is chosen again.
    assert train_on(run, config, place).head_config.name == "mlp"
    assert "Training" not in capsys.readouterr().err


@pytest.mark.parametrize("field", ["backbone_digest", "dataset_digest"])
def test_a_head_on_other_features_stands_beside_the_earlier_one(field, trained, capsys):
    run, config, place = trained
    beside = place_head(replace(run, **{field: "f" * 64}), "mlp", config)
    assert beside.parent == place.parent
    assert beside.name.startswith("mlp-")
    assert "was trained on other features. It stays" in " ".join(capsys.readouterr().err.split())


def test_a_head_of_other_options_stands_beside_the_earlier_one(trained, capsys):
    run, config, place = trained
    first = place_head(run, "mlp", replace(config, seed=config.seed + 1))
    assert "seed was 0, now 1. It stays" in " ".join(capsys.readouterr().err.split())
    assert first.parent == place.parent
    assert place_head(run, "mlp", replace(config, seed=config.seed + 1)) == first
    assert place_head(run, "mlp", replace(config, seed=config.seed + 2)) != first
