"""What an audit found, as values: they are printed, and kept beside the records as `audit.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LEAK = "leak"
WARNING = "warning"
FACT = "fact"

EXAMPLES = 5
"""Rows of a finding that are shown; all are counted."""


@dataclass(frozen=True)
class Finding:
    """One kind of thing that was found between two splits, or in all.

    Attributes:
        kind: "video", "group", "subject", "copy", "lookalike", "contradiction" or "flat".
        severity: LEAK, WARNING or FACT.
        splits: where; the one that may have learnt from the other comes first.
        title: a few words.
        count: how many videos, groups, subjects or samples it is about.
        summary: one sentence.
        remedy: what to do, a clause; empty where there is nothing to do.
        columns: names of the columns of `rows`.
        rows: a few examples.
    """

    kind: str
    severity: str
    splits: tuple[str, ...]
    title: str
    count: int
    summary: str
    remedy: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Groups:
    """How many groups a split has, and the names of the first."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """Everything that an audit reports.

    Attributes:
        name: the dataset's.
        labels: class names.
        classes: samples by split, then by class name.
        samples: samples by split.
        grouped_by: what the groups are, such as "video" or "subject"; empty where there are none.
        groups: by split.
        findings: the worst first.
    """

    name: str
    labels: tuple[str, ...]
    classes: Mapping[str, Mapping[str, int]]
    samples: Mapping[str, int]
    grouped_by: str
    groups: Mapping[str, Groups]
    findings: tuple[Finding, ...]

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """What makes figures on held-out samples too good."""
        return tuple(finding for finding in self.findings if finding.severity == LEAK)


def to_json(audit: Audit) -> dict[str, Any]:
    """The audit as plain values."""
    return asdict(audit)


def parse_audit(values: Any) -> Audit:
    """Reads what `to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is something else.
    """
    return Audit(
        name=str(values["name"]),
        labels=tuple(values["labels"]),
        classes={split: dict(counts) for split, counts in values["classes"].items()},
        samples=dict(values["samples"]),
        grouped_by=str(values["grouped_by"]),
        groups={split: Groups(int(one["count"]), tuple(one["first"])) for split, one in values["groups"].items()},
        findings=tuple(_parse_finding(one) for one in values["findings"]),
    )


def _parse_finding(values: Mapping[str, Any]) -> Finding:
    tuples = {name: tuple(values[name]) for name in ("splits", "columns")}
    return Finding(**{**values, **tuples, "rows": tuple(tuple(row) for row in values["rows"])})
