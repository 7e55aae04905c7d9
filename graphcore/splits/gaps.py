"""Classes that are missing from a split, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graphcore.config import SplitConfig
from graphcore.errors import DatasetError
from graphcore.splits.item import SplitItem, list_labels, name_groups
from graphcore.splits.unit import Unit

EARLIER_STAY = "Earlier samples keep their split; remove splits.json from the folder of records to divide anew."

_CLASSES_NAMED = 30
_ADVICE = "Add data, or set a share to 0 (split.test=0 split.train=90), or split.require_every_class=false."
_ADVICE_FOLDS = "Add data, or take fewer folds, or set split.require_every_class=false."


def find_gaps(
    labels: Iterable[str | tuple[str, ...]], splits: Iterable[str], config: SplitConfig
) -> dict[str, list[str]]:
    """The splits of a non-zero share that each class is missing from; classes without a gap are left out.

    Args:
        labels: for each sample, or unit of them, the name of its class, or the names of its classes.
        splits: for each its split.
        config: says which splits there are.
    """
    wanted = [name for name, share in config.shares().items() if share > 0]
    pairs = set(zip(labels, splits, strict=True))
    present = {(label, split) for several, split in pairs for label in list_labels(several)}
    gaps = {
        label: [split for split in wanted if (label, split) not in present]
        for label in sorted({label for label, _ in present})
    }
    return {label: missing for label, missing in gaps.items() if missing}


def explain_gaps(
    gaps: Mapping[str, Sequence[str]],
    samples: Iterable[SplitItem],
    units: Iterable[Unit],
    config: SplitConfig,
    has_known: bool = False,
) -> DatasetError:
    """The error that names every gap, with the numbers behind it and the ways out.

    Args:
        gaps: the splits each class is missing from.
        samples: all of them.
        units: all of them.
        config: how they were divided.
        has_known: whether an earlier conversion had a say.
    """
    sample_counts = Counter(label for sample in samples for label in set(list_labels(sample.label)))
    holders: dict[str, list[Unit]] = {label: [] for label in gaps}
    for unit in units:
        for label in unit.labels.keys() & gaps.keys():
            holders[label].append(unit)
    lines = [
        f"  {label}: {len(holders[label])} {name_groups(config)} ({sample_counts[label]} samples), "
        f"missing from {', '.join(missing)}{_say_why(holders[label], missing, config)}"
        for label, missing in list(gaps.items())[:_CLASSES_NAMED]
    ]
    if len(gaps) > _CLASSES_NAMED:
        lines.append(f"  and {len(gaps) - _CLASSES_NAMED} more classes")
    is_scarce = any(len(found) < _count_splits(config) for found in holders.values())
    return DatasetError("\n".join([_say_head(is_scarce, config), *lines]), next_step=_advise(config, has_known))


def _count_splits(config: SplitConfig) -> int:
    return sum(share > 0 for share in config.shares().values())


def _say_head(is_scarce: bool, config: SplitConfig) -> str:
    splits = ", ".join(name for name, share in config.shares().items() if share > 0)
    if config.folds:
        return f"Not every class is in {splits} of fold {config.fold} of {config.folds}:"
    if not is_scarce:
        return f"Not every class is in {splits}:"
    least = f"each class needs at least {_count_splits(config)} {name_groups(config)}"
    return f"Too few samples to have every class in {splits}; {least}:"


def _say_why(holders: Sequence[Unit], missing: Sequence[str], config: SplitConfig) -> str:
    if config.folds:
        folds = sorted({int(unit.place.removeprefix("fold ")) for unit in holders})
        shown = ", ".join(map(str, folds[:10])) + (", ..." if len(folds) > 10 else "")
        return f"; all in fold{'s' if len(folds) > 1 else ''} {shown}"
    if len(holders) < _count_splits(config):
        return ""
    bound = sum(not set(missing) <= set(unit.allowed) for unit in holders)
    return f"; {bound} of them may not go there" if bound else "; other classes need the ones it has"


def _advise(config: SplitConfig, has_known: bool) -> str:
    advice = [_ADVICE_FOLDS if config.folds else _ADVICE]
    has_lists = config.validation_groups is not None or config.test_groups is not None
    if has_lists:
        advice.append("Or list other groups.")
    elif config.given == "use" and not config.folds:
        advice.append("Where the inputs give splits, split.given=ignore divides everything here.")
    if has_known:
        advice.append(EARLIER_STAY)
    return "\n".join(advice)
