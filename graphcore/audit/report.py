"""An audit as a person reads it: who is where, what was found, and a verdict with the way out."""

from __future__ import annotations

from graphcore import console
from graphcore.audit.findings import WARNING, Audit, Finding

_CLASSES_SHOWN = 40


def show_audit(audit: Audit) -> None:
    """Prints the whole report; the verdict is its last line."""
    splits = list(audit.samples)
    console.show_table(f"{audit.name}: samples", ["class", *splits], _list_classes(audit, splits))
    if audit.grouped_by:
        rows = [[split, one.count, _name_first(one.first, one.count)] for split, one in audit.groups.items()]
        console.show_table(f"{audit.name}: by {audit.grouped_by}", ["split", f"{audit.grouped_by}s", "such as"], rows)
    if audit.findings:
        found = [[finding.severity, finding.summary] for finding in audit.findings]
        console.show_table(f"{audit.name}: findings", ["what", "found"], found)
    for finding in audit.findings:
        if finding.rows:
            console.show_table(_head(finding), finding.columns, finding.rows)
    console.say(describe_verdict(audit))


def describe_verdict(audit: Audit) -> str:
    """One paragraph: that nothing was found, or what leaks and what to do about it."""
    if audit.leaks:
        return f"Leakage:\n{describe_leaks(audit)}"
    warnings = sum(finding.severity == WARNING for finding in audit.findings)
    but = f", but see the {'warnings' if warnings > 1 else 'warning'} above" if warnings else ""
    return f"No leakage found in {sum(audit.samples.values()):,} samples{but}."


def describe_leaks(audit: Audit) -> str:
    """A line for each leak, then one for each way out."""
    leaks = [f"  {finding.summary}" for finding in audit.leaks]
    remedies = [f"Way out: {remedy}." for remedy in dict.fromkeys(finding.remedy for finding in audit.leaks)]
    return "\n".join([*leaks, *remedies])


def _list_classes(audit: Audit, splits: list[str]) -> list[list[object]]:
    rows: list[list[object]] = [
        [label, *(audit.classes[split].get(label, 0) for split in splits)] for label in audit.labels
    ]
    rest = rows[_CLASSES_SHOWN:]
    if rest:
        rows = [*rows[:_CLASSES_SHOWN], [f"{len(rest)} more", *("" for _ in splits)]]
    return [*rows, ["all samples", *(audit.samples[split] for split in splits)]]


def _name_first(names: tuple[str, ...], count: int) -> str:
    return ", ".join(names) + (", ..." if count > len(names) else "")


def _head(finding: Finding) -> str:
    more = f", {len(finding.rows)} of {finding.count}" if finding.count > len(finding.rows) else ""
    return f"{finding.title}{more}"
