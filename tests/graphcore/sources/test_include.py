from __future__ import annotations

import pytest

from graphcore.sources.include import ALL, compile_patterns


@pytest.mark.parametrize(
    ("patterns", "path", "fits"),
    [
        (ALL, "a/anything", True),
        (["*.jpg"], "a/1.JPG", True),
        (["*.JPG", "*.png"], "1.png", True),
        (["*.jpg"], "a.jpg/1.png", False),
        (["IMG_[0-9]*"], "a/img_7.tif", True),
        (["a/*.jpg"], "a/1.jpg", False),
        (["*" * 40 + "b"], "a" * 200, False),
    ],
)
def test_patterns_are_compared_with_file_names_and_case_does_not_matter(patterns, path, fits):
    assert compile_patterns(patterns)(path) is fits
