"""Whatever order files arrive in, the published tables end the same.

Add here: another promise about arrival. Keep out: what the tables should hold; that is test_reference.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pytest
from worlds import World

from orchestration.settings import Settings


def volatile_columns(settings: Settings) -> dict[str, set[str]]:
    """Of every published table, the columns that its YAML marks as volatile."""
    manifest = json.loads((settings.dbt_target / "manifest.json").read_text())
    return {
        node["name"]: {
            name for name, column in node["columns"].items() if column["config"]["meta"].get("volatile")
        }
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "published"
    }


def differences(one: Path, other: Path, volatile: Mapping[str, set[str]]) -> dict[str, Sequence[object]]:
    """Of every table that differs, rows of one file only; duplicates count."""
    found: dict[str, Sequence[object]] = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        for table, left_out in volatile.items():
            names = connection.execute(f"select column_name from (describe one.{table})").fetchall()
            columns = ", ".join(f'"{name}"' for (name,) in names if name not in left_out)
            for here, there in (("one", "other"), ("other", "one")):
                only = (
                    f"select {columns} from {here}.{table} except all select {columns} from {there}.{table}"
                )
                if rows := connection.execute(f"{only} order by all").fetchall():
                    found[f"{table}, only in {here}"] = [len(rows), *rows[:3]]
    return found


def test_only_the_time_of_loading_may_depend_on_runs(world: World) -> None:
    volatile = volatile_columns(world.settings)
    assert {table: columns for table, columns in volatile.items() if columns} == {
        "analytics_events": {"processed_at"}
    }


def test_every_published_table_is_compared_and_has_rows(world: World) -> None:
    with duckdb.connect(str(world.at_once), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        assert set(volatile_columns(world.settings)) == set(names)
        for name in names:
            assert connection.execute(f"select count(*) from {name}").fetchall() > [(0,)], name


def test_batches_in_any_order_end_as_a_full_refresh_does(world: World) -> None:
    found = differences(world.in_batches, world.in_full, volatile_columns(world.settings))
    assert not found, found


def test_batches_in_any_order_end_as_everything_at_once_in_a_new_home_does(world: World) -> None:
    found = differences(world.in_batches, world.at_once, volatile_columns(world.settings))
    assert not found, found


@pytest.mark.soak
@pytest.mark.parametrize("arrangement", range(2, 7))
def test_a_hundred_populations_in_five_arrangements_end_the_same(
    make_world: Callable[[range, int], World], arrangement: int
) -> None:
    world = make_world(range(20 * arrangement, 20 * arrangement + 20), arrangement)
    volatile = volatile_columns(world.settings)
    for other in (world.in_full, world.at_once):
        found = differences(world.in_batches, other, volatile)
        assert not found, found
