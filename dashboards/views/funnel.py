"""Funnels: how many people reach each step, how long they take, by what, and how it changes."""

import pandas as pd
import streamlit as st

from dashboards import data
from dashboards.components import charts
from dashboards.components.cards import card
from dashboards.components.filters import DIMENSIONS, Filters
from dashboards.components.page import section, shown, stop
from dashboards.components.tables import Column, download, limit_note, table
from dashboards.components.text import words
from dashboards.funnel_queries import completion, funnels, steps
from dashboards.metrics import Metric, change_text, value_text
from dashboards.queries import grain_for

PEOPLE = Metric(
    "people",
    "People who entered",
    "People",
    "",
    "count",
    "up",
    "People with an attempt that began in the period; each counts once, with the attempt that got furthest "
    "(of a day, only a person's best attempt is known).",
)
OVERALL = Metric(
    "overall_rate",
    "Overall rate",
    "Overall",
    "",
    "rate",
    "up",
    "Share of the people of step 1 who reached the last step. Who entered lately may still do so.",
)
COMPLETED = Metric(
    "completed",
    "People who completed",
    "Completed",
    "",
    "count",
    "up",
    "People who reached the last step within the funnel's window.",
)
MEDIAN_TIME = Metric(
    "median_start",
    "Median time to convert",
    "Median time",
    "",
    "seconds",
    "down",
    "Median time from step 1 to the last step, over those who completed.",
)
STEP_COLUMNS = {
    "step_number": Column("Step", "count"),
    "label": Column("Event", "text"),
    "people": Column("People", "count"),
    "step_rate": Column("Step rate", "rate", "Share of the people of the step before"),
    "overall_rate": Column("Overall", "rate", "Share of the people of step 1"),
    "drop_off": Column("Lost", "count", "People of the step before who did not get here"),
    "median_step": Column("Step time", "seconds", "Median time since the step before"),
    "median_start": Column("Total time", "seconds", "Median time since step 1"),
}
LARGEST_VALUES = 6


def funnel_cards(now: pd.DataFrame, before: pd.DataFrame | None, filters: Filters, currency: str) -> None:
    """Draw people in and out, the overall rate and the median time."""
    first, last = now.iloc[0], now.iloc[-1]
    earlier = None if before is None or before.empty else (before.iloc[0], before.iloc[-1])
    figures = (
        (PEOPLE, first["people"], earlier and earlier[0]["people"]),
        (COMPLETED, last["people"], earlier and earlier[1]["people"]),
        (OVERALL, last["overall_rate"], earlier and earlier[1]["overall_rate"]),
        (MEDIAN_TIME, last["median_start"], earlier and earlier[1]["median_start"]),
    )
    with st.grid(4, min_column_width=165, gap="small", key="cards"):
        for metric, value, base in figures:
            change = change_text(metric, value, base)
            card(
                metric.label,
                value_text(metric, value, currency),
                change,
                filters,
                metric.description,
                metric.good,
            )


def steps_block(
    published: data.Published, now: pd.DataFrame, before: pd.DataFrame | None, described: dict[str, str]
) -> None:
    """Draw a bar a step, and the figures of each."""
    columns = dict(STEP_COLUMNS)
    rows = now.assign(label=now["step"].map(words))
    if before is not None and len(before):
        rows["overall_before"] = rows["step_number"].map(before.set_index("step_number")["overall_rate"])
        columns["overall_before"] = Column("Before", "rate", "Overall rate in the compared period")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section("Steps", "Bots, internal traffic and visitors without any id never count in funnels.")
        download(rows, columns, "Funnel steps", published, described)
    left, right = st.columns([4, 7], gap="medium")
    with left:
        st.altair_chart(charts.funnel_bars(rows), alt="People at each step of the funnel, against step 1")
    with right:
        table(rows, columns, "People, rates, drop-off and median times by step", height="content")


