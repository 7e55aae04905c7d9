import io

import pytest
from rich.console import Console
from rich.text import Text

from graphcore import console


def test_table_fits_80_columns_and_aligns_numbers(capsys):
    console.show_table("scores", ["class", "score"], [["hat", 0.5], ["a very long name " * 5, 10.25]])
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    ends = [line.index("0.5000") + 6 for line in lines if "0.5000" in line]
    assert ends == [line.index("10.2500") + 7 for line in lines if "10.2500" in line]


def test_empty_cells_leave_a_column_of_numbers_one(capsys):
    console.show_table("t", ["name", "count"], [["a", "5"], ["b", ""], ["c", "1250"]])
    lines = capsys.readouterr().out.splitlines()
    assert next(line.index("5 ") for line in lines if " a " in line) == next(
        line.index("1250") + 3 for line in lines if " c " in line
    )


def test_long_names_of_the_shortened_column_are_cut_in_the_middle(capsys):
    name = "photos/" + "deep/" * 30 + "picture.jpg"
    console.show_table("t", ["picture", "class"], [[name, "hat"], ["short.jpg", "shoe"]], shorten=0)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) == 80
    (row,) = (line for line in lines if "hat" in line)
    assert row.split("│")[1].strip().startswith("photos/deep/")
    assert "picture.jpg" in row
    assert any("│ short.jpg " in line for line in lines)


def test_wide_letters_count_for_two():
    assert console.shorten_middle("縫合縫合", 8) == "縫合縫合"
    assert console.shorten_middle("縫合縫合縫合", 9) == "縫合…縫合"


def test_markup_in_names_is_shown_as_it_is(capsys):
    console.show_table("[red]t", ["[b]"], [["[link=x]y"]])
    shown = capsys.readouterr().out
    assert "[red]t" in shown
    assert "[link=x]y" in shown


def test_progress_counts_and_ends_with_one_line(capsys):
    with console.progress("reading", 3, "pictures") as advance:
        advance()
        advance(2)
    assert capsys.readouterr().err.startswith("reading: 3 pictures in 0.")


def pass_time(monkeypatch, *moments):
    """Lets the clock show one moment after another, and then the last one."""
    left = list(moments)
    monkeypatch.setattr(console.time, "monotonic", lambda: left.pop(0) if len(left) > 1 else left[0])


@pytest.mark.parametrize(
    ("done", "secs", "line"),
    [
        (1, 0.4, "reading: 1 video in 0.4 s, 2.5 a second\n"),
        (12, 17.3, "reading: 12 videos in 17.3 s, 0.69 a second\n"),
        (0, 2.0, "reading: 0 videos in 2.0 s\n"),
        (24_000, 10.0, "reading: 24,000 videos in 10.0 s, 2,400 a second\n"),
    ],
)
def test_the_line_at_the_end_counts_as_people_do(done, secs, line, monkeypatch, capsys):
    pass_time(monkeypatch, 100.0, 100.0 + secs)
    with console.progress("reading", done, "videos") as advance:
        advance(done)
    assert capsys.readouterr().err == line


def test_without_a_terminal_a_line_comes_every_half_a_minute(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    with console.progress("Training", 2000, "steps") as advance:
        for now[0] in (10.0, 20.0, 29.0, 31.0, 40.0, 60.0, 61.5):
            advance(100)
        now[0] = 70.0
    assert capsys.readouterr().err.splitlines() == [
        "Training: 400 of 2,000 steps",
        "Training: 700 of 2,000 steps",
        "Training: 700 steps in 70.0 s, 10 a second",
    ]


def test_without_a_known_end_the_line_in_between_counts(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    with console.progress("Fetching", None) as advance:
        now[0] = 30.0
        advance(1500)
    assert capsys.readouterr().err.splitlines()[0] == "Fetching: 1,500"


def test_on_a_terminal_there_is_a_bar_that_says_what_its_times_are(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setenv("TERM", "xterm")  # some know no bars
    terminal = Console(file=shown, force_terminal=True, width=80, highlight=False)
    monkeypatch.setattr(console, "_console", lambda stderr: terminal)
    with console.progress("Training", 8, "steps") as advance:
        advance(2)
    assert "0:00:00 elapsed, -:--:-- left" in Text.from_ansi(shown.getvalue()).plain


def test_one_thing_is_not_many():
    assert [console.count_of(count, "video") for count in (0, 1, 8, 1200)] == [
        "0 videos", "1 video", "8 videos", "1,200 videos"
    ]  # fmt: skip
    assert console.count_of(2, "stretch", "stretches") == "2 stretches"


def test_warning_goes_to_standard_error(capsys):
    console.warn("low on [data]")
    captured = capsys.readouterr()
    assert captured.err == "warning: low on [data]\n"
    assert captured.out == ""


def test_escape_sequences_in_names_do_not_reach_the_terminal(capsys):
    console.show_error("no picture: \x1b[31mred\x07.jpg\nGive another.")
    console.show_table("t", ["a\x9bm"], [["b\x1b]0;c"]])
    shown = capsys.readouterr()
    assert "no picture: \ufffd[31mred\ufffd.jpg\nGive another." in shown.err
    assert "a\ufffdm" in shown.out
    assert "b\ufffd]0;c" in shown.out
