"""A home to put landing files into, load, and ask.

Add here: what most tests of loading need. Keep out: the files of a single test.
"""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.defs.raw.load import LoadReport, load_landing
from orchestration.home import prepare_home
from orchestration.settings import Settings

LONG_AGO = 1_600_000_000


@dataclass(frozen=True)
class Landing:
    settings: Settings

    def put(self, name: str, content: bytes | str, source: str = "trackway", compress: bool = False) -> Path:
        """Write a finished file: one whose last change is long ago."""
        data = content.encode() if isinstance(content, str) else content
        path = self.settings.landing / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if compress else data)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    def load(self) -> LoadReport:
        return load_landing(self.settings)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return connection.execute(query, list(parameters)).fetchall()

    def file(self, name: str) -> dict[str, Any]:
        """The ledger's row of a file, by the end of its name."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            cursor = connection.execute("select * from raw.loads where ends_with(file, ?)", ["/" + name])
            (row,) = cursor.fetchall()
            return dict(zip((column[0] for column in cursor.description), row, strict=True))

    def rejected(self, name: str) -> list[tuple[int | None, str]]:
        """Line numbers and reasons of a file's rejected lines."""
        return self.rows(
            """
            select line_number, rejected.reason from raw.rejected_events as rejected
            inner join raw.loads as loads using (file_id) where ends_with(file, ?) order by line_number
            """,
            "/" + name,
        )


def event(event_id: str, **fields: Any) -> str:
    """A line with the three required keys; `fields` replace them or come on top, None leaves a key out."""
    values = {"event_id": event_id, "event_type": "page_view", "event_ts": "2026-01-05T10:00:00Z"} | fields
    return json.dumps({key: value for key, value in values.items() if value is not None})


def new_landing(home: Path) -> Landing:
    settings = Settings(home=home, memory_limit="1GiB", threads=2)
    prepare_home(settings)
    return Landing(settings)
