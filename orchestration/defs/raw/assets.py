"""The `raw` stage in Dagster: one asset per data set and bookkeeping table, with checks by contract.

Every asset is reported in every run, because a stage behind it is skipped when one of its inputs is; the next
stage itself sees whether there is anything to do.
Add here: what Dagster shows of a load. Keep out: loading.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Final

import dagster as dg

from data_contracts.contract import Contract, load_contracts
from orchestration.defs.raw.ledger import naive_now
from orchestration.defs.raw.load import load_landing
from orchestration.defs.raw.quality import Delivery, is_overdue, last_delivery, quarantined_share
from orchestration.settings import Settings
from orchestration.warehouse import open_writer

logger = logging.getLogger(__name__)

GROUP: Final = "raw"
ADDS_UP, FEW_QUARANTINED, ON_TIME = "lines_add_up", "few_lines_quarantined", "delivered_on_time"
_BOOKKEEPING: Final = {
    "loads": "The ledger: every file seen, and what became of each of its lines.",
    "identifiers": "Integer keys of people's identifiers with pseudonyms; the identifiers stay in the vault.",
    "user_agents": "Distinct user agents, with what the list of known crawlers says of each.",
    "rejected_events": "Lines and files that were not loaded, with reasons; the lines are masked.",
    "duplicate_events": "Copies of events that did not stay.",
    "displaced_events": "Events that left because an earlier received copy arrived later.",
}


@dg.definitions
def raw() -> dg.Definitions:
    """Assets for the contracts of this checkout."""
    return dg.Definitions(assets=[raw_assets(load_contracts())])


def raw_assets(contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    """One multi-asset, because one pass over landing loads everything."""

    @dg.multi_asset(
        name="raw",
        specs=[*(_spec(contract) for contract in contracts.values()), *_bookkeeping_specs()],
        check_specs=[check for contract in contracts.values() for check in _check_specs(contract)],
        pool="warehouse",
    )
    def raw(
        settings: dg.ResourceParam[Settings],
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        report = load_landing(settings)
        loaded = sum(counts.loaded for counts in report.datasets.values())
        logger.info(
            "%s files seen, %s rows loaded in %.1f s", report.files_seen, f"{loaded:,}", report.seconds
        )
        with open_writer(settings) as connection:
            deliveries = {dataset: last_delivery(connection, dataset) for dataset in contracts}
        for dataset, contract in contracts.items():
            counts = report.datasets.get(dataset)
            yield dg.MaterializeResult(
                asset_key=[GROUP, dataset],
                metadata=_metadata(settings, deliveries[dataset], counts.loaded if counts else 0),
                check_results=list(_check_results(contract, deliveries[dataset])),
            )
        for table in _BOOKKEEPING:
            yield dg.MaterializeResult(asset_key=[GROUP, table])

    return raw


def _spec(contract: Contract) -> dg.AssetSpec:
    return dg.AssetSpec(
        [GROUP, contract.dataset],
        group_name=GROUP,
        description=contract.description,
        kinds={"duckdb"},
        owners=[f"team:{contract.owner}"],
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(column.name, column.physical_type, description=column.description)
                    for column in contract.columns
                ]
            )
        },
    )


def _bookkeeping_specs() -> Iterator[dg.AssetSpec]:
    for table, description in _BOOKKEEPING.items():
        yield dg.AssetSpec(
            [GROUP, table],
            group_name=GROUP,
            description=description,
            kinds={"duckdb"},
            owners=["team:data-engineering"],
        )


def _check_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    asset = dg.AssetKey([GROUP, contract.dataset])
    limit = f"{100 * contract.quarantine_limit:g} %"
    return [
        dg.AssetCheckSpec(
            ADDS_UP, asset=asset, blocking=True, description="Every line of every file is accounted for."
        ),
        dg.AssetCheckSpec(
            FEW_QUARANTINED,
            asset=asset,
            blocking=True,
            description=f"At most {limit} of the last delivery's lines were quarantined.",
        ),
        dg.AssetCheckSpec(ON_TIME, asset=asset, description="The next delivery is not overdue."),
    ]


def _check_results(contract: Contract, delivery: Delivery | None) -> Iterator[dg.AssetCheckResult]:
    """A data set that was never delivered passes: not every business has every data set."""
    asset = dg.AssetKey([GROUP, contract.dataset])
    unexplained = delivery.unexplained_lines if delivery else 0
    share = quarantined_share(delivery) if delivery else 0.0
    overdue = delivery is not None and is_overdue(contract, delivery, naive_now())
    yield dg.AssetCheckResult(
        check_name=ADDS_UP,
        asset_key=asset,
        passed=unexplained == 0,
        metadata={"observed": unexplained, "expected": 0},
    )
    yield dg.AssetCheckResult(
        check_name=FEW_QUARANTINED,
        asset_key=asset,
        passed=share <= contract.quarantine_limit,
        metadata={"observed": share, "expected": contract.quarantine_limit},
        description=None if share <= contract.quarantine_limit else "see raw.rejected_events for the reasons",
    )
    yield dg.AssetCheckResult(
        check_name=ON_TIME,
        asset_key=asset,
        passed=not overdue,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "observed": delivery.loaded_at.isoformat(timespec="seconds") if delivery else "never delivered"
        },
    )


def _metadata(
    settings: Settings, delivery: Delivery | None, rows_added: int
) -> Mapping[str, dg.MetadataValue | int | str]:
    if delivery is None:
        return {"dagster/row_count": 0}
    return {
        "dagster/row_count": delivery.total,
        "rows added": rows_added,
        "last delivery": delivery.loaded_at.isoformat(timespec="seconds"),
        "lines": delivery.lines,
        "duplicates": delivery.duplicate,
        "quarantined": delivery.quarantined,
        "refused files": delivery.refused_files,
        "masked values": delivery.masked_values,
        "quarantine": dg.MetadataValue.path(settings.quarantine),
    }
