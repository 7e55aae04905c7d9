"""What the classifier was trained and tested on, and whether the splits can be trusted."""

from __future__ import annotations

from graphcore.console import count_of, show_count
from graphcore.evaluation.report.content import DatasetFacts
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.tables import fold, make_table

# More classes are folded up; still more are in dataset.json alone.
MOST_OPEN, MOST_ROWS = 40, 1000
UNKNOWN = "Nothing is known of leakage between the splits: run python -m graphcore.audit on the same options."


def make_dataset_section(dataset: DatasetFacts | None) -> Section | None:
    """Counts, videos and subjects by split, how it was sampled, what was left out, and the audit's verdict."""
    if dataset is None:
        return None
    parts = [make_table([], [list(pair) for pair in _list_facts(dataset)]), _make_counts(dataset)]
    verdict, *found = dataset.audit or (UNKNOWN,)
    parts += [tag("h3", "Copies of what was trained on" if dataset.whole else "The audit")]
    parts += [tag("p", verdict, class_="lead"), *(make_note(one) for one in found)]
    return Section("The data", join(parts), "data")


def _list_facts(dataset: DatasetFacts) -> list[tuple[str, str]]:
    facts = [("dataset", f"{dataset.name} ({dataset.kind})")]
    if dataset.every_secs is not None:
        facts.append(("sampled", f"a frame every {dataset.every_secs:g} s"))
    if dataset.size is not None:
        facts.append(("pictures", f"shrunk to {dataset.size} pixels"))
    if dataset.whole:
        facts.append(("tested on", f"every {'picture' if dataset.every_secs is None else 'frame'} of {dataset.name}"))
    elif dataset.grouped_by:
        facts.append(("split by", f"{dataset.grouped_by}: none stands on two sides"))
    if dataset.rejected:
        facts.append(("left out", f"{count_of(dataset.rejected, 'input')}, listed in {dataset.rejected_file}"))
    else:
        facts.append(("left out", "nothing"))
    if dataset.digest:
        facts.append(("identity", f"{dataset.digest[:12]} (the beginning of its digest)"))
    return facts


def _make_counts(dataset: DatasetFacts) -> Html:
    columns = ["", *("all" if dataset.whole else split.name for split in dataset.splits)]
    whole = [["all samples", *(show_count(split.samples) for split in dataset.splits)]]
    for noun, numbers in (
        ("videos", [split.videos for split in dataset.splits]),
        ("subjects", [split.subjects for split in dataset.splits]),
    ):
        if any(numbers):
            whole.append([noun, *map(show_count, numbers)])
    classes = [
        [label, *(show_count(split.counts.get(label, 0)) for split in dataset.splits)]
        for label in dataset.labels[:MOST_ROWS]
    ]
    numbers = len(dataset.splits)
    if len(classes) <= MOST_OPEN:
        return make_table(columns, [*whole, *classes], numbers)
    table = make_table(["class", *columns[1:]], classes, numbers)
    all_of = "All" if len(classes) == len(dataset.labels) else f"The first {MOST_ROWS:,} of"
    return join([make_table(columns, whole, numbers), fold(f"{all_of} {len(dataset.labels):,} classes", table)])
