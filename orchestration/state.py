"""state.db: what landing cannot give back, and the schema version of the home.

Add here: a migration at the end of MIGRATIONS, never a change of an older one. Keep out: anything that a
rebuild from landing makes again; the statements that read and write a table stand with that table's user.
"""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator

from orchestration.errors import ExpectedError
from orchestration.settings import Settings

MIGRATIONS: tuple[str, ...] = (
    # A rebuild reads landing again, and an event's lateness is judged by when its file first came.
    """
    create table first_loads (
        dataset text not null,
        content_hash text not null,
        loaded_at text not null,
        primary key (dataset, content_hash)
    ) strict;
    """,
)


class StateError(ExpectedError):
    """The home was made by newer code than this."""


@contextlib.contextmanager
def open_state(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Connection to state.db in one transaction: committed at the end, rolled back on an error."""
    connection = sqlite3.connect(settings.state, timeout=60, isolation_level=None)
    try:
        connection.execute("pragma foreign_keys = on")
        connection.execute("begin immediate")
        yield connection
        connection.execute("commit")
    finally:
        # Closing rolls back whatever was not committed.
        connection.close()


def migrate_state(settings: Settings) -> None:
    """Bring state.db to this code's schema version, after a backup beside it.

    Raises StateError where the home is newer than the code; nothing is changed then.
    """
    with open_state(settings) as connection:
        found = connection.execute("pragma user_version").fetchone()[0]
        if found > len(MIGRATIONS):
            raise StateError(
                f"{settings.state} has schema version {found}, this code knows {len(MIGRATIONS)}:"
                " run the newer Trackway, or restore a backup made by this one"
            )
        if 0 < found < len(MIGRATIONS):
            shutil.copy2(settings.state, settings.state.with_suffix(f".v{found}.backup.db"))
        for script in MIGRATIONS[found:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(MIGRATIONS)}")
