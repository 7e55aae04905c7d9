"""When the annotations of an ELAN document are: time slots, those without a time, and references to other annotations.

ELAN shows slots without TIME_VALUE evenly spread between their neighbours in a tier that subdivides another. Only
there is it clear where they lie; everywhere else a slot without a time is a time that is missing.
Source: the EAF schema and its description, "EAF annotation format" (Max Planck Institute for Psycholinguistics).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

from graphcore.sources.annotations.model import to_number


class Timing:
    """Answers when each annotation of a document is."""

    def __init__(self, root: ET.Element) -> None:
        """Reads all slots and annotations.

        Args:
            root: the document.
        """
        self._declared = {slot.get("TIME_SLOT_ID", ""): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
        self._times: dict[str, float] = {}
        for slot, value in self._declared.items():
            number = None if value is None else to_number(value)
            if number is not None:
                self._times[slot] = number
        self._annotations = {one.get("ANNOTATION_ID", ""): one for one in iterate_annotations(root)}
        for tier in _list_subdivisions(root):
            self._spread(tier)

    def find_span(self, annotation: ET.Element) -> tuple[float, float] | str:
        """Beginning and end of an annotation in milliseconds, or why they are not known."""
        seen: set[str] = set()
        while annotation.tag == "REF_ANNOTATION":
            parent = annotation.get("ANNOTATION_REF", "")
            if parent in seen:
                return f"annotation {parent} refers to itself"
            if parent not in self._annotations:
                return f"it refers to annotation {parent or '?'}, which does not exist"
            seen.add(parent)
            annotation = self._annotations[parent]
        start, end = annotation.get("TIME_SLOT_REF1", ""), annotation.get("TIME_SLOT_REF2", "")
        for slot in (start, end):
            if slot not in self._times:
                return self._explain(slot)
        return self._times[start], self._times[end]

    def _explain(self, slot: str) -> str:
        if slot not in self._declared:
            return f"TIME_SLOT {slot or '?'} does not exist"
        value = self._declared[slot]
        return f"TIME_SLOT {slot} has no TIME_VALUE" if value is None else f"TIME_VALUE={value!r} is no number"

    def _spread(self, tier: ET.Element) -> None:
        """Gives times to the slots within a tier's chains of annotations that lack them."""
        spans = [(one.get("TIME_SLOT_REF1", ""), one.get("TIME_SLOT_REF2", "")) for one in iterate_annotations(tier)]
        begun, ended = (Counter(span[side] for span in spans) for side in (0, 1))
        # A slot between two annotations of this tier, and no more, can lie in one place only.
        joints = {start: end for start, end in spans if begun[start] == ended[start] == 1}
        for start, end in spans:
            if start not in self._times:
                continue
            chain = [end]
            while chain[-1] not in self._times and self._is_untimed(chain[-1]) and len(chain) <= len(spans):
                if chain[-1] not in joints:
                    break
                chain.append(joints[chain[-1]])
            if chain[-1] in self._times:
                begin, whole = self._times[start], self._times[chain[-1]] - self._times[start]
                for number, slot in enumerate(chain[:-1], start=1):
                    self._times[slot] = begin + whole * number / len(chain)

    def _is_untimed(self, slot: str) -> bool:
        return slot in self._declared and self._declared[slot] is None


def iterate_annotations(element: ET.Element) -> Iterator[ET.Element]:
    """The annotations below a document or tier, of both kinds, in its order."""
    for one in element.iter():
        if one.tag in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
            yield one


def _list_subdivisions(root: ET.Element) -> list[ET.Element]:
    """Tiers whose type is a subdivision of time, those that divide others before those that divide them."""
    types = {
        one.get("LINGUISTIC_TYPE_ID")
        for one in root.iter("LINGUISTIC_TYPE")
        if one.get("CONSTRAINTS", "").lower() == "time_subdivision"
    }
    parents = {tier.get("TIER_ID"): tier.get("PARENT_REF") for tier in root.iter("TIER")}

    def count_parents(tier: ET.Element) -> int:
        depth, parent = 0, tier.get("PARENT_REF")
        while parent is not None and depth <= len(parents):
            depth, parent = depth + 1, parents.get(parent)
        return depth

    return sorted((tier for tier in root.iter("TIER") if tier.get("LINGUISTIC_TYPE_REF") in types), key=count_parents)
