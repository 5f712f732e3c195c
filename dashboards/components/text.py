"""Text from data on its way to a page or a file: never markup, never a formula.

Here: escaping for markdown, and safe CSV. Keep out: wording of single pages.
"""

import csv
import io
import re
import string

import pandas as pd

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_MARKDOWN = str.maketrans({character: f"\\{character}" for character in string.punctuation})


def plain(text: str) -> str:
    """Return `text` so that Streamlit's markdown shows exactly its characters."""
    return " ".join(text.split()).translate(_MARKDOWN)


def words(name: str) -> str:
    """Return a technical name as words: booking_start becomes Booking start."""
    return name.replace("_", " ").strip().capitalize()


def formula_safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs: one that starts like a formula and is no number gets
    an apostrophe.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell


def to_csv(frame: pd.DataFrame, header: dict[str, str]) -> bytes:
    """Return `frame` as CSV (UTF-8 with a mark, so that spreadsheets read it), after one line a
    header entry.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([f"# {formula_safe(name)}", formula_safe(value)] for name, value in header.items())
    safe = frame.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]) and not pd.api.types.is_datetime64_any_dtype(
            safe[column]
        ):
            text = safe[column].astype("string")
            risky = text.str.match(_FORMULA) & ~text.str.match(_NUMBER)
            safe[column] = text.mask(risky.fillna(False), "'" + text)
    safe.columns = [formula_safe(str(column)) for column in safe.columns]
    safe.to_csv(buffer, index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    return buffer.getvalue().encode("utf-8-sig")
