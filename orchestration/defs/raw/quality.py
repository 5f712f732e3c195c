"""What the ledger says about a data set's last delivery, judged by its contract.

Add here: a judgement that needs only the ledger and the contract. Keep out: rules about values; loading
applies them line by line.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from data_contracts.contract import Contract


@dataclass(frozen=True)
class Delivery:
    """Sums over the files of a data set that were first loaded together last; `total` is over all files."""

    loaded_at: datetime
    files: int
    lines: int
    loaded: int
    duplicate: int
    quarantined: int
    masked_values: int
    refused_files: int
    unexplained_lines: int
    total: int


def last_delivery(connection: duckdb.DuckDBPyConnection, dataset: str) -> Delivery | None:
    """None where nothing of the data set was ever seen. Times are naive UTC."""
    rows = connection.execute(
        """
        with seen as (select * from raw.loads where dataset = $dataset and status <> 'already_loaded'),
        latest as (select * from seen where loaded_at = (select max(loaded_at) from seen))
        select max(loaded_at), count(*), sum(lines)::bigint, sum(loaded)::bigint, sum(duplicate)::bigint,
            sum(quarantined)::bigint, sum(masked_values)::bigint, count(*) filter (status = 'refused'),
            sum(abs(lines - loaded - duplicate - quarantined - suppressed - erased - blank))::bigint,
            (select sum(loaded)::bigint from seen)
        from latest having count(*) > 0
        """,
        {"dataset": dataset},
    ).fetchall()
    return Delivery(*rows[0]) if rows else None


def quarantined_share(delivery: Delivery) -> float:
    """Share of the delivery's lines that was quarantined, from 0 to 1."""
    return delivery.quarantined / delivery.lines if delivery.lines else 0.0


def is_overdue(contract: Contract, delivery: Delivery, now: datetime) -> bool:
    """Whether the next delivery should have come; `now` in naive UTC."""
    return contract.freshness is not None and now - delivery.loaded_at > contract.freshness
