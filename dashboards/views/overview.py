"""Overview: the key figures of a period, their course, and where the sessions came from."""

import pandas as pd
import streamlit as st

from dashboards import data
from dashboards.components import charts
from dashboards.components.cards import metric_cards
from dashboards.components.filters import DIMENSIONS, Filters
from dashboards.components.page import section, shown, stop
from dashboards.components.tables import Column, headed_table, limit_note
from dashboards.metrics import METRICS
from dashboards.queries import Totals, by_dimension, grain_for, totals

KPIS = (
    "sessions",
    "people",
    "page_views",
    "engaged_rate",
    "conversion_rate",
    "conversions",
    "revenue",
    "engaged_seconds",
)
DIMENSION_METRICS = ("sessions", "engaged_rate", "conversion_rate", "revenue")


def trend_block(published: data.Published, filters: Filters, now: Totals, before: Totals | None) -> None:
    """Draw one metric over time beside the compared period."""
    labels = {METRICS[name].label: METRICS[name] for name in KPIS}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section("Trend")
        chosen = st.selectbox(
            "Metric", list(labels), key="metric", bind="query-params", label_visibility="collapsed", width=220
        )
    metric = labels[chosen]
    rows = _series(now, metric.name, filters.label)
    if before:
        earlier = filters.earlier()
        rows = pd.concat([rows, _series(before, metric.name, earlier.label, now.buckets.index)])
    unit = {"money": f" ({published.currency})", "seconds": " (seconds)"}.get(metric.unit, "")
    columns = {
        "series": Column("Period", "text"),
        "day": Column(f"First day of the {now.grain}", "day"),
        metric.name: Column(metric.label + unit, metric.unit),
    }
    alt_text = f"{metric.label} by {now.grain}, {filters.label}" + (
        ", with the compared period" if before else ""
    )
    charts.chart_block(
        charts.trend(rows, metric, f"{metric.label}{unit}"),
        rows,
        columns,
        f"{metric.label} by {now.grain}",
        alt_text,
        published,
        filters.describe(),
    )


def _series(figures: Totals, name: str, label: str, onto: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    values = figures.buckets[name]
    values = values.fillna(0) if METRICS[name].unit in ("count", "money") else values
    rows = pd.DataFrame(
        {"series": label, "day": values.index, "bucket": values.index, name: values.to_numpy()}
    )
    if onto is None:
        return rows
    rows = rows.iloc[: len(onto)]
    return rows.assign(bucket=onto[: len(rows)])


def dimension_block(published: data.Published, filters: Filters, column: str, wide: bool) -> None:
    """Draw the values of one dimension with their share and rates, and the change of their sessions."""
    label = DIMENSIONS[column]
    rows = by_dimension(published, filters, column, DIMENSION_METRICS, limit=20 if wide else 8)
    columns = {
        "value": Column(label, "text"),
        "sessions": Column("Sessions", "count"),
        "share": Column("Share", "share"),
    }
    earlier = filters.earlier()
    if wide and earlier:
        before = by_dimension(published, earlier, column, ("sessions",)).set_index("value")["sessions"]
        rows["change"] = rows["sessions"] / rows["value"].map(before) - 1
        columns["change"] = Column("Change", "change", "Sessions against the compared period")
    names = ("engaged_rate", "conversion_rate", "revenue") if wide else ("conversion_rate",)
    for name in names:
        metric = METRICS[name]
        unit = f" ({published.currency})" if metric.unit == "money" else ""
        columns[name] = Column(metric.heading + unit, metric.unit, metric.description)
    headed_table(
        f"Sessions by {label.lower()}",
        rows,
        columns,
        f"Sessions by {label.lower()}, largest first",
        published,
        filters.describe(),
        height="content",
    )
    limit_note(rows)


published, filters = shown()
grain = grain_for(filters.days)
now = totals(published, filters, KPIS, grain)
if not now.whole["sessions"]:
    stop(
        "No sessions in this selection",
        "Choose a longer period or fewer filters, or include bots; the data end on "
        f"{published.as_of.astimezone(published.time_zone):%d %b %Y}.",
    )
earlier = filters.earlier()
before = totals(published, earlier, KPIS, grain) if earlier else None
if before is not None and not before.whole["sessions"]:
    before = None
metric_cards(KPIS, now, before, filters, published.currency)
trend_block(published, filters, now, before)
left, right = st.columns([5, 3], gap="medium")
with left:
    dimension_block(published, filters, "channel", wide=True)
with right:
    dimension_block(published, filters, "device_type", wide=False)
    dimension_block(published, filters, "geo_country", wide=False)
