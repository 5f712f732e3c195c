"""Rejected lines: verbatim in quarantine/ for their owner, masked in raw.rejected_events for everybody.

Add here: what is said about a rejected line. Keep out: deciding what is rejected.
"""

from collections.abc import Sequence
from typing import Final

import duckdb

from orchestration.defs.raw.content import FileRead
from orchestration.defs.raw.staging import BLANK
from orchestration.settings import Settings
from orchestration.warehouse import quote_literal

_SHOWN_CHARACTERS: Final = 500
# What is not JSON cannot be taken apart safely: letters and digits go, the shape stays.
_MASKED: Final = rf"""
    left(case
        when is_base64 then '(not text)'
        when json_valid(line) and starts_with(ltrim(line), '{{')
            then mask_shapes(json_structure(line)::varchar)
        else regexp_replace(regexp_replace(
            rtrim(line, chr(13) || chr(10)), '\p{{L}}', 'x', 'g'), '\p{{N}}', '0', 'g')
    end, {_SHOWN_CHARACTERS})
"""


def quarantine_file_name(content_hash: str) -> str:
    """Where the rejected lines of a file's content stand, under quarantine/."""
    return f"{content_hash[:16]}.jsonl"


def write_verbatim(
    connection: duckdb.DuckDBPyConnection, settings: Settings, reads: Sequence[FileRead]
) -> None:
    """Write the rejected lines of each file from `staged`; writing again gives the same file."""
    rejected = dict(
        connection.execute(
            f"select file_id, count(*) from staged where reason <> '{BLANK}' group by file_id"
        ).fetchall()
    )
    for read in reads:
        if read.file_id not in rejected:
            continue
        target = settings.quarantine / quarantine_file_name(read.content_hash)
        target.touch(mode=0o600)
        connection.execute(
            f"""
            copy (
                select {quote_literal(read.file.name)} as file, line_number, reason,
                    case when not is_base64 then rtrim(line, chr(13) || chr(10)) end as line,
                    case when is_base64 then line end as line_base64
                from staged where file_id = {read.file_id} and reason <> '{BLANK}' order by line_number
            ) to {quote_literal(str(target))} (format json)
            """
        )
        target.chmod(0o600)


def record_rejected(connection: duckdb.DuckDBPyConnection, dataset: str, load_id: int) -> None:
    """One row of raw.rejected_events for each rejected line of `staged`."""
    connection.execute(
        f"""
        insert into raw.rejected_events
        select file_id, {load_id}, {quote_literal(dataset)}, line_number, reason, column_name, {_MASKED}
        from staged where reason <> '{BLANK}' order by file_id, line_number
        """
    )


def record_refused(connection: duckdb.DuckDBPyConnection, read: FileRead, load_id: int, reason: str) -> None:
    """One row for a file that was refused as a whole."""
    connection.execute(
        "insert into raw.rejected_events values (?, ?, ?, null, ?, null, null)",
        [read.file_id, load_id, read.file.dataset, reason],
    )
