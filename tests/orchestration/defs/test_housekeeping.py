"""What runs leave behind goes; what is still needed stays."""

import os
import time
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from orchestration.defs.operations.housekeeping import DAYS_KEPT, DBT_RUNS_KEPT, keep_house
from orchestration.defs.raw.vault import day_keys
from orchestration.warehouse import open_writer


def make(path, days_old=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    for entry in (path, path.parent):
        os.utime(entry, (time.time() - days_old * 86_400,) * 2)
    return path


@pytest.fixture
def kept_house(home):
    settings = home()

    def keep():
        with dg.DagsterInstance.from_config(str(settings.dagster)) as instance:
            keep_house(instance, settings)

    return settings, keep


def test_only_the_last_targets_of_dbt_stay(kept_house):
    settings, keep = kept_house
    made = [
        make(settings.dbt_target / f"run-{n}" / "x.sql", days_old=20 - n).parent
        for n in range(DBT_RUNS_KEPT + 2)
    ]
    manifest = make(settings.dbt_target / "manifest.json")
    keep()
    assert [folder.exists() for folder in made] == [False, False] + [True] * DBT_RUNS_KEPT
    assert manifest.exists()


@pytest.mark.parametrize("place", ["logs/run-a.log", "dagster/storage/a/compute_logs/1.err"])
def test_leftovers_go_when_they_are_old_and_stay_before(kept_house, place):
    settings, keep = kept_house
    old = make(settings.home / place, days_old=DAYS_KEPT + 1)
    keep()
    assert not old.exists()
    young = make(settings.home / place, days_old=DAYS_KEPT - 1)
    keep()
    assert young.exists()


def test_spilled_rows_and_old_day_keys_go_unless_somebody_has_the_warehouse(kept_house):
    settings, keep = kept_house
    day, made = date(2026, 1, 5), datetime.now(UTC).replace(tzinfo=None) - timedelta(days=4)
    day_keys(settings, [day], made)
    with open_writer(settings):
        spilled = make(settings.temporary / "duckdb_temp_storage_DEFAULT-0.tmp")
        keep()
        assert spilled.exists()
        assert day in day_keys(settings, [day], made)
    keep()
    assert not spilled.exists()
    assert day_keys(settings, [day], made) == {}


def test_databases_of_dagster_stay_however_old(kept_house):
    settings, keep = kept_house
    keep()
    databases = sorted(settings.dagster.rglob("*.db"))
    assert databases
    for database in databases:
        os.utime(database, (0, 0))
    keep()
    assert all(database.exists() for database in databases)
