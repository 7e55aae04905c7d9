import json

import pytest

from graphcore.errors import ConfigError
from graphcore.nets.input_spec import InputSpec


def test_json_and_back_is_the_same():
    for spec in (InputSpec(160, low=0.0, high=1.0, crop_fraction=0.9, grayscale=True), InputSpec.off_means(224)):
        assert InputSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_off_means_is_how_vgg_was_trained():
    spec = InputSpec.off_means(224)
    assert (spec.image_size, spec.low, spec.high, spec.crop_fraction) == (224, 0.0, 255.0, 0.875)
    assert (spec.mean, spec.keep_aspect, spec.grayscale) == ((123.68, 116.779, 103.939), True, False)


def test_equal_specs_have_equal_digests():
    assert InputSpec(160).digest() == InputSpec(160, -1.0, 1.0, 0.875).digest()


@pytest.mark.parametrize(
    "other",
    [
        InputSpec(128),
        InputSpec(160, low=0.0),
        InputSpec(160, high=2.0),
        InputSpec(160, crop_fraction=1.0),
        InputSpec(160, mean=(1.0, 2.0, 3.0)),
        InputSpec(160, keep_aspect=True),
        InputSpec(160, grayscale=True),
    ],
)
def test_any_field_changes_the_digest(other):
    assert other.digest() != InputSpec(160).digest()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image_size": 0}, "image_size is 0"),
        ({"image_size": 8, "low": 1.0}, "low must be below high"),
        ({"image_size": 8, "crop_fraction": 0.0}, r"crop_fraction is 0.0; it must lie in \(0, 1\]"),
        ({"image_size": 8, "mean": (1.0,)}, r"mean is \(1.0,\); it must have three values"),
    ],
)
def test_impossible_values_are_told(fields, message):
    with pytest.raises(ConfigError, match=message):
        InputSpec(**fields)
