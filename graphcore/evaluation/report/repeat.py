"""How the run was made, and all that somebody needs to make it again."""

from __future__ import annotations

from graphcore.evaluation.report.content import ReportContent
from graphcore.evaluation.report.markup import join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.tables import make_table


def make_repeat_section(content: ReportContent) -> Section | None:
    """The commands, how the run was made, and the versions of everything; nothing where nothing is known."""
    parts = []
    commands = {
        "The same command gives the same figures:": content.evaluation,
        "The same command gives the same run:": content.command,
    }
    for note, command in commands.items():
        if command:
            parts += [make_note(note), tag("pre", tag("code", command))]
    if content.facts:
        parts.append(make_table([], [[fact.name, fact.value] for fact in content.facts]))
    if content.versions:
        rows = [[name, version] for name, version in content.versions.items()]
        parts += [tag("h3", "Versions"), make_table([], rows)]
    return Section("How to repeat it", join(parts), "repeat") if parts else None
