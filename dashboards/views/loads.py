"""Loads and rejects: what became of every line of every file, which checks failed, and how the runs went."""

import pandas as pd
import streamlit as st

from dashboards import data, status_queries
from dashboards.advice import WHAT_TO_DO, advice
from dashboards.components.page import stop
from dashboards.components.tables import Column, download, headed_table, table

COUNT_LABELS = {
    "loaded": "Loaded",
    "duplicate": "Duplicate",
    "quarantined": "Rejected",
    "suppressed": "Suppressed",
    "erased": "Erased",
    "blank": "Blank",
}
LOAD_COLUMNS = (
    {"file": Column("File", "text", "Path below the landing folder"), "lines": Column("Lines", "count")}
    | {name: Column(label, "count") for name, label in COUNT_LABELS.items()}
    | {
        "missing": Column("Missing", "count", "Lines minus all the counts before; must be 0"),
        "status": Column("Result", "text"),
        "reason": Column("Reason", "text"),
        "at": Column("First loaded", "time"),
        "hash": Column("Hash", "text", "Start of the hash of the file's content"),
    }
)
REASON_COLUMNS = {
    "reason": Column("Reason", "text"),
    "lines": Column("Lines", "count"),
    "files": Column("Files", "count"),
    "advice": Column("What to do", "text"),
}
REJECT_COLUMNS = {
    "file": Column("File", "text"),
    "line_number": Column("Line", "count"),
    "reason": Column("Reason", "text"),
    "masked_line": Column(
        "Line, masked", "text", "Personal data are masked; the quarantine folder keeps the original"
    ),
}
CHECK_COLUMNS = {
    "status": Column("Result", "text"),
    "dataset": Column("Table", "text"),
    "check_name": Column("Check", "text"),
    "severity": Column("Severity", "text"),
    "observed": Column("Observed", "text"),
    "expected": Column("Expected", "text"),
    "at": Column("Run", "time"),
}
RUN_COLUMNS = {
    "started": Column("Started", "time"),
    "status": Column("Result", "text"),
    "seconds": Column("Took", "seconds"),
    "published_version": Column("Published", "text"),
    "message": Column("Message", "text"),
    "run_id": Column("Run", "text"),
}
MEASURE_COLUMNS = {
    "metric_name": Column("Measurement", "text"),
    "metric_value": Column("Value", "number"),
    "metric_unit": Column("Unit", "text"),
    "tags": Column("Of", "text"),
}


def summary(loads: pd.DataFrame, checks: pd.DataFrame) -> None:
    """Draw the totals, and the rule that no line may be missing."""
    read = loads[loads["status"] == "loaded"]
    lines, missing = int(read["lines"].sum()), int(loads["missing"].abs().sum())
    failed = int((checks["status"] == "failed").sum())
    cards = (
        ("Files", len(loads), "Files seen in landing since the warehouse was built"),
        ("Lines", lines, "Lines in these files"),
        ("Loaded", int(read["loaded"].sum()), "Lines that are in the warehouse"),
        (
            "Rejected",
            int(read["quarantined"].sum()),
            "Lines that could not be read; kept in quarantine with a reason",
        ),
        ("Checks failed", failed, f"Of {len(checks)} checks in the newest run"),
    )
    with st.grid(5, min_column_width=170, gap="small", key="cards"):
        for label, value, meaning in cards:
            st.metric(label, f"{value:,}", help=meaning, border=True)
    parts = " + ".join(f"{int(read[name].sum()):,} {label.lower()}" for name, label in COUNT_LABELS.items())
    if missing:
        wrong = int((loads["missing"] != 0).sum())
        st.error(
            f"{lines:,} lines are not the sum of {parts}: {missing:,} are unaccounted for in "
            f"{wrong} files, listed first.",
            icon=":material/error:",
        )
    else:
        st.success(f"Every line is accounted for: {lines:,} = {parts}.", icon=":material/check:")


def rejects_block(status: data.Status, described: dict[str, str], published: data.Published | None) -> None:
    """Draw the rejected lines by reason, and one by one."""
    reasons = status_queries.reject_reasons(status)
    if reasons.empty:
        st.text("No line was rejected.")
        return
    headed_table(
        "Rejects by reason",
        reasons.assign(advice=reasons["reason"].map(advice)),
        REASON_COLUMNS,
        "Rejected lines by reason, most frequent first",
        published,
        described,
        height="content",
    )
    st.caption(WHAT_TO_DO)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        reason = st.selectbox(
            "Reason",
            reasons["reason"].tolist(),
            index=None,
            placeholder="All reasons",
            key="reason",
            bind="query-params",
            width=360,
        )
        count = int(
            reasons.loc[reasons["reason"] == reason, "lines"].sum() if reason else reasons["lines"].sum()
        )
        page = st.pagination(-(-count // status_queries.PAGE_SIZE), key="reject_page", bind="query-params")
    rows = status_queries.rejects(status, reason, page)
    table(rows, REJECT_COLUMNS, "Rejected lines with file, line and reason")
    download(
        rows,
        REJECT_COLUMNS,
        "Rejected lines",
        published,
        described | {"Reason": reason or "all", "Page": str(page)},
    )


def checks_block(checks: pd.DataFrame, described: dict[str, str], published: data.Published | None) -> None:
    """Draw the checks, failures first."""
    if checks.empty:
        st.text("No check was recorded.")
        return
    marks = {"failed": "✕ failed", "passed": "✓ passed"}
    rows = checks.assign(status=checks["status"].map(lambda result: marks.get(result, f"! {result}")))
    table(rows, CHECK_COLUMNS, "Checks of the newest run, failures first")
    download(rows, CHECK_COLUMNS, "Checks", published, described)


try:
    published = data.published()
except data.DataUnavailableError:
    published = None  # the head of the page says so; runs are shown all the same
try:
    status = data.status()
except data.DataUnavailableError as error:
    stop("No run yet", str(error))
zone = published.time_zone.key if published else "UTC"
if not status_queries.has_loads(status):
    stop("Nothing was loaded yet", f"The newest run ended before loading: {status.reason}")
described = {"Run": status.run_id, "Times": zone}
loads = status_queries.loads(status, zone)
checks = status_queries.checks(status, zone)
summary(loads, checks)
tabs = st.tabs(["Files", "Rejected lines", "Checks", "Runs", "Measurements"])
with tabs[0]:
    table(loads, LOAD_COLUMNS, "Files with what became of their lines", height=560)
    download(loads, LOAD_COLUMNS, "Files", published, described)
with tabs[1]:
    rejects_block(status, described, published)
with tabs[2]:
    checks_block(checks, described, published)
with tabs[3]:
    runs = status_queries.runs(status, zone)
    table(runs, RUN_COLUMNS, "Runs, newest first")
    download(runs, RUN_COLUMNS, "Runs", published, described)
with tabs[4]:
    measured = status_queries.measurements(status)
    table(measured, MEASURE_COLUMNS, "What the run measured of itself")
    download(measured, MEASURE_COLUMNS, "Measurements", published, described)
