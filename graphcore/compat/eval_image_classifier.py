"""`python -m graphcore.compat.eval_image_classifier --checkpoint_path RUN`: slim's evaluation of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graphcore.compat.eval_flags import ALWAYS, EVAL
from graphcore.compat.flag import Given
from graphcore.compat.plan import tell_given
from graphcore.compat.products import Product, check_products, place_products
from graphcore.compat.quoting import make_override
from graphcore.compat.show import show_plan
from graphcore.compat.slim_models import find_model
from graphcore.compat.start import start
from graphcore.errors import ConfigError, RunError

_NOTE = "run.json"
_CONFIG = "config.yaml"


def find_run(path: Path) -> Path:
    """The run that a folder or a file in it belongs to.

    Raises:
        RunError: it lies in none.
    """
    for folder in (path, *path.absolute().parents):
        if (folder / _NOTE).is_file():
            return folder
    if (path / _CONFIG).is_file():
        step = f"Finish its training first: the same command, or train ... hydra.run.dir={path}"
    else:
        step = (
            "A checkpoint of slim's says neither its classes nor its pictures: train a last layer on it with "
            f"python -m graphcore.compat.train_image_classifier --checkpoint_path={path}, and evaluate that."
        )
    raise RunError(f"--checkpoint_path={path} is no finished run of graphcore's, and lies in none.", next_step=step)


def check_same(given: Given, run: Path) -> None:
    """Refuses flags that say something else than the run.

    Raises:
        ConfigError: naming the flag and what the run has.
    """
    from omegaconf import OmegaConf

    config: Any = OmegaConf.to_container(OmegaConf.load(run / _CONFIG))
    backbone = config["backbone"]
    wanted: dict[str, tuple[Any, Any]] = {}
    if "model_name" in given:
        model = find_model(given["model_name"])
        width = backbone["width"] if model.width is None else model.width
        had = (backbone["name"], backbone["width"])
        wanted["model_name"] = ((model.backbone, width), had)
    if "eval_image_size" in given:
        wanted["eval_image_size"] = (given["eval_image_size"], backbone["image_size"])
    if "labels_offset" in given:
        wanted["labels_offset"] = (given["labels_offset"], config["dataset"].get("labels_offset", 0))
    if "use_grayscale" in given:
        wanted["use_grayscale"] = (given["use_grayscale"], backbone["grayscale"])
    for flag, (asked, had) in wanted.items():
        if asked != had:
            shown = f"{had[0]} of width {had[1]:g}" if isinstance(had, tuple) else json.dumps(had)
            raise ConfigError(
                f"{EVAL.find(flag).show(given[flag])}, and the run {run} was trained with {shown}.",
                next_step=f"Leave out --{flag}: a run is evaluated as it was trained.",
            )


def plan_outputs(given: Given) -> tuple[Product, ...]:
    """What is copied to `--eval_dir`, where it was given."""
    if "eval_dir" not in given:
        return ()
    split, place = given["dataset_split_name"], Path(given["eval_dir"])
    suffix = "" if split == "test" else f"-{split}"
    names = ("metrics.json", f"predictions{suffix}.csv", f"report{suffix}.html")
    return tuple(Product("eval_dir", name, place / name) for name in names)


def run_evaluation(given: Given) -> None:
    """Checks the flags against the run, evaluates it, and copies what `--eval_dir` asks for.

    Raises:
        GraphcoreError: flags or a run that cannot be worked with.
    """
    run = find_run(Path(given["checkpoint_path"]))
    check_same(given, run)
    products = plan_outputs(given)
    check_products(products)
    options = [make_override("run", str(run)), make_override("split", given["dataset_split_name"])]
    show_plan("python -m graphcore.evaluate", options, [*tell_given(given, EVAL), *ALWAYS])
    from graphcore.evaluate import evaluate, show_metrics

    show_metrics(evaluate(run, given["dataset_split_name"]))
    place_products([one for one in products if (run / one.source).exists()], run)


def main() -> None:
    """Runs the command."""
    start(EVAL, run_evaluation)


if __name__ == "__main__":
    main()
