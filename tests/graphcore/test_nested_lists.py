from dataclasses import dataclass, field
from typing import Any

import pytest
from omegaconf import MISSING, OmegaConf

from graphcore.errors import ConfigError
from graphcore.nested_lists import refuse_nested


@dataclass
class Inner:
    widths: list[int] = field(default_factory=list)


@dataclass
class Outer:
    names: list[str] = MISSING
    heads: list[str] | None = None
    anything: Any = None
    inner: Inner = field(default_factory=Inner)


def refuse(given):
    refuse_nested(OmegaConf.structured(Outer), OmegaConf.create(given))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"names": ["a", ["b"]]}, r"^names=\['a', \['b'\]\] holds \['b'\], which is not a plain value\."),
        ({"heads": [{"a": "b"}]}, r"^heads=\[{'a': 'b'}\] holds {'a': 'b'}, which"),
        ({"inner": {"widths": [[1]]}}, r"^inner\.widths=\[\[1\]\] holds \[1\](?s:.*)'inner\.widths=\[A,B\]'"),
    ],
)
def test_a_list_within_a_list_of_plain_values_is_named(given, message):
    with pytest.raises(ConfigError, match=message):
        refuse(given)


@pytest.mark.parametrize(
    "given",
    [{"names": ["a", None]}, {"heads": None}, {"anything": [["a"]]}, {"inner": {"widths": [1, 2]}}, {"new": [[1]]}],
)
def test_all_else_passes(given):
    refuse(given)
