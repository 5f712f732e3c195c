"""One copy of each event stays: the earliest received, whichever arrived here first.

Add here: nothing but this rule. Keep out: what a row of an event holds.
"""

from dataclasses import dataclass
from typing import Final

import duckdb

# Without received_ts the smallest content decides, so that the order of arrival never does.
_RANK: Final = "received_ts asc nulls last, content_hash, line_number"


@dataclass(frozen=True)
class Keeper:
    """The rule for one table of events; the other fields are SQL for what that table may not have."""

    table: str
    received_ts: str
    body_hash: str
    event_hash: str
    user_key: str

    def find_duplicates(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create temp `losers`: event_id, file_id, line_number, same_body, body_hash, kept_body, is_loaded.

        `is_loaded` tells copies that stand in the table and have to leave it.
        """
        connection.execute(
            f"""
            create or replace temp table hashes as
            select hash(event_id) as event_hash, count(*) as copies
            from staged where reason is null group by all;
            create or replace temp table contended as
            select event_hash from hashes where copies > 1
            union
            select event_hash from {self.table} where event_hash in (select event_hash from hashes);
            drop table hashes;
            create or replace temp table losers as
            with copies as (
                select event_id, {self.received_ts} as received_ts, content_hash, file_id, line_number,
                    {self.body_hash} as body_hash, false as is_loaded
                from staged inner join files using (file_id)
                where reason is null and hash(event_id) in (select event_hash from contended)
                union all
                select event_id, {self.received_ts}, content_hash, file_id, line_number,
                    {self.body_hash}, true
                from {self.table} inner join raw.loads using (file_id)
                where event_hash in (select event_hash from contended)
            ),
            ranked as (
                select *, row_number() over copies_of_event as place,
                    first_value(body_hash) over copies_of_event as kept_body
                from copies
                window copies_of_event as (partition by event_id order by {_RANK})
            )
            select event_id, file_id, line_number, body_hash is not distinct from kept_body as same_body,
                body_hash, kept_body, is_loaded
            from ranked where place > 1;
            """
        )

    def is_kept(self, rows: str) -> str:
        """SQL condition: a row of `staged` under the alias `rows` is the copy that stays."""
        return f"""
            not exists (
                select 1 from losers where not losers.is_loaded
                and losers.file_id = {rows}.file_id and losers.line_number = {rows}.line_number
            )
        """

    def displace(self, connection: duckdb.DuckDBPyConnection, load_id: int) -> None:
        """Take out copies that a new file's copy precedes, and say so in every place that counts."""
        if not connection.execute("select count(*) from losers where is_loaded").fetchall()[0][0]:
            return
        connection.execute(
            f"""
            insert into raw.displaced_events
            select {load_id}, rows.event_id, device_key, {self.user_key}, event_ts
            from {self.table} as rows inner join losers using (file_id, line_number)
            where losers.is_loaded;
            delete from {self.table} as rows using losers
            where losers.is_loaded
                and rows.file_id = losers.file_id and rows.line_number = losers.line_number;
            update raw.loads set loaded = loaded - lost.lines, duplicate = duplicate + lost.lines
            from (select file_id, count(*) as lines from losers where is_loaded group by file_id) as lost
            where loads.file_id = lost.file_id;
            update raw.duplicate_events
            set same_body = (duplicate_events.body_hash is not distinct from losers.kept_body)
            from losers where losers.is_loaded and duplicate_events.event_id = losers.event_id;
            """
        )

    def record_duplicates(self, connection: duckdb.DuckDBPyConnection, load_id: int) -> None:
        """Append the copies that did not stay to raw.duplicate_events."""
        connection.execute(
            f"""
            insert into raw.duplicate_events
            select {load_id}, event_id, file_id, line_number, same_body, body_hash from losers
            """
        )
