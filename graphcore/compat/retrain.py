"""`python -m graphcore.compat.retrain --image_dir PHOTOS`: retrain.py's command line."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.compat import retrain_flags as flags
from graphcore.compat.architectures import Architecture, find_weights, parse_architecture, parse_module
from graphcore.compat.flag import Difference, Given
from graphcore.compat.plan import Plan, map_directly, name_run, separate_run_dir, tell_given
from graphcore.compat.products import (
    FOLDER,
    FOUND,
    LINK,
    Product,
    check_products,
    link_products,
    place_products,
)
from graphcore.compat.quoting import make_override
from graphcore.compat.show import show_plan
from graphcore.compat.start import start
from graphcore.errors import ConfigError, DatasetError

VIEWS = 8
_MOST_MISTAKES = 1_000_000
_CHANGES = ("flip_left_right", "random_crop", "random_scale", "random_brightness")


@dataclass(frozen=True)
class RetrainPlan:
    """A training, and where its products go."""

    plan: Plan
    products: tuple[Product, ...]
    log_level: int


def plan_retrain(given: Given) -> RetrainPlan:
    """Maps retrain.py's flags; looks for weights, and makes nothing.

    Raises:
        ConfigError: flags that contradict each other, or a network that cannot be had.
    """
    if not given["image_dir"]:
        raise ConfigError("--image_dir is not given.", next_step="Add --image_dir=DIR, which holds a folder per class.")
    options, run_dir = separate_run_dir(given.options)
    backbone, differences = _choose_backbone(given)
    overrides = [
        "dataset=image_folder",
        *map_directly(given, flags.RETRAIN),
        _find_train_share(given),
        *backbone,
        *("head=linear", "head.weight_decay=0", "optimizer=sgd", "trainer=frozen", "trainer.sampling=natural"),
        *_choose_changes(given),
        *_choose_outputs(given),
        *options,
    ]
    # Hydra chooses the groups before it sets what is in them, wherever they stand.
    run_dir = run_dir or name_run("retrain", overrides)
    told = [*tell_given(given, flags.RETRAIN), *differences, *flags.ALWAYS]
    products = _find_products(given, run_dir)
    level = getattr(logging, given["logging_verbosity"])
    return RetrainPlan(Plan(tuple(overrides), run_dir, tuple(told)), products, level)


def _find_train_share(given: Given) -> str:
    train = 100 - given["testing_percentage"] - given["validation_percentage"]
    if train <= 0:
        raise ConfigError(
            f"--testing_percentage={given['testing_percentage']} and "
            f"--validation_percentage={given['validation_percentage']} leave nothing to train on."
        )
    return make_override("split.train", train)


def _choose_backbone(given: Given) -> tuple[list[str], list[Difference]]:
    if "tfhub_module" in given and "architecture" in given:
        raise ConfigError("--architecture and --tfhub_module both name the network.", next_step="Give one of them.")
    is_module = "tfhub_module" in given
    chosen = parse_module(given["tfhub_module"]) if is_module else parse_architecture(given["architecture"])
    differences = [flags.MOBILENET] if chosen.name.startswith("mobilenet") and not is_module else []
    differences += [flags.QUANTIZED] if chosen.quantized else []
    found = find_weights(chosen, Path(given["model_dir"]))
    if found is not None and found[0] == "graph":
        graph = [make_override("backbone.checkpoint", str(found[1]))]
        graph += [make_override("backbone.image_size", chosen.image_size)] if chosen.image_size else []
        return ["backbone=graph", *graph], differences
    return [f"backbone={chosen.name}", *_size(chosen), _name_checkpoint(found)], differences


def _size(chosen: Architecture) -> list[str]:
    sizes: dict[str, Any] = {"backbone.width": chosen.width, "backbone.image_size": chosen.image_size}
    return [make_override(option, value) for option, value in sizes.items() if value is not None]


def _name_checkpoint(found: tuple[str, Path] | None) -> str:
    return make_override("backbone.checkpoint", "imagenet" if found is None else str(found[1]))


def _choose_changes(given: Given) -> list[str]:
    if not any(given[name] for name in _CHANGES):
        return ["augment=none"]
    changes = [make_override(f"augment.{name}", given[name]) for name in _CHANGES]
    return ["augment=retrain", *changes, f"augment.views={VIEWS}"]


def _choose_outputs(given: Given) -> list[str]:
    mistakes = [f"test.show_mistakes={_MOST_MISTAKES}"] if given["print_misclassified_test_images"] else []
    formats = ["export.formats=[frozen,saved_model]"] if given["saved_model_dir"] else []
    return [*mistakes, *formats]


def _find_products(given: Given, run_dir: Path) -> tuple[Product, ...]:
    products = [
        Product("output_graph", "export/frozen_graph.pb", Path(given["output_graph"])),
        Product("output_labels", "export/labels.txt", Path(given["output_labels"])),
        Product("summaries_dir", "summaries", Path(given["summaries_dir"]) / run_dir.name, LINK),
    ]
    if given["intermediate_store_frequency"]:
        pattern, place = "export/intermediate/frozen_graph-*.pb", Path(given["intermediate_output_graphs_dir"])
        renamed = ("frozen_graph-", "intermediate_")
        products.append(Product("intermediate_output_graphs_dir", pattern, place, FOUND, renamed))
    if given["saved_model_dir"]:
        products.append(Product("saved_model_dir", "export/saved_model", Path(given["saved_model_dir"]), FOLDER))
    if "checkpoint_path" in given:
        products.append(Product("checkpoint_path", "checkpoints", Path(given["checkpoint_path"]), LINK))
    return tuple(products)


def run_retrain(given: Given) -> None:
    """Plans, prints the plan, trains, and puts the products where the flags say.

    Raises:
        GraphcoreError: flags, pictures or weights that cannot be worked with.
    """
    from graphcore.compat.job import compose, train_plan
    from graphcore.train import check_options

    retrain = plan_retrain(given)
    config = compose(retrain.plan.overrides)  # whatever is wrong with the options is said before the plan is
    _check_pictures(given["image_dir"])
    check_products(retrain.products)
    show_plan("train", retrain.plan.arguments, retrain.plan.differences)
    check_options(config)  # as training does, but before there is a folder and a link to it
    link_products(retrain.products, retrain.plan.run_dir)
    train_plan(retrain.plan, retrain.log_level)
    place_products(retrain.products, retrain.plan.run_dir)


def _check_pictures(folder: str) -> None:
    from graphcore.storage import is_remote  # brings NumPy, which --help does without

    if not is_remote(folder) and not Path(folder).is_dir():
        raise DatasetError(f"--image_dir={folder} is no folder.", next_step="Give the folder with a folder per class.")


def main() -> None:
    """Runs the command."""
    start(flags.RETRAIN, run_retrain)


if __name__ == "__main__":
    main()
