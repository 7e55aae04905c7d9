"""`python -m graphcore.compat.train_image_classifier --dataset_dir RECORDS ...`: slim's training command line."""

from __future__ import annotations

from graphcore.compat.flag import Given
from graphcore.compat.show import show_plan
from graphcore.compat.start import start
from graphcore.compat.train_flags import TRAIN


def run_training(given: Given) -> None:
    """Plans, prints the plan, and trains in `--train_dir`.

    Raises:
        GraphcoreError: flags, records or weights that cannot be worked with.
    """
    from graphcore.compat.job import compose, train_plan
    from graphcore.compat.train_plan import plan_training

    plan = plan_training(given)
    compose(plan.overrides)  # whatever is wrong with the options is said before the plan is
    show_plan("train", plan.arguments, plan.differences, plan.environment)
    train_plan(plan)


def main() -> None:
    """Runs the command."""
    start(TRAIN, run_training)


if __name__ == "__main__":
    main()
