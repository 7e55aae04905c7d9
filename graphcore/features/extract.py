"""The feature pass: every picture of a split through the frozen backbone, once, or once a view.

What is there already is read, and what a killed pass has done is gone on from.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphcore import console
from graphcore.config import AugmentConfig
from graphcore.errors import DatasetError
from graphcore.features import memory
from graphcore.features.executor import AUTO
from graphcore.features.forward import iterate_features
from graphcore.features.store import FeatureSet, FeatureStore, plan_folder
from graphcore.graph.program import Program
from graphcore.inputs.pipeline import View
from graphcore.nets.backbone import Backbone
from graphcore.nets.frozen import FrozenBackbone
from tfrecords.manifest import read_outline


@dataclass(frozen=True)
class Extraction:
    """The features of one split, and what they cost.

    Attributes:
        found: the features.
        seconds: how long it took to have them.
        extracted: pictures that went through the network for them, each view counted.
    """

    found: FeatureSet
    seconds: float
    extracted: int

    @property
    def cached(self) -> bool:
        """Whether the features lay there already."""
        return not self.extracted

    @property
    def images_per_second(self) -> float:
        """Pictures a second, extracted or read."""
        return (self.extracted or len(self.found) * self.found.views) / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class _Split:
    """What goes through the network: the shards of a split and the samples in each."""

    name: str
    paths: list[Path]
    samples: list[int]
    num_labels: int | None

    @property
    def count(self) -> int:
        return sum(self.samples)


def get_features(
    records: Path,
    split: str,
    backbone: Backbone,
    frozen: FrozenBackbone,
    features_dir: Path,
    batch_size: int = 64,
    augmentation: AugmentConfig | None = None,
    seed: int = 0,
    executor: str = AUTO,
) -> Extraction:
    """The features of a split, from the cache or extracted into it; a pass that was killed goes on.

    Args:
        records: a folder of shards with its dataset.json.
        split: "train", "validation" or "test"; one without samples gives empty arrays.
        backbone: the network, for its input specification and feature size.
        frozen: the same network with its weights.
        features_dir: the cache; one folder a dataset, network, input specification and view below it.
        batch_size: pictures a forward pass.
        augmentation: its number of views of every picture of "train", changed as it says, in place of the
            picture as it is; no other split is ever changed.
        seed: of the changes.
        executor: see `open_forward`.

    Raises:
        ConfigError: this executor cannot run the network.
        RecordsError: the folder is not a finished dataset.
        DatasetError: a shard cannot be read, or holds another number of samples than dataset.json says.
    """
    started = time.monotonic()
    manifest = read_outline(records)
    shards = [shard for shard in manifest.shards if shard.split == split]
    source = _Split(
        split,
        [records / shard.name for shard in shards],
        [shard.samples for shard in shards],
        len(manifest.labels) if manifest.multi_label else None,
    )
    # Not the executor: what two of them differ by is a rounding, as between two processors, which are not named either.
    digests = (manifest.digest(), frozen.digest, backbone.input_spec.digest())
    views = plan_views(split, augmentation, seed)
    identities = [None if view is None else view.identity() for view in views]
    stores = [FeatureStore(plan_folder(features_dir, *digests, identity)) for identity in identities]
    if (kept := memory.recall(memory.identify(stores, split))) is not None:
        return Extraction(kept, time.monotonic() - started, 0)
    found, extracted = [], 0
    for view, store in zip(views, stores, strict=True):
        if (cached := store.read(split, source.count, source.num_labels)) is None:
            extracted += _extract(source, store, backbone, frozen.program, batch_size, executor, view)
            cached = store.read(split, source.count, source.num_labels)
        if cached is None:
            raise DatasetError(
                f"{store.folder} does not give back what was written to it.", next_step="Check the disk."
            )
        found.append(cached)
    joined = memory.remember(memory.identify(stores, split), _join(found))
    return Extraction(joined, time.monotonic() - started, extracted)


def plan_views(split: str, augmentation: AugmentConfig | None, seed: int) -> list[View | None]:
    """The passes that a split takes; None is the pictures as they are."""
    if split != "train" or augmentation is None or not augmentation.views:
        return [None]
    return [View(augmentation, seed, number) for number in range(augmentation.views)]


def plan_start(samples: Sequence[int], done: int) -> tuple[int, int]:
    """Where a pass goes on after `done` samples: the shard, and how many samples of it are left out.

    Args:
        samples: of each shard.
        done: how many samples of all of them are there.
    """
    for number, count in enumerate(samples):
        if done < count:
            return number, done
        done -= count
    return len(samples), 0


def _extract(
    source: _Split,
    store: FeatureStore,
    backbone: Backbone,
    program: Program,
    batch_size: int,
    executor: str,
    view: View | None,
) -> int:
    title = f"Features of {source.name}"
    if view is not None:
        title += f", view {view.number + 1} of {view.augmentation.views}"
    with store.write(source.name, source.count, backbone.feature_size, source.num_labels) as writer:
        done = len(writer.keys)
        if done:
            console.say(f"{title}: {done:,} of {source.count:,} pictures are there from before")
        shard, skip = plan_start(source.samples, done)
        batches = iterate_features(
            source.paths[shard:],
            backbone,
            program,
            batch_size,
            executor,
            num_labels=source.num_labels,
            view=view,
            skip=skip,
            first_index=done,
        )
        with console.progress(title, source.count - done, "pictures") as advance:
            for features, labels, keys in batches:
                writer.add(features, labels, keys)
                advance(len(labels))
    return source.count - done


def _join(found: list[FeatureSet]) -> FeatureSet:
    first = found[0]
    if len(found) == 1:
        return first
    return FeatureSet(np.concatenate([each.features for each in found]), first.labels, first.keys, len(found))
