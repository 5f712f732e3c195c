"""Tables with readable columns, and the download of exactly what they show.

Here: column kinds and the CSV button. Add a kind in `_CONFIG`. Keep out: queries.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import pandas as pd
import streamlit as st

from dashboards import data
from dashboards.components import text
from dashboards.metrics import NO_VALUE, two_units

Kind = Literal[
    "text", "count", "rate", "change", "share", "money", "seconds", "ratio", "number", "time", "day", "flag"
]  # fmt: skip


class Column(NamedTuple):
    """How one column is shown: its heading, what kind of value it holds, and its meaning on hover."""

    label: str
    kind: Kind
    help: str | None = None


def _config(column: Column) -> Any:
    number = {
        "count": "localized",
        "rate": "%.1f %%",
        "change": "%+.1f %%",
        "money": "%,.0f",
        "seconds": "localized",
        "ratio": "%.1f",
        "number": "localized",
    }
    options = {"label": column.label, "help": column.help}
    if column.kind == "share":
        return st.column_config.ProgressColumn(
            format="%.1f %%", min_value=0, max_value=100, width="small", **options
        )
    if column.kind == "time":
        return st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", **options)
    if column.kind == "day":
        return st.column_config.DateColumn(format="YYYY-MM-DD", **options)
    if column.kind == "flag":
        return st.column_config.TextColumn(alignment="center", **options)
    if column.kind == "text":
        return st.column_config.TextColumn(**options)
    return st.column_config.NumberColumn(format=number[column.kind], **options)


def table(frame: pd.DataFrame, columns: Mapping[str, Column], alt: str, **options: Any) -> Any:
    """Draw the named columns of `frame` in their order; further options go to st.dataframe."""
    shown = frame[list(columns)].copy()
    for name, column in columns.items():
        if column.kind in ("rate", "change", "share"):
            shown[name] = shown[name].astype("float64") * 100
        if column.kind == "seconds":
            shown[name] = pd.to_timedelta(shown[name].astype("float64").map(two_units), unit="s")
        if column.kind == "flag":
            # A box would look as if it could be ticked.
            shown[name] = shown[name].map({True: "✓"})
    config = {name: _config(column) for name, column in columns.items()}
    return st.dataframe(
        shown, hide_index=True, column_config=config, alt=alt, placeholder=NO_VALUE, **options
    )


def headed_table(
    title: str,
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    alt: str,
    published: data.Published | None,
    described: Mapping[str, str],
    **options: Any,
) -> Any:
    """Draw a heading with the download beside it, and the table below."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(title, anchor=False)
        download(frame, columns, title, published, described)
    return table(frame, columns, alt, **options)


def limit_note(frame: pd.DataFrame) -> None:
    """Say that only the largest are shown, where `all_values` is more than the rows."""
    if len(frame) and len(frame) < frame["all_values"].iloc[0]:
        st.caption(f"The {len(frame)} largest of {frame['all_values'].iloc[0]:,}.")


def download(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    name: str,
    published: data.Published | None,
    described: Mapping[str, str],
) -> None:
    """Draw the button that saves the shown rows with the filters, the version and the time above them."""
    key = f"download_{name}"
    shown = frame[list(columns)].rename(columns={key: column.label for key, column in columns.items()})
    header = {"Table": name, **described, "Exported": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"}
    if published:
        header["Version"] = f"{published.version}, data until {published.as_of:%Y-%m-%d %H:%M} UTC"
    file_name = f"{name} {published.version if published else ''}".strip().lower().replace(" ", "_") + ".csv"
    st.download_button(
        "CSV",
        lambda: text.to_csv(shown, header),
        file_name,
        "text/csv",
        key=key,
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=f"Save {name.lower()} as shown",
    )
