from graphcore.evaluation.report.markup import tag
from graphcore.evaluation.report.page import Section, make_contents, make_note, make_page


def test_a_page_is_whole_and_its_title_escaped(parse):
    text = make_page("<t>", [tag("p", "x")])
    page = parse(text)

    assert text.startswith("<!doctype html>")
    assert page.open == []
    assert "<t>" in page.texts
    assert "width=device-width" in text


def test_a_section_can_be_jumped_to(parse):
    section = Section("The <data>", make_note("a < b"), "data")

    assert parse(section.to_html()).texts == ["The <data>", "a < b"]
    assert section.to_html().startswith('<section id="data">')
    assert make_contents([section]) == '<nav aria-label="Contents"><a href="#data">The &lt;data&gt;</a></nav>'
