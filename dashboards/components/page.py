"""What every page begins with: title, freshness, filters, and a helpful page where there is nothing to show.

Here: the frame of a page. Keep out: figures.
"""

from typing import NamedTuple, NoReturn

import streamlit as st

from dashboards import data
from dashboards.components.filters import Filters, filter_bar
from dashboards.components.freshness import freshness_badge

_SHOWN = "shown"


class Shown(NamedTuple):
    """What a page shows: the version, and the chosen sessions."""

    published: data.Published
    filters: Filters


def frame(title: str, filtered: bool, bots_count: bool = True) -> None:
    """Draw the head of a page and, if it is `filtered`, the filter bar, without which there is nothing to
    show; `bots_count` is false on pages that never count them.

    The router calls this, not the page: only widgets of the router keep their values from page to page.
    """
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="head"
    ):
        st.title(title, anchor=False, width="content")
        badge = st.container(width="content")
    st.session_state[_SHOWN] = None
    try:
        published = data.published()
    except data.DataUnavailableError as error:
        _explain("No published data", str(error))
        if filtered:
            st.stop()
        return
    with badge:
        freshness_badge(published)
    if filtered:
        if not published.tables.get("analytics_sessions"):
            stop(
                "No sessions yet",
                "The published version has no sessions. Put files into landing and run make run.",
            )
        st.session_state[_SHOWN] = Shown(published, filter_bar(published, bots_count))


def shown() -> Shown:
    """Return what this run of a filtered page shows."""
    return st.session_state[_SHOWN]


def stop(title: str, reason: str) -> NoReturn:
    """Show why there is nothing to see and what helps, and end the page."""
    _explain(title, reason)
    st.stop()


def section(title: str, help_text: str | None = None) -> None:
    """Draw the heading of a block."""
    st.subheader(title, anchor=False, help=help_text)


def _explain(title: str, reason: str) -> None:
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.text(reason)
