"""Puts the parts of the report in order: the answer first, then what stands behind it, then how it was made."""

from __future__ import annotations

from pathlib import Path

from graphcore.atomic import write_text
from graphcore.console import count_of
from graphcore.evaluation.report.classes import make_classes_section
from graphcore.evaluation.report.confusion import (
    make_confusions_section,
    make_given_section,
    make_matrix_section,
)
from graphcore.evaluation.report.content import ReportContent
from graphcore.evaluation.report.dataset import make_dataset_section
from graphcore.evaluation.report.figures import make_figures_section
from graphcore.evaluation.report.mistakes import make_mistakes_section
from graphcore.evaluation.report.opening import make_opening
from graphcore.evaluation.report.page import Section, make_contents, make_note, make_page
from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.reliability import make_reliability_section
from graphcore.evaluation.report.repeat import make_repeat_section
from graphcore.evaluation.report.spot_check import make_spot_check_section
from graphcore.evaluation.report.timelines import make_timelines_section
from graphcore.evaluation.report.training import make_training_section


def write_report(path: Path, content: ReportContent) -> None:
    """Writes the page.

    Args:
        path: where it goes, commonly RUN/report.html.
        content: what it shows.
    """
    write_text(path, make_report(content), can_wait=True)


def make_report(content: ReportContent) -> str:
    """The text of the page."""
    # Pictures of records are those of their digest, whichever run looks at them.
    digest = content.dataset.digest if content.dataset else ""
    album = Album(content.read_picture, f"{digest} {content.metrics.split}" if digest else "")
    if content.metrics.count:
        made = _make_split_sections(content, album)
    else:
        made = [make_training_section(content.curves, content.best_step)]
    made += [make_dataset_section(content.dataset), make_repeat_section(content)]
    sections = [one for one in made if one is not None]
    parts = [make_opening(content), make_contents(sections), *(one.to_html() for one in sections)]
    if album.unreadable:
        parts.append(make_note(f"{count_of(album.unreadable, 'picture')} could not be read and are left out."))
    return make_page(content.title, parts)


def _make_split_sections(content: ReportContent, album: Album) -> list[Section | None]:
    """What is said of a split that has samples."""
    metrics, predictions = content.metrics, content.predictions
    confused = make_given_section(metrics) if metrics.multi_label else make_confusions_section(metrics)
    return [
        confused,
        make_figures_section(metrics, predictions, content.whole),
        make_timelines_section(content, album),
        make_classes_section(metrics),
        None if metrics.multi_label else make_matrix_section(metrics),
        make_reliability_section(metrics),
        make_training_section(content.curves, content.best_step),
        make_mistakes_section(predictions, album),
        make_spot_check_section(predictions, album),
    ]
