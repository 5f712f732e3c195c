"""Charts in the page's theme, each with alternative text and the table behind it.

Here: the trend line, bars and the frame around them. Add a shape as one function that returns an Altair
chart.
Keep out: queries, and colours: the theme's palette gives them, in light and dark.
"""

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import data
from dashboards.components.tables import Column, download, table
from dashboards.metrics import Metric

_AXIS = {"count": ",d", "rate": ".0%", "money": ",d", "seconds": ",d", "ratio": ".1f"}
_TOOLTIP = {"count": ",d", "rate": ".2%", "money": ",.2f", "seconds": ",.0f", "ratio": ".2f"}
HEIGHT = 280
ROW_HEIGHT = 33


def trend(frame: pd.DataFrame, metric: Metric, axis_title: str) -> alt.Chart:
    """Return lines over `bucket` (a date), one for each `series` in its order; `day` is the date
    of the value itself.
    """
    series = list(frame["series"].unique())
    few = frame["bucket"].nunique() <= 2
    y = alt.Y(
        metric.name,
        type="quantitative",
        title=axis_title,
        scale=alt.Scale(zero=metric.unit != "seconds"),
        axis=alt.Axis(format=_AXIS[metric.unit], tickCount=5, domain=False, ticks=False),
    )
    x = alt.X(
        "bucket:T", title=None, axis=alt.Axis(format="%d %b", grid=False, tickCount=7, labelOverlap=True)
    )
    color = alt.Color(
        "series:N",
        sort=series,
        scale=alt.Scale(domain=series),
        legend=alt.Legend(
            title=None, orient="top", direction="horizontal", symbolType="stroke", symbolStrokeWidth=2.5
        )
        if len(series) > 1
        else None,
    )
    dash = alt.StrokeDash(
        "series:N", sort=series, scale=alt.Scale(domain=series, range=[[1, 0], [4, 4]]), legend=None
    )
    tooltip = [
        alt.Tooltip("series:N", title="Period"),
        alt.Tooltip("day:T", title="Day", format="%a %d %b %Y"),
        alt.Tooltip(metric.name, type="quantitative", title=metric.label, format=_TOOLTIP[metric.unit]),
    ]
    base = alt.Chart(frame).encode(x=x, y=y, color=color, tooltip=tooltip)
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    nearest = alt.selection_point(
        fields=["bucket"], nearest=True, on="pointerover", empty=False, clear="pointerout"
    )
    points = (
        base.mark_circle(size=60)
        .encode(opacity=alt.value(1) if few else alt.when(nearest).then(alt.value(1)).otherwise(alt.value(0)))
        .add_params(nearest)
    )
    return (lines + points).properties(height=HEIGHT)


def bars(frame: pd.DataFrame, category: str, value: str, label: str, order: list[str]) -> alt.Chart:
    """Return upright bars of a count, in the given order of categories."""
    base = alt.Chart(frame).encode(
        x=alt.X(
            category,
            type="nominal",
            sort=order,
            title=None,
            axis=alt.Axis(labelAngle=0, domain=True, ticks=False),
        ),
        y=alt.Y(
            value,
            type="quantitative",
            title=None,
            axis=alt.Axis(format=",d", tickCount=4, domain=False, ticks=False),
        ),
        tooltip=[
            alt.Tooltip(category, type="nominal", title=label),
            alt.Tooltip(value, type="quantitative", format=",d"),
        ],
    )
    marks = base.mark_bar(cornerRadiusTopLeft=3, cornerRadiusTopRight=3)
    return marks.properties(height=HEIGHT)


def chart_block(
    chart: alt.Chart,
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    name: str,
    alt_text: str,
    published: data.Published,
    described: Mapping[str, str],
) -> None:
    """Draw a chart, and below it the folded table behind it with its download."""
    st.altair_chart(chart, alt=alt_text)
    with st.expander("Table", icon=":material/table_rows:", type="compact"):
        table(frame, columns, f"{name}, as a table")
        download(frame, columns, name, published, described)


def funnel_bars(rows: pd.DataFrame) -> alt.LayerChart:
    """Return a bar a step (`label`, `people`, `overall_rate`), each on a pale one as tall as step 1."""
    order = rows["label"].tolist()
    frame = rows.assign(entered=rows["people"].iloc[0])
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=160),
    )
    x = alt.X("people:Q", title=None, axis=None)
    tooltip = [
        alt.Tooltip("label:N", title="Step"),
        alt.Tooltip("people:Q", title="People", format=",d"),
        alt.Tooltip("step_rate:Q", title="Step rate", format=".1%"),
        alt.Tooltip("overall_rate:Q", title="Overall rate", format=".1%"),
    ]
    base = alt.Chart(frame).encode(y=y)
    pale = base.mark_bar(opacity=0.15, cornerRadiusEnd=3, size=20).encode(
        x=alt.X("entered:Q", title=None, axis=None)
    )
    reached = base.mark_bar(cornerRadiusEnd=3, size=20).encode(x=x, tooltip=tooltip)
    # The bars stand beside the rows of a table, below its heading.
    height = ROW_HEIGHT * (len(rows) + 1)
    return (pale + reached).properties(height=height, padding={"top": ROW_HEIGHT, "bottom": 0})


def grouped_bars(rows: pd.DataFrame, values: list[str], label: str) -> alt.Chart:
    """Return the overall rate of each step after the first, one bar a value (`value`), in the
    order of `values`.
    """
    later = rows[rows["step_number"] > 1].sort_values("step_number")
    return (
        alt.Chart(later)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "label:N",
                sort=list(dict.fromkeys(later["label"])),
                title=None,
                axis=alt.Axis(labelAngle=0, ticks=False),
            ),
            xOffset=alt.XOffset("value:N", sort=values),
            y=alt.Y(
                "overall_rate:Q",
                title=None,
                axis=alt.Axis(format=".0%", tickCount=4, domain=False, ticks=False),
            ),
            color=alt.Color(
                "value:N",
                sort=values,
                scale=alt.Scale(domain=values),
                legend=alt.Legend(title=None, orient="top", columns=3),
            ),
            tooltip=[
                alt.Tooltip("label:N", title="Step"),
                alt.Tooltip("value:N", title=label),
                alt.Tooltip("people:Q", title="People", format=",d"),
                alt.Tooltip("overall_rate:Q", title="Overall rate", format=".1%"),
            ],
        )
        .properties(height=230)
    )
