"""The table of goals: `python -m benchmarks.table` writes it from results.json into README.md beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- goals: written by `python -m benchmarks.table` -->", "<!-- end of goals -->"


def list_goals(benchmarks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Everything that `note_goal` was told, in the order of the goals."""
    found = [goal for benchmark in benchmarks for goal in benchmark["extra_info"].get("goals", ())]
    return sorted(found, key=lambda goal: goal["number"])


def show_goals(goals: Iterable[Mapping[str, Any]]) -> list[str]:
    """The lines of a Markdown table, readable as text."""
    rows = [[str(goal["number"]), goal["what"], _show(goal, "measured"), _show_bar(goal)] for goal in goals]
    rows = [["goal", "what", "measured", "wanted"], *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def write_table(results: Path = FOLDER / "results.json", readme: Path = FOLDER / "README.md") -> None:
    """Puts the table between its marks."""
    found = json.loads(results.read_text())
    machine = found["machine_info"]
    said = f"Measured {found['datetime'][:10]} on {machine['cores']} cores ({machine['processor']}), Python "
    said += f"{machine['python_version']}, " + ", ".join(" ".join(each) for each in machine["packages"].items()) + "."
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = show_goals(list_goals(found["benchmarks"]))
    readme.write_text("\n".join([before + BEGIN, "", said, "", *lines, "", END]) + after)


def _show(goal: Mapping[str, Any], name: str) -> str:
    value, unit = goal[name], goal["unit"]
    return f"{100 * value:.0f} %" if unit == "%" else f"{value:,.3g}{unit}" if value < 1000 else f"{value:,.0f}{unit}"


def _show_bar(goal: Mapping[str, Any]) -> str:
    if goal["wanted"] is None:
        return ""
    least, most = goal["measured"] >= goal["wanted"], goal["measured"] <= goal["wanted"]
    met = most if goal["at_most"] else least
    return f"{'<=' if goal['at_most'] else '>='} {_show(goal, 'wanted')}{'' if met else ', **missed**'}"


if __name__ == "__main__":
    write_table()
