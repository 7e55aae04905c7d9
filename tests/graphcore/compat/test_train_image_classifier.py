from __future__ import annotations

import json

from graphcore.compat.eval_flags import EVAL
from graphcore.compat.eval_image_classifier import run_evaluation
from graphcore.compat.parse import parse_flags
from graphcore.compat.train_flags import TRAIN
from graphcore.compat.train_image_classifier import run_training


def test_records_are_trained_on_and_the_run_is_evaluated(slim_records, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags = "--train_dir=run --model_name=mobilenet_v1_025 --train_image_size=128 --max_number_of_steps=2"
    more = "--batch_size=4 --trainable_scopes=MobilenetV1/Logits --checkpoint_path=embedded --preprocessing_name=vgg"
    extra = ["augment.views=1", "split.test=20", "split.train=70"]
    given = parse_flags([f"--dataset_dir={slim_records}", *flags.split(), *more.split(), *extra], TRAIN)
    run_training(given)
    assert "train \\\n    dataset=record_files" in capsys.readouterr().out
    note = json.loads((tmp_path / "run" / "run.json").read_text())
    assert note["labels"] == ["daisy", "roses"]
    arguments = ["--checkpoint_path=run/checkpoints", "--dataset_split_name=validation", "--eval_dir=eval"]
    run_evaluation(parse_flags([*arguments, "--model_name=mobilenet_v1_025", "--eval_image_size=128"], EVAL))
    written = sorted(path.name for path in (tmp_path / "eval").iterdir())
    assert written == ["metrics.json", "predictions-validation.csv", "report-validation.html"]
    assert "validation: 8 samples" in capsys.readouterr().out
