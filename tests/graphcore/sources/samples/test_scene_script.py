"""Scripts of scenes: no gaps, whole segments, about half suturing."""

from __future__ import annotations

import numpy as np
import pytest

from graphcore.sources.samples.scene_script import OTHERS, STITCH, action_at, plan_script


@pytest.mark.parametrize("duration_secs", [2.0, 24.0, 40.0, 300.0])
@pytest.mark.parametrize("seed", range(5))
def test_actions_follow_each_other_without_gaps(duration_secs: float, seed: int) -> None:
    script = plan_script(duration_secs, np.random.default_rng(seed))
    assert script.actions[0].start == 0
    assert script.actions[-1].end == duration_secs
    for earlier, later in zip(script.actions[:-1], script.actions[1:], strict=True):
        assert earlier.end == later.start
        assert earlier.start < earlier.end


@pytest.mark.parametrize("seed", range(20))
def test_segments_are_exactly_the_times_of_stitches(seed: int) -> None:
    script = plan_script(40.0, np.random.default_rng(seed))
    for time_secs in np.arange(0, 40, 0.05):
        inside = any(start <= time_secs < end for start, end in script.segments)
        assert inside == (action_at(script, time_secs).kind == STITCH)


@pytest.mark.parametrize("seed", range(20))
def test_suturing_takes_about_half_the_time(seed: int) -> None:
    script = plan_script(40.0, np.random.default_rng(seed))
    share = sum(end - start for start, end in script.segments) / 40
    assert 0.41 < share < 0.59


def test_stitches_are_numbered_in_order() -> None:
    script = plan_script(60.0, np.random.default_rng(0))
    sites = [a.site for a in script.actions if a.kind == STITCH]
    assert sites == list(range(script.stitches))


def test_other_work_varies() -> None:
    kinds = {a.kind for s in range(6) for a in plan_script(40.0, np.random.default_rng(s)).actions}
    assert kinds == {STITCH, *OTHERS}


def test_last_action_lasts() -> None:
    script = plan_script(10.0, np.random.default_rng(0))
    assert action_at(script, 99.0) == script.actions[-1]
