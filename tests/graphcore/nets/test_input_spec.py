import pytest

from graphcore.errors import ConfigError
from graphcore.nets.input_spec import InputSpec


def test_json_and_back_is_the_same():
    spec = InputSpec(160, low=0.0, high=1.0, crop_fraction=0.9)
    assert InputSpec.from_json(spec.to_json()) == spec


def test_equal_specs_have_equal_digests():
    assert InputSpec(160).digest() == InputSpec(160, -1.0, 1.0, 0.875).digest()


@pytest.mark.parametrize(
    "other",
    [InputSpec(128), InputSpec(160, low=0.0), InputSpec(160, high=2.0), InputSpec(160, crop_fraction=1.0)],
)
def test_any_field_changes_the_digest(other):
    assert other.digest() != InputSpec(160).digest()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image_size": 0}, "image_size is 0"),
        ({"image_size": 8, "low": 1.0}, "low must be below high"),
        ({"image_size": 8, "crop_fraction": 0.0}, r"crop_fraction is 0.0; it must lie in \(0, 1\]"),
    ],
)
def test_impossible_values_are_told(fields, message):
    with pytest.raises(ConfigError, match=message):
        InputSpec(**fields)
