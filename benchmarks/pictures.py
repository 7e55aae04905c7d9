"""The picture of shards, drawn from what was measured: `python -m benchmarks.pictures [RESULTS.json [shards.svg]]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.drawing import BLUE, GREEN, ORANGE, QUIET, Line, draw_bar, draw_lines, draw_page, write
from graphcore.evaluation.report.markup import Html

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 800, 570
ROWS = {
    "files, in order, one by one": "one by one, in order",
    "files, shuffled, one by one": "one by one, shuffled",
    "files, shuffled, tf.data": "16 at once, shuffled",
    "shards, in order, tfrecords": "tfrecords, in order",
    "shards, in order, tf.data": "tf.data, in order",
    "shards, shuffled, tf.data": "tf.data, shuffled",
}
"""The ways of reading in the order of the picture, and what they are called there."""

_PANELS = 2 * len(("read", "decode", "chunk", "shard"))  # cold and warm

Figures = Mapping[tuple[str, str], Mapping[str, Any]]


def read_figures(results: Path) -> Figures:
    """What `bench_shards` measured, by panel and cache."""
    found = [each["extra_info"].get("shards") for each in json.loads(results.read_text())["benchmarks"]]
    return {(each["panel"], each["cache"]): each for each in found if each}


def draw_shards(figures: Figures) -> str:
    """The picture as SVG."""
    read = figures["read", "cold"]
    photos = f"{read['photos']:,} photos of {read['mib_a_photo'] * 1024:.0f} KiB"
    head = [
        write(f"{photos}: a file for each, or TFRecord shards", 24, 34, 17, bold=True),
        write("Photos read a second, not decoded; longer bars are better.", 24, 54, 12, QUIET),
    ]
    parts = head + _draw_ways(figures, 90) + _draw_chunks(figures, 368) + _draw_sizes(figures, 368)
    return draw_page(parts, WIDTH, HEIGHT, "Reading photos as single files and as shards: " + _say_decoding(figures))


def _draw_ways(figures: Figures, top: float) -> list[Html]:
    cold, warm = figures["read", "cold"], figures["read", "warm"]
    most = max(rate for each in (cold, warm) for rate in each["photos_per_second"].values())
    parts = [
        write("cold cache: from the disk", 190, top, bold=True),
        write("warm cache: from memory", 420, top, bold=True),
        write("requests to the disk", 776, top - 15, bold=True, anchor="end"),
        write("for 1,000 photos, cold", 776, top, bold=True, anchor="end"),
    ]
    for number, (name, words) in enumerate(ROWS.items()):
        is_shards = name.startswith("shards")
        y, colour = top + 34 + 23 * number + 28 * is_shards, BLUE if is_shards else ORANGE
        if number % 3 == 0:
            title = "shards of 64 MiB" if is_shards else "a file for each photo"
            parts.append(write(title, 24, y - 6, 12.5, colour, bold=True))
        parts.append(write(words, 24, y + 11.5))
        for column, each in ((190, cold), (420, warm)):
            rate = each["photos_per_second"][name]
            parts.append(draw_bar(rate, most, column, 160, y, colour, f"{rate:,.0f}"))
        asked = _show_asked(cold["requests_a_photo"].get(name))
        parts.append(write(asked, 776, y + 11.5, colour=colour, anchor="end", bold=True))
    return [*parts, write(_say_decoding(figures), 24, top + 226)]


def _say_decoding(figures: Figures) -> str:
    decoded, read = (figures[panel, "cold"]["photos_per_second"] for panel in ("decode", "read"))
    files, shards = (decoded[f"{kind}, shuffled, tf.data"] for kind in ("files", "shards"))
    times = read["shards, shuffled, tf.data"] / shards
    return (
        f"Read and decoded, cold, shuffled: {files:,.0f} photos a second from files, {shards:,.0f} from shards; "
        f"reading alone is {times:.0f} times as fast."
    )


def _draw_chunks(figures: Figures, top: float) -> list[Html]:
    cold = figures["chunk", "cold"]
    looks = {"tf.data": (BLUE, ""), "tfrecords": (GREEN, ""), "no read-ahead": (ORANGE, "5 3")}
    lines = [
        Line(name, _collect(cold, name, cold["mib_a_photo"]), colour, dashes, cold["defaults"].get(name))
        for name, (colour, dashes) in looks.items()
    ]
    ticks = {4.0: ["4 KiB"], 64.0: ["64"], 1024.0: ["1 MiB"], 8192.0: ["8"], 32768.0: ["32"]}
    title = [
        write("Bytes read at once", 24, top, 14, bold=True),
        write("MiB a second, cold; rings: what graphcore does", 24, top + 18, 12, QUIET),
    ]
    return title + draw_lines(lines, ticks, (66, top + 40, 300, top + 156))


def _draw_sizes(figures: Figures, top: float) -> list[Html]:
    cold = figures["shard", "cold"]
    looks = {"tf.data": BLUE, "tfrecords": GREEN}
    lines = [Line(name, _collect(cold, name, 1.0), colour, ringed=64.0) for name, colour in looks.items()]
    asked = {float(name.split("/")[1]): value for name, value in cold["requests_a_photo"].items()}
    ticks = {size: [f"{size:.0f}", _show_asked(count)] for size, count in asked.items() if size >= 1}
    smallest = min(asked)
    ticks = {smallest: ["1 photo", _show_asked(asked[smallest])]} | ticks
    title = [
        write("Size of a file, MiB", 430, top, 14, bold=True),
        write("photos a second, cold; under it requests for 1,000 photos", 430, top + 18, 12, QUIET),
    ]
    return title + draw_lines(lines, ticks, (484, top + 40, 704, top + 156))


def _show_asked(count: float | None) -> str:
    return "" if count is None else f"{1000 * count:,.0f}"


def _collect(figures: Mapping[str, Any], name: str, scale: float) -> list[tuple[float, float]]:
    """(size, photos a second times `scale`) of a reader, by size."""
    pairs = ((key.split("/"), rate) for key, rate in figures["photos_per_second"].items())
    return sorted((float(size), rate * scale) for (reader, size), rate in pairs if reader == name)


def main() -> None:
    """Draws what results.json holds into docs/."""
    given = [Path(name) for name in sys.argv[1:]]
    results, picture = [*given, *[FOLDER / "results.json", FOLDER.parent / "docs" / "shards.svg"][len(given) :]]
    figures = read_figures(results)
    if len(figures) < _PANELS:
        lacks = f"{results} lacks the figures of a cold cache, or those of bench_shards"
        print(f"{picture} is left as it is: {lacks}.", file=sys.stderr)
        return
    picture.write_text(draw_shards(figures) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
