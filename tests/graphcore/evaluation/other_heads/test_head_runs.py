import csv
import shutil
from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest
from omegaconf import OmegaConf

from graphcore.config import HeadConfig, MultiLabelHeadConfig
from graphcore.errors import ConfigError, RunError
from graphcore.evaluation.judging import JudgeOptions
from graphcore.evaluation.other_heads import head_runs
from graphcore.evaluation.other_heads.head_runs import compare_heads, plan_head
from graphcore.training.run import load_run

OPTIONS = JudgeOptions(resamples=50)


@pytest.fixture(scope="module")
def compared(video_run, tmp_path_factory):
    """The run on videos with two more heads, what they came to, and what was said when all was there already."""
    folder = tmp_path_factory.mktemp("heads") / "run"
    shutil.copytree(video_run.folder, folder)
    run = replace(video_run, folder=folder)
    return run, compare_heads(run, ["linear", "mlp", "median"], "test", OPTIONS)


def test_the_runs_own_head_comes_first_and_is_not_trained_again(compared):
    run, results = compared
    assert [(each.name, each.is_own) for each in results] == [("linear", True), ("mlp", False), ("median", False)]
    assert not (run.folder / "heads" / "linear").exists()


def test_each_other_head_is_a_run_of_its_own(compared):
    run, results = compared
    for name, result in zip(("mlp", "median"), results[1:], strict=True):
        own = load_run(run.folder / "heads" / name)
        assert (own.head_config.name, own.steps, own.seed) == (name, run.steps, run.seed)
        assert own.backbone_digest == run.backbone_digest
        assert own.segmenting  # chosen on validation, as train does
        assert (own.folder / "predictions.csv").is_file()
        assert result.metrics.count == 12


def test_what_looks_at_later_frames_is_offline(compared):
    assert [each.causal for each in compared[1]] == [True, True, False]


def test_all_figures_are_in_one_table(compared):
    run, results = compared
    with (run.folder / "heads" / "heads.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["head"] for row in rows] == ["linear", "mlp", "median"]
    assert [row["causal"] for row in rows] == ["1", "1", "0"]
    for row, result in zip(rows, results, strict=True):
        assert float(row["accuracy"]) == result.metrics.values["accuracy"]
        assert float(row["edit"]) == result.metrics.values["edit"]


def test_heads_that_are_there_are_not_trained_again(compared, capsys):
    run, results = compared
    again = compare_heads(run, ["mlp"], "validation", OPTIONS)
    said = capsys.readouterr().err
    assert "Head mlp is up to date" in said
    assert "Training" not in said
    assert again[1].seconds == results[1].seconds
    assert (run.folder / "heads" / "mlp" / "predictions-validation.csv").is_file()
    assert len((run.folder / "heads" / "heads-validation.csv").read_text().splitlines()) == 3


def test_a_head_of_other_options_stays_and_the_one_asked_for_stands_beside_it(compared, capsys):
    run, _ = compared
    path = run.folder / "config.yaml"
    before = path.read_text()
    config = OmegaConf.load(path)
    config.optimizer.learning_rate = 0.5
    path.write_text(OmegaConf.to_yaml(config))
    earlier = (run.folder / "heads" / "mlp" / "run.json").read_bytes()
    assert [each.name for each in compare_heads(run, ["mlp"], "test", OPTIONS)] == ["linear", "mlp"]
    said = capsys.readouterr().err
    assert "learning_rate was 0.05, now 0.5" in said
    (beside,) = (run.folder / "heads").glob("mlp-????????")
    assert f"It stays; {beside} has the one" in " ".join(said.split())
    assert (run.folder / "heads" / "mlp" / "run.json").read_bytes() == earlier
    compare_heads(run, ["mlp"], "test", OPTIONS)
    assert f"Head mlp is up to date in {beside}" in capsys.readouterr().err
    path.write_text(before)


def test_options_are_the_heads_own_but_mistakes_weigh_as_in_the_run(video_run):
    weighed = replace(video_run, head_options=asdict(HeadConfig("linear", "balanced", weight_decay=0.5)))
    config = plan_head(weighed, "mlp")
    assert (config.head.class_weights, config.head.weight_decay) == ("balanced", 0.003)
    assert config.optimizer.learning_rate == 0.05
    assert config.backbone.checkpoint == str(video_run.folder)


def test_heads_for_videos_are_refused_by_a_run_on_photos(photo_run):
    with pytest.raises(ConfigError, match=r"heads=gru judges the frames(?s:.*)Choices: linear, mlp, cosine\."):
        plan_head(photo_run, "gru")
    assert plan_head(photo_run, "cosine").head.name == "cosine"


def test_one_label_and_several_are_not_compared(photo_run):
    with pytest.raises(ConfigError, match="heads=multi_label gives samples any number of labels"):
        plan_head(photo_run, "multi_label")
    several = replace(photo_run, multi_label=True, head_options=asdict(MultiLabelHeadConfig("multi_label")))
    with pytest.raises(ConfigError, match=r"heads=mlp gives each sample one label(?s:.*)Choices: multi_label\."):
        plan_head(several, "mlp")


def test_a_finetuned_run_is_refused_with_what_to_do(photo_run):
    with pytest.raises(RunError, match=r"was fine-tuned(?s:.*)trainer=frozen backbone\.checkpoint=.*head=mlp"):
        plan_head(replace(photo_run, trainer="finetune"), "mlp")


def test_a_run_without_its_options_is_refused(photo_run, tmp_path):
    with pytest.raises(RunError, match=r"config\.yaml cannot be read"):
        plan_head(replace(photo_run, folder=tmp_path), "mlp")


def test_a_damaged_file_of_options_is_refused(video_run, tmp_path):
    (tmp_path / "config.yaml").write_text("dataset: {kind: video}\noptimizer:\n")
    with pytest.raises(RunError, match=r"config\.yaml is damaged: .*\nTrain the run again"):
        plan_head(replace(video_run, folder=tmp_path), "mlp")


def test_a_split_without_samples_is_refused_before_anything_is_trained(video_run, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    shutil.copytree(video_run.folder, folder)
    empty = SimpleNamespace(metrics=SimpleNamespace(count=0))
    monkeypatch.setattr(head_runs, "_judge", lambda *_: empty)
    with pytest.raises(RunError, match=r"test split of .*run has no samples(?s:.*)split=validation"):
        compare_heads(replace(video_run, folder=folder), ["mlp"], "test", OPTIONS)
    assert not (folder / "heads").exists()
