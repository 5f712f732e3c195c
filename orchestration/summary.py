"""What was built, in a few lines for people.

Add here: a line about a table that everybody asks about. Keep out: figures that the file does not hold.
"""

from collections.abc import Iterator
from typing import Any

import duckdb

from orchestration.defs.published.versions import Version, current_version
from orchestration.settings import Settings
from orchestration.warehouse import open_reader


def published_summary(settings: Settings) -> list[str]:
    """Lines about the version that readers see now; says so where there is none."""
    version = current_version(settings)
    if version is None:
        return [f"nothing is published in {settings.published} yet"]
    with open_reader(settings.published / version.file) as connection:
        lines = [*_counts(connection, version), *_funnels(connection, version)]
    held = " (rolled back; `trackway publish --resume` goes on)" if version.pinned else ""
    return [
        f"Version {version.version}{held}, data as of {version.build.as_of:%Y-%m-%d %H:%M:%S} UTC",
        *lines,
        f"  file       {settings.published / version.file}",
    ]


def _counts(connection: duckdb.DuckDBPyConnection, version: Version) -> Iterator[str]:
    if "analytics_sessions" in version.tables:
        sessions, bots = connection.execute(
            "select count(*) filter (not is_bot), count(*) filter (is_bot) from analytics_sessions"
        ).fetchall()[0]
        yield f"  sessions   {sessions:,} (and {bots:,} of bots)"
    if "user_behavior_profiles" in version.tables:
        yield f"  people     {version.tables['user_behavior_profiles']:,}"


def _funnels(connection: duckdb.DuckDBPyConnection, version: Version) -> Iterator[str]:
    if "funnel_summary" not in version.tables:
        return
    steps = connection.execute(
        """
        select funnel, step, people, step_rate, overall_rate from funnel_summary
        where period = 'all' and dimension = 'all' order by funnel, step_number
        """
    ).fetchall()
    for funnel, step, people, step_rate, overall_rate in steps:
        rates = f"{_percent(step_rate)} of the step before, {_percent(overall_rate)} of the first"
        yield f"  funnel     {funnel}: {step:<20} {people:>9,}  {rates}"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * float(rate):.1f} %"


def run_lines(settings: Settings, pointer: dict[str, Any], count: int = 5) -> list[str]:
    """The last runs, newest first, from the status file that `pointer` names."""
    if not pointer:
        return [f"no run has ended in {settings.home} yet"]
    with open_reader(settings.status / pointer["file"]) as connection:
        runs = connection.execute(
            """
            select run_id, job, status, started_at, ended_at, message from runs
            order by started_at desc nulls last limit ?
            """,
            [count],
        ).fetchall()
    return [
        f"run {run_id[:8]} {job:<8} {status:<8} {started:%Y-%m-%d %H:%M:%S} UTC"
        + (f", {(ended - started).total_seconds():.0f} s" if ended else "")
        + (f": {message}" if message else "")
        for run_id, job, status, started, ended, message in runs
        if started
    ]
