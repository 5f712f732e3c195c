"""Cards of figures: value, change, small line and definition.

Here: one card, and the wall of cards for metrics. Keep out: formulas and wording of figures (metrics.py).
"""

from collections.abc import Sequence

import streamlit as st

from dashboards.components.filters import Filters
from dashboards.metrics import METRICS, NONE_BEFORE, change_text, value_text
from dashboards.queries import Totals

_COLORS = {"up": "normal", "down": "inverse", "neither": "off"}
_AGAINST = {"Same weekdays before": "vs same weekdays before", "Same days last year": "vs last year"}


def card(
    label: str,
    value: str,
    change: str | None,
    filters: Filters,
    description: str,
    good: str = "up",
    line: Sequence[float] | None = None,
) -> None:
    """Draw one card; `change` is None where there is nothing to compare with, and the card says so."""
    compared = filters.shift is not None
    changed = change not in (None, NONE_BEFORE)
    against = _AGAINST.get(filters.compare, f"vs {filters.days} days before")
    st.metric(
        label,
        value,
        change or ("no earlier data" if compared else None),
        delta_color=_COLORS[good] if changed else "off",
        delta_arrow="auto" if changed else "off",
        delta_description=against if changed else None,
        help=description,
        border=True,
        chart_data=line,
        chart_type="area",
    )


def metric_cards(
    names: tuple[str, ...], now: Totals, before: Totals | None, filters: Filters, currency: str
) -> None:
    """Draw one card a metric, in rows of three or four."""
    with st.grid(4 if len(names) % 4 == 0 else 3, min_column_width=165, gap="small", key="cards"):
        for name in names:
            metric = METRICS[name]
            change = change_text(metric, now.whole[name], before.whole[name]) if before else None
            card(
                metric.label,
                value_text(metric, now.whole[name], currency),
                change,
                filters,
                metric.description,
                metric.good,
                now.buckets[name].fillna(0).tolist(),
            )
