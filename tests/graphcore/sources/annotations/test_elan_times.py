from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from graphcore.sources.annotations.elan_times import Timing, iterate_annotations

TYPES = """
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="free" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="parts" TIME_ALIGNABLE="true" CONSTRAINTS="Time_Subdivision"/>
"""


def make_document(slots, *tiers):
    """`slots`: milliseconds or None by id; tiers: (attributes, [(id, first slot, last slot) or (id, parent)])."""
    times = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{slot}"{"" if time is None else f" TIME_VALUE={chr(34)}{time}{chr(34)}"}/>'
        for slot, time in slots.items()
    )
    return ET.fromstring(f"<D><TIME_ORDER>{times}</TIME_ORDER>{''.join(map(make_tier, tiers))}{TYPES}</D>")


def make_tier(tier):
    attributes, annotations = tier
    rows = ""
    for name, *refs in annotations:
        if len(refs) == 2:
            rows += (
                f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="{refs[0]}" TIME_SLOT_REF2="{refs[1]}"/>'
            )
        else:
            rows += f'<REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{refs[0]}"/>'
    return f"<TIER {attributes}><ANNOTATION>{rows}</ANNOTATION></TIER>"


def find_spans(document):
    timing = Timing(document)
    return {one.get("ANNOTATION_ID"): timing.find_span(one) for one in iterate_annotations(document)}


FREE = 'TIER_ID="whole" LINGUISTIC_TYPE_REF="free"'
PARTS = 'TIER_ID="parts" LINGUISTIC_TYPE_REF="parts" PARENT_REF="whole"'


def test_times_are_those_of_the_slots():
    document = make_document({"t1": 0, "t2": 1500}, (FREE, [("a1", "t1", "t2")]))
    assert find_spans(document) == {"a1": (0.0, 1500.0)}


def test_references_take_the_times_of_what_they_refer_to_through_any_number():
    document = make_document(
        {"t1": 10, "t2": 20}, ('TIER_ID="b"', [("a3", "a2"), ("a2", "a1")]), (FREE, [("a1", "t1", "t2")])
    )
    assert find_spans(document) == dict.fromkeys(["a1", "a2", "a3"], (10.0, 20.0))


def test_references_in_a_circle_are_told():
    document = make_document({}, (FREE, [("a1", "a2"), ("a2", "a1"), ("a3", "a3")]))
    assert find_spans(document) == {
        "a1": "annotation a2 refers to itself",
        "a2": "annotation a1 refers to itself",
        "a3": "annotation a3 refers to itself",
    }


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (("a1", "a9"), "it refers to annotation a9, which does not exist"),
        (("a1", ""), "it refers to annotation ?, which does not exist"),
        (("a1", "t1", "t9"), "TIME_SLOT t9 does not exist"),
        (("a1", "t1", ""), "TIME_SLOT ? does not exist"),
        (("a1", "t1", "t2"), "TIME_SLOT t2 has no TIME_VALUE"),
        (("a1", "bad", "t1"), "TIME_VALUE='soon' is no number"),
        (("a1", "t1", "huge"), "TIME_VALUE='1e999' is no number"),
    ],
)
def test_what_has_no_times_says_why(annotation, problem):
    document = make_document({"t1": 0, "t2": None, "bad": "soon", "huge": "1e999"}, (FREE, [annotation]))
    assert find_spans(document) == {"a1": problem}


def test_slots_within_a_subdivision_are_spread_evenly():
    slots = {"t1": 1000, "t2": None, "t3": None, "t4": 4000, "t5": None, "t6": 6000}
    parts = [("b1", "t1", "t2"), ("b2", "t2", "t3"), ("b3", "t3", "t4"), ("b4", "t4", "t5"), ("b5", "t5", "t6")]
    spans = find_spans(make_document(slots, (FREE, [("a1", "t1", "t4")]), (PARTS, parts)))
    assert spans == {
        "a1": (1000.0, 4000.0),
        "b1": (1000.0, 2000.0),
        "b2": (2000.0, 3000.0),
        "b3": (3000.0, 4000.0),
        "b4": (4000.0, 5000.0),
        "b5": (5000.0, 6000.0),
    }


def test_subdivisions_of_subdivisions_follow_them_wherever_they_stand():
    slots = {"t1": 0, "t2": None, "t3": 8000, "u1": None}
    inner = ('TIER_ID="inner" LINGUISTIC_TYPE_REF="parts" PARENT_REF="parts"', [("c1", "t1", "u1"), ("c2", "u1", "t2")])
    outer = (PARTS, [("b1", "t1", "t2"), ("b2", "t2", "t3")])
    spans = find_spans(make_document(slots, inner, outer, (FREE, [("a1", "t1", "t3")])))
    assert spans["b1"] == (0.0, 4000.0)
    assert spans["c1"] == (0.0, 2000.0)
    assert spans["c2"] == (2000.0, 4000.0)


@pytest.mark.parametrize(
    "tier",
    [
        ('TIER_ID="x" LINGUISTIC_TYPE_REF="free"', [("b1", "t1", "t2"), ("b2", "t2", "t3")]),  # no subdivision
        (PARTS, [("b1", "t1", "t2"), ("b2", "t2", "t3"), ("b3", "t2", "t3")]),  # two begin there
        (PARTS, [("b1", "t1", "t2"), ("b2", "t1", "t2"), ("b3", "t2", "t3")]),  # two end there
        (PARTS, [("b1", "t1", "t2"), ("b2", "t2", "t4")]),  # it ends nowhere
        (PARTS, [("b1", "t1", "t2"), ("b2", "t2", "t4"), ("b3", "t4", "t2")]),  # it goes in a circle
    ],
)
def test_slots_whose_place_is_not_clear_stay_without_a_time(tier):
    spans = find_spans(make_document({"t1": 0, "t2": None, "t3": 10, "t4": None}, tier))
    assert {span for name, span in spans.items() if name != "b9"} <= {
        "TIME_SLOT t2 has no TIME_VALUE",
        "TIME_SLOT t4 has no TIME_VALUE",
    }


def test_a_slot_with_a_bad_time_is_not_replaced():
    parts = (PARTS, [("b1", "t1", "t2"), ("b2", "t2", "t3")])
    assert find_spans(make_document({"t1": 0, "t2": "x", "t3": 10}, parts))["b1"] == "TIME_VALUE='x' is no number"


def test_tiers_that_are_each_others_parents_do_not_hang():
    one = ('TIER_ID="one" LINGUISTIC_TYPE_REF="parts" PARENT_REF="two"', [("b1", "t1", "t2"), ("b2", "t2", "t3")])
    two = ('TIER_ID="two" LINGUISTIC_TYPE_REF="parts" PARENT_REF="one"', [])
    assert find_spans(make_document({"t1": 0, "t2": None, "t3": 10}, one, two))["b1"] == (0.0, 5.0)
