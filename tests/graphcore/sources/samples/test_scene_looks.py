"""Looks: decided by number and seed, unlike their neighbours, threads one can see."""

from __future__ import annotations

import numpy as np
import pytest

from graphcore.sources.samples.scene_looks import TISSUES, choose_look, shade


def test_look_is_decided_by_number_and_seed() -> None:
    assert choose_look(3, seed=0) == choose_look(3, seed=0)
    assert choose_look(3, seed=0) != choose_look(3, seed=1)


def test_as_many_neighbours_as_there_are_tissues_all_differ() -> None:
    wounds = {choose_look(index, seed=0).wound for index in range(len(TISSUES))}
    assert len(wounds) == len(TISSUES)


@pytest.mark.parametrize("index", range(24))
def test_thread_stands_out_from_its_tissue(index: int) -> None:
    look = choose_look(index, seed=0)
    assert np.linalg.norm(np.subtract(look.thread, look.tissue)) > 90


def test_shade_darkens_and_lightens() -> None:
    assert shade((100.0, 50.0, 0.0), 0.5) == (50.0, 25.0, 0.0)
    assert shade((155.0, 55.0, 255.0), 1.5) == (205.0, 155.0, 255.0)
