"""The raw stage in Dagster: what is reported, and what stops a bad delivery."""

import dagster as dg
from conftest_raw import Landing, event

from data_contracts.contract import load_contracts
from orchestration.defs.raw.assets import FEW_QUARANTINED, raw_assets


def materialize(landing: Landing) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [raw_assets(load_contracts())], resources={"settings": landing.settings}, raise_on_error=False
    )


def failed_checks(result: dg.ExecuteInProcessResult) -> list[tuple[str, str]]:
    return [
        (one.asset_key.path[-1], one.check_name)
        for one in result.get_asset_check_evaluations()
        if not one.passed
    ]


def test_every_data_set_is_reported_with_its_rows_even_when_nothing_came(landing: Landing) -> None:
    landing.put("events/a.jsonl", event("1"))
    for added in (1, 0):
        result = materialize(landing)
        reported = {
            one.asset_key.path[-1]: one.materialization.metadata
            for one in result.get_asset_materialization_events()
        }
        assert reported.keys() >= load_contracts().keys()
        assert reported["events"]["dagster/row_count"].value == 1
        assert reported["events"]["rows added"].value == added
        assert failed_checks(result) == []


def test_a_delivery_with_too_many_bad_lines_fails_until_a_better_one_comes(landing: Landing) -> None:
    landing.put("events/a.jsonl", "\n".join([event("1"), "bad"]))
    for _ in range(2):
        assert failed_checks(materialize(landing)) == [("events", FEW_QUARANTINED)]
    landing.put("events/b.jsonl", event("2"))
    assert failed_checks(materialize(landing)) == []
