"""report.html: one page that says what a run is worth, for whoever has to trust it.

`content` holds what a report is made from, `writing` puts its parts in order, and every other module makes one part or
draws one kind of picture. The page loads nothing and runs nothing: pictures lie inside as data URIs, drawings are SVG
and positioned boxes, and the browser sets all text, so that names of any script are read.
"""

from graphcore.evaluation.report.content import DatasetFacts, Fact, ReportContent, SplitFacts
from graphcore.evaluation.report.facts import RunFacts, collect_facts
from graphcore.evaluation.report.writing import write_report

__all__ = ["DatasetFacts", "Fact", "ReportContent", "RunFacts", "SplitFacts", "collect_facts", "write_report"]
