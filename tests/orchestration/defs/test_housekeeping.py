"""What runs leave behind goes; what is still needed stays."""

import os
import time

import dagster as dg
import pytest

from orchestration.defs.operations.housekeeping import DAYS_KEPT, DBT_RUNS_KEPT, keep_house


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


@pytest.mark.parametrize("place", ["tmp/spill.tmp", "logs/run-a.log", "dagster/storage/a/compute_logs/1.err"])
def test_leftovers_go_when_they_are_old_and_stay_before(kept_house, place):
    settings, keep = kept_house
    old = make(settings.home / place, days_old=DAYS_KEPT + 1)
    keep()
    assert not old.exists()
    young = make(settings.home / place, days_old=DAYS_KEPT - 1)
    keep()
    assert young.exists()


def test_databases_of_dagster_stay_however_old(kept_house):
    settings, keep = kept_house
    keep()
    databases = sorted(settings.dagster.rglob("*.db"))
    assert databases
    for database in databases:
        os.utime(database, (0, 0))
    keep()
    assert all(database.exists() for database in databases)
