"""How classes are told apart on a timeline: by number, by pattern, and by colour last of all.

Source: the colours are those of Okabe and Ito, "Color Universal Design" (2008), which stay apart for every kind of
colour vision; their order alternates light and dark, so that neighbours differ in print too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphcore.evaluation.report.markup import Html, tag

COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#F0E442", "#0072B2", "#CC79A7", "#D55E00")
OUTSIDE_COLOUR = "#ececec"
# A longer legend nobody reads.
MOST_NAMED = 40
INK = "rgba(0,0,0,.62)"


def _stripes(angle: str) -> str:
    return f"repeating-linear-gradient({angle},{INK} 0 1.5px,transparent 1.5px 7px)"


# CSS pictures, one above the other; they keep their grain however wide a box is.
PATTERNS = (
    "",
    _stripes("135deg"),
    f"radial-gradient(circle,{INK} 1.5px,transparent 2px) 0 0/7px 7px",
    _stripes("90deg"),
    _stripes("45deg"),
    _stripes("0deg"),
    f"{_stripes('45deg')},{_stripes('135deg')}",
    f"{_stripes('0deg')},{_stripes('90deg')}",
)


def make_class_styles(numbers: Iterable[int], outside: int | None = None) -> str:
    """A CSS rule for each class: `.k0`, `.k1` ...; the class of times outside every segment is plain and pale.

    Up to 56 classes no two look alike; beyond, their numbers still differ.

    Args:
        numbers: the classes that are shown.
        outside: the class of times outside every segment, if there is one.
    """
    rules = []
    for number in numbers:
        colour = COLOURS[number % len(COLOURS)]
        # There is one pattern more than there are colours, so that the two go round apart from each other.
        pattern = PATTERNS[number % len(PATTERNS)]
        if number == outside:
            colour, pattern = OUTSIDE_COLOUR, ""
        rules.append(f".k{number}{{background:{pattern + ',' if pattern else ''}{colour}}}")
    return "\n".join(rules)


def make_legend(class_names: Sequence[str], shown: Iterable[int]) -> Html:
    """The patterns of the classes that are shown, each with its number and name."""
    listed = list(shown)
    entries = [
        tag("li", tag("span", class_=f"swatch k{n}"), tag("b", str(n + 1)), " ", tag("bdi", class_names[n]))
        for n in listed[:MOST_NAMED]
    ]
    if len(listed) > MOST_NAMED:
        entries.append(tag("li", f"and {len(listed) - MOST_NAMED:,} more"))
    return tag("ul", *entries, class_="legend")
