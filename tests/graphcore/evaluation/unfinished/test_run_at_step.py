import numpy as np

from graphcore.config import FinetuneConfig, MedianHeadConfig, VideoConfig
from graphcore.evaluation.scoring import score_split
from graphcore.evaluation.unfinished.run_at_step import make_run_at_step
from graphcore.training.finetune import train_finetune
from graphcore.training.frozen import train_frozen
from graphcore.training.unfinished import read_beginning
from tests.graphcore.evaluation.small_runs import make_config


def test_a_finetuned_run_at_its_last_step_scores_as_the_run_does(video_records, tmp_path):
    trainer = FinetuneConfig("finetune", 2, 8, eval_every_steps=2, checkpoint_every_steps=2, ema_decay=0.5)
    run = train_finetune(make_config(tmp_path, trainer=trainer), video_records, tmp_path / "run")

    at_step = make_run_at_step(read_beginning(run.folder), 2, tmp_path / "aside")

    assert at_step.steps == 2
    np.testing.assert_allclose(score_split(at_step, "test").scores, score_split(run, "test").scores, atol=1e-6)
    assert (tmp_path / "aside" / "features").is_dir()  # and not among those that are kept


def test_a_smoothing_head_is_the_head_below_until_training_is_over(video_records, tmp_path):
    config = make_config(tmp_path, dataset=VideoConfig(kind="video"), head=MedianHeadConfig("median"))
    run = train_frozen(config, video_records, tmp_path / "run")

    at_step = make_run_at_step(read_beginning(run.folder), 40, tmp_path / "aside")

    assert at_step.folder == run.folder
    assert not at_step.read_head().head.temporal
    scored = score_split(at_step, "test")
    assert scored.scores.shape == (12, 2)
