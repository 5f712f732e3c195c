import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.components.text import formula_safe, plain, to_csv


def test_cells_that_look_like_formulas_get_an_apostrophe_and_numbers_do_not():
    frame = pd.DataFrame(
        {"a": ["=1+1", "+cmd|x", "-2.5", "@sum", "\tx", "\rx", "-x", "plain", None], "b": [-1.5] * 9}
    )
    rows = list(
        csv.reader(io.StringIO(to_csv(frame, {"Channel": "=evil()"}).decode("utf-8-sig"), newline=""))
    )
    assert rows[0] == ["# Channel", "'=evil()"]
    assert [row[0] for row in rows[2:]] == [
        "'=1+1",
        "'+cmd|x",
        "-2.5",
        "'@sum",
        "'\tx",
        "'\rx",
        "'-x",
        "plain",
        "",
    ]
    assert {row[1] for row in rows[2:]} == {"-1.5"}


def test_headings_of_columns_are_safe_too():
    assert b"'=x" in to_csv(pd.DataFrame({"=x": [1]}), {})


@given(st.text(min_size=1))
def test_no_cell_starts_a_formula(cell):
    safe = formula_safe(cell)
    starts_formula = safe[0] in "=+-@\t\r"
    assert not starts_formula or float(safe) == float(cell)
    assert safe.removeprefix("'") == cell.removeprefix("'")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_a_file_gives_back_the_texts_it_was_made_of(cells):
    written = to_csv(pd.DataFrame({"text": cells, "n": range(len(cells))}), {}).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert [row[0] for row in rows] == [formula_safe(cell) for cell in cells]


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "![x](http://a/b.png)", ":red[x]", "$x$", "**x**", "`x`", "{{7*7}}", "# x"]
)
def test_markdown_shows_the_characters_of_a_text(text):
    escaped = plain(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[i - 1] == "\\" for i, c in enumerate(escaped) if c in "<>![](){}*`$:#_")
