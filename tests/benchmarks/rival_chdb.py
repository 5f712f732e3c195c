"""The same work in ClickHouse's engine: loads the inputs, runs rival_chdb.sql, counts.

Add here: nothing that computes; that is the SQL file's. Keep out: what is timed elsewhere.
"""

import json
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.rivals import FUNNEL, TABLES, Found

STATEMENTS = Path(__file__).with_suffix(".sql")
# What takes few values, so that ClickHouse stores and compares numbers instead of text.
NARROW = (
    "event_type", "device_type", "browser", "os", "country", "region", "city",
    "utm_source", "utm_medium", "utm_campaign",
)  # fmt: skip


def build_in_chdb(inputs: Path, folder: Path) -> Found:
    """Load the inputs, then run the statements; only these are timed."""
    from chdb.session import Session

    session = Session(str(folder))
    try:
        for name in TABLES:
            _load(session, name, inputs / f"{name}.parquet")
        started = time.perf_counter()
        for statement in STATEMENTS.read_text(encoding="utf-8").split(";"):
            session.query(statement)
        return _counted(session, time.perf_counter() - started)
    finally:
        session.close()


def _load(session: Any, name: str, file: Path) -> None:
    narrow = ", ".join(f"toLowCardinality({one}) as {one}" for one in NARROW)
    session.query(
        f"""
        create table {name} engine = MergeTree order by tuple() as
        select * {f"replace ({narrow})" if name == "events" else ""} from file('{file}', Parquet)
        settings schema_inference_make_columns_nullable = 0
        """
    )


def _counted(session: Any, seconds: float) -> Found:
    steps = ", ".join(f"(select countIf(reached >= {n}) from funnel)" for n in range(1, len(FUNNEL) + 1))
    counts = (
        "(select count() from sessions), (select count() from page_views), (select count() from profiles)"
    )
    answer = session.query(f"select array({counts}, {steps}) as counts", "JSONEachRow")
    sessions, page_views, profiles, *reached = (int(one) for one in json.loads(str(answer))["counts"])
    return Found(seconds, sessions, page_views, profiles, tuple(reached))
