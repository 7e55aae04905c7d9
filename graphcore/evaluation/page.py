"""The page that a report is: its style, sections, tables and pictures, as text.

Pictures lie inside as data URIs and nothing is loaded from elsewhere, so that the file can be mailed. Every text comes
from somebody's folders and is escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from graphcore.evaluation.plots import DOTS_PER_INCH, read_png_width

CSS_DOTS_PER_INCH = 96
# Pixels between the margins of the page on a wide screen; a wider picture reaches into the margins.
COLUMN_WIDTH = 960

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1rem; font-weight: 600; color: #595959; margin: 0 0 1.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
.answer { font-size: 1.75rem; line-height: 1.25; font-weight: 650; margin: 0 0 .5rem; }
.note { color: #595959; margin: .25rem 0 1rem; max-width: 46rem; }
.wide { overflow-x: auto; }
.bleed { width: max-content; max-width: calc(100vw - 3rem); position: relative; left: 50%;
  transform: translateX(-50%); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid
#e2e2e2; } thead th { color: #595959; font-weight: 600; border-bottom: 1px solid #8c8c8c; } tbody th {
font-weight: 400; } .n { text-align: right; padding-left: .9rem; white-space: nowrap; } .name { overflow-wrap:
anywhere; min-width: 4.5rem; } th.name:first-child { min-width: 8rem; } img { display: block; height: auto; }
@media (max-width: 40rem) {
  body { font-size: 15px; }
  th, td { padding-right: .5rem; }
  .n { padding-left: .4rem; }
  th.name:first-child { min-width: 6rem; }
}
"""


def make_page(title: str, body: str) -> str:
    """The whole page; `body` is HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def make_answer(title: str, answer: str, note: str = "") -> str:
    """What the page opens with: the run, the answer in large letters, and what stands behind it; plain text."""
    return f'<h1>{escape(title)}</h1><p class="answer">{escape(answer)}</p>{make_note(note) if note else ""}'


def make_section(title: str, content: str) -> str:
    """A part of the page; `content` is HTML."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def make_note(text: str) -> str:
    """A paragraph of explanation; plain text."""
    return f'<p class="note">{escape(text)}</p>'


def make_table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> str:
    """A table whose first column heads its rows and whose last `numbers` columns are aligned to the right."""

    def kind(index: int, width: int) -> str:
        return "n" if index >= width - numbers else "name"

    lines = []
    if columns:
        heads = "".join(f'<th class="{kind(i, len(columns))}">{escape(c)}</th>' for i, c in enumerate(columns))
        lines.append(f"<thead><tr>{heads}</tr></thead>")
    lines.append("<tbody>")
    for row in rows:
        first, *rest = row
        cells = "".join(f'<td class="{kind(i, len(row))}">{escape(c)}</td>' for i, c in enumerate(rest, start=1))
        lines.append(f'<tr><th scope="row" class="name">{escape(first)}</th>{cells}</tr>')
    lines.append("</tbody>")
    return '<div class="wide"><table>\n' + "\n".join(lines) + "\n</table></div>"


def make_picture(png: bytes, description: str, shrinks: bool = False) -> str:
    """A picture in its true size; small print is scrolled on a narrow screen, the rest may shrink to fit."""
    width = read_png_width(png) * CSS_DOTS_PER_INCH // DOTS_PER_INCH
    size = f"width: 100%; max-width: {width}px" if shrinks else f"width: {width}px"
    data = base64.b64encode(png).decode("ascii")
    image = f'<img alt="{escape(description)}" style="{size}" src="data:image/png;base64,{data}">'
    frame = "wide bleed" if width > COLUMN_WIDTH and not shrinks else "wide"
    return f'<div class="{frame}">{image}</div>'


def show_count(number: int) -> str:
    """A number with its thousands apart."""
    return f"{int(number):,}"
