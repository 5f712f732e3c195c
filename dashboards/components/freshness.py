"""How fresh and how sound the figures are: the badge on every page.

Here: its wording and colour, and the reload when another version is published. Keep out: the Loads page's
tables.
"""

import streamlit as st

from dashboards import data
from dashboards.components import text

RELOAD_SECONDS = 30
LOADS_PAGE = "views/loads.py"


def freshness_badge(published: data.Published) -> None:
    """Draw the badge, linked to the Loads page, and follow a version that is published while the
    page is open.
    """
    label, color, reason = _state(published)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="freshness"):
        st.badge(label, color=color, help=reason)
        st.page_link(LOADS_PAGE, label="Details", help="Files, rejected lines, runs and checks")
    if color == "red":
        st.caption(reason)
    _follow_new_version(published.version)


def local(moment, published: data.Published, form: str = "%d %b %Y %H:%M") -> str:
    """Return a moment as text in the reporting time zone."""
    return moment.astimezone(published.time_zone).strftime(form)


def _state(published: data.Published) -> tuple[str, str, str]:
    until = f"Data until {local(published.as_of, published)}"
    shown = f"published {local(published.published_at, published, '%d %b %H:%M')}"
    about = f"Version {text.plain(published.version)}. Times are in {published.time_zone.key}."
    try:
        status = data.status()
        failed, checks = _checks(status)
    except data.DataUnavailableError as error:
        return f"{until} · {shown}", "orange", f"{about} {text.plain(str(error))}"
    if published.pinned:
        return (
            f"Pinned · {until} · {shown}",
            "orange",
            f"{about} New runs do not replace it until `trackway publish --resume`.",
        )
    if status.stale_since:
        reason = text.plain(status.reason) or "no reason was recorded"
        return (
            f"Stale since {local(status.stale_since, published)} · {until}",
            "red",
            f"The newest run did not pass ({local(status.written_at, published)}): {reason}",
        )
    if not checks:
        return f"{until} · {shown} · no checks recorded", "orange", about
    result = f"{failed} of {checks} checks failed" if failed else f"{checks} checks passed"
    label = f"{until} · {shown} · {result}"
    return label, "orange" if failed else "green", about


def _checks(status: data.Status) -> tuple[int, int]:
    row = data.query(
        status.file,
        "select count(*) filter (status = 'failed') as failed, count(*) as checks from data_quality",
    ).iloc[0]
    return int(row["failed"]), int(row["checks"])


@st.fragment(run_every=RELOAD_SECONDS)
def _follow_new_version(shown: str) -> None:
    try:
        current = data.published().version
    except data.DataUnavailableError:
        return
    if current != shown:
        st.rerun()
