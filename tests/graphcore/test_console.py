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
