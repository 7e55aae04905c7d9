import pytest

from graphcore.errors import RunError
from graphcore.inference.traits import Traits, read_traits
from graphcore.timelines.segmenting import Segmenting
from graphcore.training.run import Run


def make_run(folder, **fields):
    return Run(folder, ("a", "b"), "mobilenet_v1", 0.25, 128, folder, "digest", folder, **fields)


def test_a_run_says_how_it_was_trained_and_what_it_chose(tmp_path):
    run = make_run(
        tmp_path,
        dataset_options={"dataset.every_secs": 0.5, "dataset.size": 96, "dataset.quality": None},
        thresholds=[0.25, 0.75],
        temperature=1.5,
        segmenting={"enter": 0.8, "leave": 0.3, "min_secs": 2.0, "merge_secs": 1.0},
    )

    traits = read_traits(run)

    assert (traits.every_secs, traits.picture_options.size) == (0.5, 96)
    assert traits.picture_options.quality == Traits().picture_options.quality
    assert (traits.thresholds, traits.temperature) == ((0.25, 0.75), 1.5)
    assert traits.segmenting == Segmenting(0.8, 0.3, 2.0, 1.0)


def test_a_run_of_pictures_leaves_all_at_the_defaults(tmp_path):
    assert read_traits(make_run(tmp_path)) == Traits(has_run=True)


def test_segments_of_another_version_are_named(tmp_path):
    with pytest.raises(RunError, match=r"cannot be used: segmenting has 'shortest'; known are enter(.|\n)*Train"):
        read_traits(make_run(tmp_path, segmenting={"shortest": 3}))
