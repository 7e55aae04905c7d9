import json

import pytest
from omegaconf import OmegaConf


@pytest.fixture
def add_job(tmp_path):
    """Writes what a job leaves behind: its overrides, and figures or the reason it failed."""

    def add(name, overrides, metrics=None, failure=None, objective="validation/accuracy"):
        folder = tmp_path / "multirun" / name
        (folder / ".hydra").mkdir(parents=True)
        OmegaConf.save(OmegaConf.create(overrides), folder / ".hydra" / "overrides.yaml")
        if metrics is not None:
            (folder / "metrics.json").write_text(json.dumps(metrics))
            (folder / "run.json").write_text(json.dumps({"objective": objective}))
        if failure is not None:
            (folder / "failed.txt").write_text(failure + "\n")
        return tmp_path / "multirun"

    return add


@pytest.fixture
def folder(add_job):
    """Two learning rates on two seeds each, and a third that failed."""
    figures = {("0.1", 0): 0.5, ("0.1", 1): 0.7, ("0.01", 0): 0.8, ("0.01", 1): 0.9}
    for number, ((rate, seed), accuracy) in enumerate(figures.items()):
        found = add_job(
            str(number),
            ["+experiment=x", f"optimizer.learning_rate={rate}", f"seed={seed}"],
            {"validation/accuracy": accuracy, "test/accuracy": accuracy - 0.25, "seconds/total": 2 + number},
        )
    add_job("10", ["+experiment=x", "optimizer.learning_rate=-1", "seed=0"], failure="it is out of range.\nSee.")
    return found
