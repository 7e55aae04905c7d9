"""Options of splits, of the audit between them, and of shards."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.config.checks import between, one_of
from graphcore.errors import ConfigError

GROUPINGS = ("file", "video", "recording", "subject")
"""What `split.group_by` keeps together."""


@dataclass
class SplitConfig:
    """How samples are divided: by shares in percent that sum to 100, by lists of groups, or by folds.

    A `group_by` of None becomes, within a `Config`, the one that suits the dataset; see `settle_groups`.
    """

    train: float = 80.0
    validation: float = 10.0
    test: float = 10.0
    group_by: str | None = "file"
    validation_groups: list[str] | None = None
    test_groups: list[str] | None = None
    folds: int | None = None
    fold: int | None = None
    stratify_by: str = "none"
    given: str = "use"
    require_every_class: bool = True

    def __post_init__(self) -> None:
        for name, share in self.shares().items():
            between(f"split.{name}", share, 0, 100, "percent")
        total = sum(self.shares().values())
        if abs(total - 100) > 1e-6:
            given = " ".join(f"split.{name}={share:g}" for name, share in self.shares().items())
            raise ConfigError(f"The shares of the splits sum to {total:g}, not 100: {given}.")
        if self.train == 0:
            raise ConfigError("split.train=0 leaves nothing to train on.")
        if self.group_by is not None:
            one_of("split.group_by", self.group_by, GROUPINGS)
        one_of("split.stratify_by", self.stratify_by, ("none", "samples", "time"))
        one_of("split.given", self.given, ("use", "ignore"))
        self._check_lists()
        self._check_folds()

    @property
    def grouping(self) -> str:
        """What is kept together, one of `GROUPINGS`."""
        return self.group_by or "file"

    def settle_groups(self, of_videos: bool) -> None:
        """Keeps videos whole where nobody said what must stay together: their frames are no samples of their own."""
        if self.group_by is None:
            self.group_by = "video" if of_videos else "file"
            self._check_lists()

    def _check_lists(self) -> None:
        lists = {"validation_groups": self.validation_groups, "test_groups": self.test_groups}
        named = [name for name, groups in lists.items() if groups is not None]
        if named and self.group_by == "file":
            raise ConfigError(
                f"split.{named[0]} names groups, and split.group_by=file makes none.", choices=GROUPINGS[1:]
            )
        both = sorted(set(self.validation_groups or ()) & set(self.test_groups or ()))
        if both:
            raise ConfigError(f"split.validation_groups and split.test_groups both name {', '.join(both)}.")

    def _check_folds(self) -> None:
        if (self.folds is None) != (self.fold is None):
            raise ConfigError(
                f"split.fold={self.fold} and split.folds={self.folds} go together.",
                next_step="Give both, such as split.fold=2 split.folds=7; -m split.fold=1,2,3 runs several.",
            )
        if self.folds is None or self.fold is None:
            return
        least = 3 if self.validation else 2
        why = "one to test on, one to validate on, one to train on (split.validation=0 does with 2)"
        if self.folds < least:
            raise ConfigError(f"split.folds={self.folds} is too few: {least} or more, {why}.")
        between("split.folds", self.folds, 2, 10_000)
        between("split.fold", self.fold, 1, self.folds, "of split.folds")
        if self.validation_groups is not None or self.test_groups is not None:
            raise ConfigError(
                "split.folds and lists of groups both say who tests.",
                next_step="For folds add split.validation_groups=null split.test_groups=null.",
            )
        if not self.test:
            raise ConfigError("split.test=0 and split.folds contradict each other: each fold tests once.")

    def shares(self) -> dict[str, float]:
        """Percent by split, in the order train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


@dataclass
class AuditConfig:
    """What counts as leakage between the splits, and what becomes of a dataset that leaks."""

    on_leakage: str = "refuse"
    similar_bits: int = 20
    tolerated_percent: float = 1.0

    def __post_init__(self) -> None:
        one_of("audit.on_leakage", self.on_leakage, ("refuse", "warn"))
        between("audit.similar_bits", self.similar_bits, 0, 64, "of 256")
        between("audit.tolerated_percent", self.tolerated_percent, 0, 100, "percent")


@dataclass
class ShardsConfig:
    """How records are cut into files. `workers=0` uses every core."""

    size_mib: float = 64.0
    workers: int = 0

    def __post_init__(self) -> None:
        between("shards.size_mib", self.size_mib, 0.001, 65_536, "MiB")
        between("shards.workers", self.workers, 0, 1024)
