"""Whether held-out samples are new to the network: looks for whatever stands on both sides of a split.

Works on finished records, whoever made them, and remembers its result beside them. What is a leak, what a warning and
what merely a fact is said in `leaks` and `duplicates`; how alike is the same picture, in `perceptual`.

A camera that does not move makes frames of different people alike wherever nobody is in the picture, and they count as
copies: the same wall in training and test is no news to the network. Where that is meant (a room that every test will
have too), raise `audit.tolerated_percent` to the share that was reported, lower `audit.similar_bits`, or leave frames
without people out with `dataset.labels`; where it is not, group by room or camera. Somebody in the picture makes it
another picture, however much of it is wall: all 272 cells must agree.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphcore import atomic, console
from graphcore.audit.duplicates import find_duplicates
from graphcore.audit.findings import FACT, LEAK, WARNING, Audit, Groups, parse_audit, to_json
from graphcore.audit.leaks import find_straddlers
from graphcore.audit.report import describe_leaks
from graphcore.audit.scan import Facts, Scan, scan_records
from graphcore.config import AuditConfig
from graphcore.errors import DatasetError
from graphcore.natural_order import natural_order
from tfrecords.manifest import Manifest, read_outline

logger = logging.getLogger(__name__)

AUDIT_NAME = "audit.json"

_VERSION = 1
"""Raised when the same records and options give another audit: all that exist are stale then."""

_GROUPS_NAMED = 10


def require_clean(folder: Path, options: AuditConfig) -> Audit:
    """Audits records before anything is trained on them.

    Returns:
        The audit; with `on_leakage="warn"` it may have leaks, and a warning was printed.

    Raises:
        DatasetError: they leak; the message says how to mend it, and how to go on regardless.
        RecordsError: the records are missing or damaged.
    """
    audit = read_or_audit(folder, options)
    if audit.leaks:
        problem = f"The splits of {folder} leak:\n{describe_leaks(audit)}"
        details = "python -m graphcore.audit shows the samples"
        if options.on_leakage == "refuse":
            raise DatasetError(
                problem, next_step=f"Mend it, or add audit.on_leakage=warn to go on regardless; {details}."
            )
        console.warn(f"{problem}\nFigures on held-out samples will be too good; {details}.")
    return audit


def read_or_audit(folder: Path, options: AuditConfig) -> Audit:
    """The audit of records; at no cost when the same records were audited with the same options before.

    Raises:
        RecordsError: the records are missing or damaged.
    """
    manifest = read_outline(folder)
    made_of = _describe(manifest, options)
    path = folder / AUDIT_NAME
    try:
        values = json.loads(path.read_bytes())
        if values["made_of"] == made_of and _is_whole(folder, manifest):
            return parse_audit(values["audit"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        logger.debug("no audit to go by in %s", path, exc_info=True)  # none yet, or damaged: made anew
    audit = audit_records(folder, options)
    try:
        atomic.write_json(path, {"made_of": made_of, "audit": to_json(audit)})
    except OSError as error:
        console.warn(f"{path} cannot be written: {error.strerror}; the next audit starts from nothing")
    return audit


def audit_records(folder: Path, options: AuditConfig) -> Audit:
    """Audits records: reads every sample once.

    Raises:
        RecordsError: the records are missing or damaged.
    """
    manifest = read_outline(folder)
    return judge(scan_records(folder), manifest, options)


def judge(scan: Scan, manifest: Manifest, options: AuditConfig) -> Audit:
    """What a scan amounts to. Pure.

    Args:
        scan: all samples.
        manifest: of the records they are from; its inputs are not looked at.
        options: what counts as leakage.
    """
    group_by = str(manifest.options.get("split.group_by", "file"))
    findings = [
        *find_straddlers(scan.facts, group_by),
        *find_duplicates(scan, manifest.labels, options),
    ]
    field = _find_grouping(scan.facts)
    return Audit(
        name=manifest.name,
        labels=manifest.labels,
        classes=manifest.counts,
        samples={split: manifest.samples(split) for split in manifest.splits},
        grouped_by=group_by if field == "group" and group_by != "file" else field.removesuffix("_id"),
        groups={split: _list_groups(scan.facts, split, field) for split in manifest.splits} if field else {},
        findings=tuple(sorted(findings, key=lambda finding: (LEAK, WARNING, FACT).index(finding.severity))),
    )


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether all shards are there in full, at a glance. Where not, who reads them says which."""
    try:
        return all((folder / shard.name).stat().st_size == shard.size_bytes for shard in manifest.shards)
    except OSError:
        return False


def _describe(manifest: Manifest, options: AuditConfig) -> dict[str, Any]:
    """Everything that decides an audit, as JSON gives it back."""
    return {
        "version": _VERSION,
        "records": manifest.digest(),
        "split.group_by": manifest.options.get("split.group_by"),
        "audit.similar_bits": options.similar_bits,
        "audit.tolerated_percent": options.tolerated_percent,
    }


def _find_grouping(facts: Sequence[Facts]) -> str:
    """The field of `Facts` that tells groups apart; empty where none is filled."""
    return next((field for field in ("group", "video_id", "subject") if any(getattr(one, field) for one in facts)), "")


def _list_groups(facts: Sequence[Facts], split: str, field: str) -> Groups:
    names = {name for one in facts if one.split == split and (name := getattr(one, field))}
    return Groups(len(names), tuple(sorted(sorted(names), key=natural_order)[:_GROUPS_NAMED]))
