"""What a finished run and its records say of themselves, collected for the report; a missing file is no fault."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from yaml import YAMLError

import graphcore
from graphcore.audit import AUDIT_NAME
from graphcore.audit.findings import FACT, LEAK, WARNING, Audit, parse_audit
from graphcore.evaluation.report.content import DatasetFacts, SplitFacts
from graphcore.timelines.marks import read_marks
from tfrecords.errors import RecordsError
from tfrecords.manifest import Manifest, read_outline

# A run knows its head, and heads are built with TensorFlow, which none of this needs.
if TYPE_CHECKING:
    from graphcore.training.run import Run

# Written by training, as `training.same_run` has it, which knows TensorFlow.
CONFIG = "config.yaml"
# What videos are that somebody gave, whatever would have been drawn without them.
FILMED = "video"
OVERRIDES = Path(".hydra", "overrides.yaml")
REJECTED_NAME = "rejected.csv"
# Above this, videos are not counted frame by frame, at 10 000 a second, but taken from the audit.
MOST_MARKS = 20_000
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LIBRARIES = ("tensorflow", "tf-slim", "numpy", "hydra-core", "av", "pillow")


@dataclass(frozen=True)
class RunFacts:
    """What stands around the figures: fields as those of `ReportContent`."""

    dataset: DatasetFacts | None = None
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


def collect_facts(run: Run, is_filmed: bool | None = None) -> RunFacts:
    """Reads the manifest and the audit beside the run's records, and the options in the run's folder.

    Args:
        run: whose.
        is_filmed: whether somebody gave the videos; None for what the run's options say.
    """
    dataset = read_dataset(run.records, run.dataset_digest)
    if dataset is not None and (has_videos(run.folder) if is_filmed is None else is_filmed):
        dataset = replace(dataset, kind=FILMED)
    return RunFacts(
        dataset=dataset,
        command=read_command(run.folder),
        versions=list_versions(),
    )


def read_dataset(records: Path, digest: str = "") -> DatasetFacts | None:
    """What a folder of records holds; None where it cannot be read.

    Args:
        records: the folder.
        digest: of the records that are meant; others than these are passed over. "" for whatever is there.
    """
    try:
        manifest = read_outline(records)
    except RecordsError:
        return None
    if digest and manifest.digest() != digest:
        return None
    options, audit = manifest.options, _read_audit(records, manifest)
    is_video = options.get("dataset.every_secs") is not None
    rejected = Path(records.parent.name, records.name, REJECTED_NAME).as_posix() if manifest.rejected else ""
    return DatasetFacts(
        name=manifest.name,
        kind=manifest.kind,
        labels=manifest.labels,
        splits=tuple(_describe_split(records, manifest, split, audit) for split in manifest.splits),
        digest=manifest.digest(),
        every_secs=float(options["dataset.every_secs"]) if is_video else None,
        size=options.get("dataset.size"),
        grouped_by=str(options.get("split.group_by", "")),
        rejected=manifest.rejected,
        rejected_file=rejected,
        audit=_describe_audit(audit),
        leaks=audit is not None and bool(audit.leaks),
    )


def has_videos(folder: Path) -> bool:
    """Whether a run was given videos, which takes the place of drawing any."""
    try:
        # Resolved when it was written. OmegaConf, which reads YAML in Python, takes 6 ms for it and this 0.4 ms.
        return yaml.load((folder / CONFIG).read_bytes(), _YAML)["dataset"].get("videos") is not None
    except (OSError, ValueError, YAMLError, KeyError, TypeError, AttributeError):
        return False


def read_command(folder: Path) -> str:
    """The command that made a run, from what Hydra kept of it; "" where it kept nothing."""
    try:
        # OmegaConf, which would load it in Python, takes 10 ms for it.
        overrides = yaml.load((folder / OVERRIDES).read_bytes(), _YAML)
    except (OSError, ValueError, YAMLError):
        return ""
    if not isinstance(overrides, list):
        return ""
    return shlex.join(["train", *(str(one) for one in overrides)])


def list_versions() -> dict[str, str]:
    """The versions of Python, of graphcore and of the libraries that decide figures."""
    return dict(_read_versions())


@functools.lru_cache(maxsize=1)
def _read_versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "graphcore": graphcore.__version__}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _describe_split(records: Path, manifest: Manifest, split: str, audit: Audit | None) -> SplitFacts:
    if sum(manifest.samples(name) for name in manifest.splits) <= MOST_MARKS:
        videos, subjects = _count_marks(records, split, manifest.digest())
    else:
        videos, subjects = (_count_groups(audit, split, kind) for kind in ("video", "subject"))
    return SplitFacts(split, manifest.samples(split), manifest.counts[split], videos, subjects)


# A training reports on two splits of the same records.
@functools.lru_cache(maxsize=8)
def _count_marks(records: Path, split: str, digest: str) -> tuple[int, int]:
    """How many videos and subjects the samples of a split are from; `digest` is that of the records."""
    try:
        marks = read_marks(records, split)
    except RecordsError:
        return 0, 0
    return len(set(marks.videos) - {""}), len(set(marks.subjects) - {""})


def _count_groups(audit: Audit | None, split: str, kind: str) -> int:
    if audit is None or audit.grouped_by != kind or split not in audit.groups:
        return 0
    return audit.groups[split].count


def _describe_audit(audit: Audit | None) -> tuple[str, ...]:
    if audit is None:
        return ()
    verdict = "The splits leak: figures of this page are too good." if audit.leaks else "No leakage was found."
    heads = {FACT: "", WARNING: "Warning: ", LEAK: "Leak: "}
    return (verdict, *(f"{heads.get(one.severity, '')}{one.summary.rstrip('.')}." for one in audit.findings))


def _read_audit(records: Path, manifest: Manifest) -> Audit | None:
    try:
        values: dict[str, Any] = json.loads((records / AUDIT_NAME).read_bytes())
        # An audit of records that were since converted anew says nothing of these.
        return parse_audit(values["audit"]) if values["made_of"]["records"] == manifest.digest() else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
