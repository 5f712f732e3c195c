"""Every line of every file is somewhere: loaded, or counted with the reason why it is not.

Add here: another thing that can happen to a line. Keep out: what loaded lines turn into.
"""

import duckdb
from worlds import World

FATES = ("loaded", "duplicate", "quarantined", "suppressed", "erased", "blank")


def _loads(world: World) -> dict[str, dict[str, int]]:
    """The ledger's counts of each file that was loaded, by its place under landing/trackway."""
    columns = ", ".join(FATES)
    with duckdb.connect(str(world.batched.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(f"select file, {columns} from raw.loads where status = 'loaded'").fetchall()
    return {file.removeprefix("trackway/"): dict(zip(FATES, counts, strict=True)) for file, *counts in rows}


def test_each_line_that_was_delivered_has_one_fate(world: World) -> None:
    loads = _loads(world)
    delivered = {one.name: len(one.records) for one in world.delivered}
    first, again = "events/0.jsonl", "events/0-again.jsonl"
    assert len(loads.keys() & {first, again}) == 1, "the same content is loaded once, under either name"
    delivered = {
        name: lines for name, lines in delivered.items() if name not in {first, again} - loads.keys()
    }
    assert {name: sum(counts.values()) for name, counts in loads.items()} == delivered


def test_blank_and_broken_lines_are_counted_in_every_file_of_events(world: World) -> None:
    counts = [counts for file, counts in _loads(world).items() if file.startswith("events/")]
    assert all(one["blank"] == 1 and one["quarantined"] >= 1 for one in counts)
    assert {one["suppressed"] + one["erased"] for one in counts} == {0}


def test_every_loaded_event_is_published_once(world: World) -> None:
    loaded = sum(counts["loaded"] for file, counts in _loads(world).items() if file.startswith("events/"))
    with duckdb.connect(str(world.in_batches), read_only=True) as published:
        query = "select count(*), count(distinct id) from analytics_events"
        assert published.execute(query).fetchall() == [(loaded, loaded)]
    ids = {
        copy["event_id"] for one in world.delivered if one.name.startswith("events/") for copy in one.copies
    }
    assert 0.9 * len(ids) < loaded <= len(ids)