def breakdown_block(
    published: data.Published, rows: pd.DataFrame, label: str, described: dict[str, str]
) -> None:
    """Draw the share that reaches each step for the largest values of a dimension."""
    parts = rows[~rows["is_whole"]].assign(label=lambda part: part["step"].map(words))
    first = parts[parts["step_number"] == parts["step_number"].min()]
    entered = first.nlargest(LARGEST_VALUES, "people").assign(all_values=len(first))
    parts = parts[parts["value"].isin(entered["value"])]
    last = parts[parts["step_number"] == parts["step_number"].max()].set_index("value")
    shown = entered[["value", "people", "all_values"]].assign(
        completed=entered["value"].map(last["people"]).fillna(0).astype(int),
        overall_rate=entered["value"].map(last["overall_rate"]).fillna(0.0),
        median_start=entered["value"].map(last["median_start"]),
    )
    columns = {
        "value": Column(label, "text"),
        "people": Column("Entered", "count"),
        "completed": Column("Completed", "count"),
        "overall_rate": Column("Overall rate", "rate"),
        "median_start": Column("Median time", "seconds"),
    }
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section(f"By {label.lower()}", "Of the session in which the attempt began.")
        download(shown, columns, f"Funnel by {label}", published, described)
    left, right = st.columns(2, gap="medium")
    with left:
        st.altair_chart(
            charts.grouped_bars(parts, entered["value"].tolist(), label),
            alt=f"Share of step 1 that reaches each step, by {label.lower()}",
        )
    with right:
        table(shown, columns, f"Funnel by {label.lower()}, largest first", height="content")
        limit_note(shown)


def trend_block(
    published: data.Published, filters: Filters, funnel: str, last_step: int, described: dict[str, str]
) -> None:
    """Draw the overall rate by day, week or month, beside the compared period's."""
    grain = grain_for(filters.days)
    section(f"Overall rate by {grain}", "Of the people who entered in it; the newest may still convert.")
    now = completion(published, filters, funnel, last_step, grain)
    parts = [now.assign(series=filters.label, bucket=now["day"])]
    earlier = filters.earlier()
    if earlier:
        before = completion(published, earlier, funnel, last_step, grain)
        moved = before["day"] + pd.Timedelta(filters.shift)
        parts.append(before.assign(series=earlier.label, bucket=moved))
    rows = pd.concat(parts)
    columns = {
        "series": Column("Period", "text"),
        "day": Column(f"First day of the {grain}", "day"),
        "entered": Column("Entered", "count"),
        "overall_rate": Column("Overall rate", "rate"),
    }
    charts.chart_block(
        charts.trend(rows, OVERALL, "Overall rate"),
        rows,
        columns,
        f"Overall rate by {grain}",
        f"Share of people who complete the funnel, by {grain}",
        published,
        described,
    )


published, filters = shown()
names = funnels(published)
if not names:
    stop(
        "No funnels in this version",
        "Funnels are defined in the business's business.yml; build again with make run.",
    )
with st.container(horizontal=True, vertical_alignment="bottom"):
    funnel = st.selectbox(
        "Funnel", list(names), key="funnel", bind="query-params", format_func=words, width=220
    )
    labels = {label: column for column, label in DIMENSIONS.items()}
    by = st.segmented_control(
        "Break down by", list(labels), default="Channel", required=True, key="funnel_by", bind="query-params"
    )
figures = steps(published, filters, funnel, names[funnel], labels[by])
if figures.empty:
    stop("Nobody entered this funnel in the selection", "Choose a longer period or fewer filters.")
earlier = filters.earlier()
before = steps(published, earlier, funnel, names[funnel], labels[by]).query("is_whole") if earlier else None
described = filters.describe() | {"Funnel": funnel}
funnel_cards(figures[figures["is_whole"]], before, filters, published.currency)
steps_block(published, figures[figures["is_whole"]], before, described)
breakdown_block(published, figures, by, described)
trend_block(published, filters, funnel, len(names[funnel]), described)
