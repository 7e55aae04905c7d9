import pytest

from graphcore.evaluation.report.markup import Html, join, tag, to_html


def test_plain_text_is_escaped_and_markup_is_not():
    assert to_html("a < b & \"c\" 'd'") == "a &lt; b &amp; &quot;c&quot; &#x27;d&#x27;"
    assert to_html(Html("<b>")) == "<b>"


def test_an_element_escapes_what_it_holds_and_its_attributes():
    made = tag("td", "<i>", tag("b", "x"), class_="n", data_of='"><script>')

    assert made == '<td class="n" data-of="&quot;&gt;&lt;script&gt;">&lt;i&gt;<b>x</b></td>'


def test_attributes_that_are_unknown_are_left_out():
    assert tag("details", open=True, id=None, hidden=False) == "<details open></details>"


def test_only_elements_that_must_not_be_closed_stay_open():
    assert tag("img", alt="") == '<img alt="">'
    assert tag("line", x1=0) == '<line x1="0"></line>'


def test_pieces_are_joined_as_markup():
    assert join(["a<", tag("b")], " & ") == "a&lt; &amp; <b></b>"


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\ud800", "\x85"])
def test_what_html_or_utf8_cannot_hold_is_replaced(text):
    assert to_html(f"a{text}b") == "a\ufffdb"
    to_html(f"a{text}b").encode()
