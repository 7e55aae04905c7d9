import json

import pytest

from graphcore.audit.findings import FACT, LEAK, Audit, Finding, Groups, parse_audit, to_json

AUDIT = Audit(
    name="pets",
    labels=("cat", "dog"),
    classes={"train": {"cat": 2, "dog": 1}, "test": {"cat": 1, "dog": 0}},
    samples={"train": 3, "test": 1},
    grouped_by="video",
    groups={"train": Groups(2, ("1", "2")), "test": Groups(1, ("3",))},
    findings=(
        Finding(
            "copy", LEAK, ("train", "test"), "copies", 1, "1 of 1 is a copy", "remove it", ("a", "b"), (("1", "2"),)
        ),
        Finding("flat", FACT, (), "black", 0, "none"),
    ),
)


def test_an_audit_comes_back_from_json_as_it_was():
    assert parse_audit(json.loads(json.dumps(to_json(AUDIT)))) == AUDIT


@pytest.mark.parametrize("values", [{}, [], None, {**to_json(AUDIT), "findings": [{"kind": "copy"}]}])
def test_anything_else_is_refused(values):
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        parse_audit(values)


def test_leaks_are_the_findings_that_are_leaks():
    assert [finding.kind for finding in AUDIT.leaks] == ["copy"]
