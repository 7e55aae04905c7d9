from graphcore.evaluation.report.tables import fold, make_bar, make_table


def test_the_last_columns_are_aligned_as_numbers(parse):
    page = parse(make_table(["class", "called", "times"], [["a", "b", "3"]], numbers=1))

    assert page.styles[3:] == [
        *[("tr", ""), ("th", "name"), ("th", "name"), ("th", "n")],
        *[("tbody", ""), ("tr", ""), ("th", "name"), ("td", "name"), ("td", "n")],
    ]


def test_cells_know_the_head_of_their_column():
    assert '<td class="n" data-of="times">3</td>' in make_table(["class", "times"], [["a", "3"]], numbers=1)


def test_without_heads_there_is_no_head(parse):
    assert "thead" not in parse(make_table([], [["a", "b"]])).tags


def test_cells_are_escaped():
    assert "<script>" not in make_table(["<script>", "<script>"], [["<script>", "<script>"]])


def test_a_bar_is_as_long_as_its_share_and_never_longer():
    assert "width:25.0%" in make_bar(0.25)
    assert "width:100.0%" in make_bar(7)


def test_what_is_folded_up_opens_without_a_script():
    assert fold("more", "<x>") == "<details><summary>more</summary>&lt;x&gt;</details>"
