"""Pictures of fractals: their shape, their variety, the figure apart from its ground."""

from __future__ import annotations

import numpy as np

from graphcore.sources.samples.fractal_pictures import choose_look, draw_pictures, vary_look
from graphcore.sources.samples.fractal_systems import choose_system


def _draw(seed: int, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return list(draw_pictures(choose_system(rng), choose_look(rng), count, 48, rng))


def test_pictures_have_the_size_asked_for() -> None:
    pictures = _draw(0, 19)  # more than one batch, and not a whole number of them
    assert len(pictures) == 19
    assert all(p.shape == (48, 48, 3) and p.dtype == np.uint8 for p in pictures)


def test_same_seed_same_pictures() -> None:
    np.testing.assert_array_equal(_draw(5, 4), _draw(5, 4))


def test_instances_of_a_class_differ() -> None:
    pictures = np.array(_draw(1, 6), float)
    gaps = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[:i]]
    assert min(gaps) > 5


def test_no_picture_is_empty() -> None:
    for picture in _draw(2, 16):
        assert picture.reshape(-1, 3).astype(float).std(0).max() > 8


def test_most_pictures_of_a_class_keep_to_its_colours_and_some_do_not() -> None:
    rng = np.random.default_rng(3)
    look = choose_look(rng)
    gaps = np.array([np.abs(vary_look(look, rng).phase - look.phase).max() for _ in range(300)])
    # Kept phases stray by normal(0, 0.06) in each of three channels; free ones by anything up to 1.
    assert 0.7 < (gaps < 0.24).mean() < 0.9
