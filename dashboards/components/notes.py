"""What a reader has to know about what was chosen: values that do not exist, days without data.

Here: notes below the filter bar. Keep out: notes about single figures, which stand beside them.
"""

from datetime import date

import streamlit as st

from dashboards.components import text


def note_coverage(first: date, start: date, earlier: tuple[date, date] | None) -> None:
    """Say where the data begin within a period: its figures, or the changes since it, mislead."""
    if start < first:
        st.caption(f"The data begin on {first:%d %b %Y}, after the first day of this period.")
    elif earlier and earlier[0] < first <= earlier[1]:
        st.caption(
            f"The data begin on {first:%d %b %Y}, within the compared period: it has fewer days, so the "
            "changes of counts look larger than they are."
        )


def note_ignored(asked: dict[str, list[str]]) -> None:
    """Say once a visit which values of the link were not possible; Streamlit drops them without a word."""
    if st.session_state.get("link_was_read"):
        return
    st.session_state["link_was_read"] = True
    ignored = [
        key
        for key, values in asked.items()
        if any(values) and _shown(key) != {value.lower() for value in values}
    ]
    if ignored:
        names = text.plain(", ".join(ignored))
        st.info(
            f"The link asked for values that do not exist here ({names}); they are ignored.",
            icon=":material/link_off:",
        )


def _shown(key: str) -> set[str]:
    value = st.session_state.get(key, ())
    return {str(item).lower() for item in (value if isinstance(value, (list, tuple)) else [value])}
