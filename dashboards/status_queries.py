"""Questions about runs, asked of the status file: loads, rejected lines, checks, runs.

Here: one function a question; empty frames where nothing was recorded. Keep out: the published file.
"""

import pandas as pd

from dashboards import data

COUNTS = ("loaded", "duplicate", "quarantined", "suppressed", "erased", "blank")
PAGE_SIZE = 50


def has_loads(status: data.Status) -> bool:
    """Return whether any run got as far as loading."""
    return bool(len(data.query(status.file, "from duckdb_tables() where table_name = 'loads'")))


def loads(status: data.Status, zone: str) -> pd.DataFrame:
    """Return every file seen, newest first; `missing` is a loaded file's lines minus what became of them."""
    return data.query(
        status.file,
        f"""
        select file, status, reason, lines, {", ".join(COUNTS)}, left(content_hash, 8) as hash,
            case when status = 'loaded' then lines - ({" + ".join(COUNTS)}) else 0 end as missing,
            timezone($zone, timezone('UTC', loaded_at)) as at
        from loads order by missing <> 0 desc, loaded_at desc, file
        """,
        {"zone": zone},
    )


def reject_reasons(status: data.Status) -> pd.DataFrame:
    """Return the number of rejected lines and of files by reason, most frequent first."""
    return data.query(
        status.file,
        """
        select reason, count(*) as lines, count(distinct file) as files
        from rejected_events group by reason order by lines desc, reason
        """,
    )


def rejects(status: data.Status, reason: str | None, page: int) -> pd.DataFrame:
    """Return one page of rejected lines (masked) in order of file and line, of one reason or of all."""
    return data.query(
        status.file,
        f"""
        select file, line_number, reason,
            masked_line from rejected_events where $reason is null or reason = $reason
        order by file, line_number limit {PAGE_SIZE} offset $offset
        """,
        {"reason": reason, "offset": (page - 1) * PAGE_SIZE},
    )


def checks(status: data.Status, zone: str) -> pd.DataFrame:
    """Return the checks of the run, failures first."""
    return data.query(
        status.file,
        """
        select dataset, "check" as check_name, status, severity, observed::varchar as observed,
            expected::varchar as expected,
            timezone($zone, timezone('UTC', run_at)) as at
        from data_quality
        order by case status when 'failed' then 0 when 'passed' then 2 else 1 end, dataset, check_name
        """,
        {"zone": zone},
    )


def runs(status: data.Status, zone: str) -> pd.DataFrame:
    """Return the runs, newest first, with their seconds."""
    return data.query(
        status.file,
        """
        select run_id, status, timezone($zone, timezone('UTC', started_at)) as started,
            date_diff('millisecond', started_at, ended_at) / 1000 as seconds, published_version, message
        from runs order by started_at desc
        """,
        {"zone": zone},
    )


def measurements(status: data.Status) -> pd.DataFrame:
    """Return what the run measured of itself, the longest and the largest first."""
    return data.query(
        status.file,
        """
        select metric_name, metric_value::double as metric_value, metric_unit,
            array_to_string(tags::json->>'$.*', ', ') as tags
        from performance_metrics order by metric_unit desc, metric_value desc, tags
        """,
    )
