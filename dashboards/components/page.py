"""What every page begins with: title, freshness, and a helpful page where there is nothing to show.

Here: the frame of a page. Keep out: figures.
"""

from typing import NoReturn

import streamlit as st

from dashboards import data
from dashboards.components.freshness import freshness_badge


def frame(title: str) -> data.Published | None:
    """Draw the head of a page; return the version that is shown, or None (and say why) where there is none."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="head"):
        st.title(title, anchor=False, width="content")
        badge = st.container(width="content")
    try:
        published = data.published()
    except data.DataUnavailableError as error:
        _explain("No published data", str(error))
        return None
    with badge:
        freshness_badge(published)
    return published


def open_page(title: str) -> data.Published:
    """Draw the head of a page that shows published figures; without a version the page ends there."""
    published = frame(title)
    if published is None:
        st.stop()
    if not published.tables.get("analytics_sessions"):
        stop("No sessions yet", "The published version has no sessions. Put files into landing and run `make run`.")
    return published


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
