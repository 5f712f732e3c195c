"""What the tests of whole runs share: dropping files, reading what readers read, comparing two homes.

Add here: something that more than one of these tests needs. Keep out: expected figures.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb

from orchestration.settings import Settings
from orchestration.warehouse import open_reader

# When something was loaded or built; everything else of two equal homes has to be equal.
VOLATILE = ["processed_at", "last_updated"]
LEDGER = """
    select file, status, reason, content_hash, lines, loaded, duplicate, quarantined, blank
    from loads order by file
"""
_LONG_AGO = 1_600_000_000


def drop(settings: Settings, name: str, content: bytes) -> Path:
    """Put a finished file into landing: one whose last change is long ago."""
    path = settings.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (_LONG_AGO, _LONG_AGO))
    return path


def pointer(settings: Settings, folder: str = "published") -> dict[str, Any]:
    """The current.json of `published` or `status`."""
    found: dict[str, Any] = json.loads((settings.home / folder / "current.json").read_text())
    return found


def current_file(settings: Settings, folder: str = "published") -> Path:
    """The file that current.json names."""
    return settings.home / folder / pointer(settings, folder)["file"]


def query(settings: Settings, statement: str, folder: str = "published") -> list[tuple[Any, ...]]:
    """Rows of the published or the status file, opened as readers open it."""
    with open_reader(current_file(settings, folder)) as connection:
        return connection.execute(statement).fetchall()


def copy_vault(from_: Settings, to: Settings) -> None:
    """Two homes give people the same pseudonyms only with the same keys."""
    shutil.copytree(from_.vault, to.vault, dirs_exist_ok=True)


def differences(one: Settings, other: Settings) -> dict[str, int]:
    """Number of rows that only one of two published files has, by table, but for volatile columns."""
    found: dict[str, int] = {}
    with duckdb.connect() as connection:
        for name, settings in (("one", one), ("other", other)):
            connection.execute(f"attach '{current_file(settings)}' as {name} (read_only)")
        for table in pointer(one)["tables"]:
            one_side, other_side = (
                f"select columns(lambda c: c not in {VOLATILE}) from {name}.{table}"
                for name in ("one", "other")
            )
            for left, right in ((one_side, other_side), (other_side, one_side)):
                rows = connection.execute(f"select count(*) from ({left} except all {right})").fetchall()
                found[table] = found.get(table, 0) + rows[0][0]
    return found
