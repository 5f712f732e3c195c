"""Writing and auditing a version, against a small warehouse made by hand."""

import duckdb
import pytest

from orchestration.defs.published.audit import audit
from orchestration.defs.published.write import Monthly, attached, copy_published
from orchestration.warehouse import open_reader, open_writer

MANIFEST = {
    "nodes": {
        "model.trackway.visits": {
            "resource_type": "model", "schema": "published", "alias": "visits", "primary_key": ["id"],
        },
        "model.trackway.other": {
            "resource_type": "model", "schema": "marts", "alias": "other", "primary_key": ["id"],
        },
    }
}  # fmt: skip


@pytest.fixture
def warehouse(home):
    settings = home()
    with open_writer(settings) as connection:
        connection.execute(
            """
            create schema marts; create schema published; create schema raw;
            create table marts.visits as
                select 2 as id, timestamp '2026-01-02' as seen_at, 'b' as page
                union all select 1, timestamp '2026-01-01', 'a';
            create view published.visits as select * from marts.visits;
            comment on view published.visits is 'One row per visit. It''s small.';
            comment on column published.visits.page is 'What was seen';
            create table raw.loads as select 'f' as file, 'loaded' as status, 10 as lines, 6 as loaded,
                1 as duplicate, 1 as quarantined, 1 as suppressed, 0 as erased, 1 as blank;
            """
        )
        yield connection, settings.published / "v.duckdb.tmp"


def wrong(connection, partial, before_audit="select 1", manifest=MANIFEST):
    """The findings of the audit that did not pass, after `before_audit` spoiled something."""
    with attached(connection, partial):
        rows = copy_published(connection, {})
        connection.execute(before_audit)
        rows = {
            name: connection.execute(f"select count(*) from publication.main.{name}").fetchone()[0]
            for name in rows
        }
        return [
            (one.dataset, one.observed, one.expected)
            for one in audit(connection, rows, manifest)
            if not one.passed
        ]


def test_the_copy_has_the_rows_in_order_of_time_with_their_comments(warehouse):
    connection, partial = warehouse
    with attached(connection, partial):
        assert copy_published(connection, {}) == {"visits": 2}
    with open_reader(partial) as reader:
        assert reader.execute("select id, page from visits").fetchall() == [(1, "a"), (2, "b")]
        assert reader.execute("select comment from duckdb_tables()").fetchall() == [
            ("One row per visit. It's small.",)
        ]
        comments = reader.execute(
            "select comment from duckdb_columns() where column_name = 'page'"
        ).fetchall()
        assert comments == [("What was seen",)]


def test_a_true_copy_passes_every_check(warehouse):
    assert wrong(*warehouse) == []


def test_a_missing_row_is_found(warehouse):
    spoiled = "delete from publication.main.visits where id = 1"
    assert wrong(*warehouse, before_audit=spoiled) == [("visits", "1", "2")]


def test_a_repeated_key_is_found_even_where_the_number_of_rows_is_right(warehouse):
    spoiled = "update publication.main.visits set id = 1"
    assert wrong(*warehouse, before_audit=spoiled) == [("visits", "1", "0")]


def test_a_relation_that_is_no_longer_a_model_is_found(warehouse):
    spoiled = "create view published.left_over as select 1 as a"
    connection, partial = warehouse
    connection.execute(spoiled)
    assert wrong(connection, partial) == [("published", "left_over, visits", "visits")]


def test_a_line_that_the_loader_lost_is_found(warehouse):
    # 10 lines in; 6 + 1 + 1 + 1 + 0 + 1 = 10 accounted for. One more line in is one line lost.
    assert wrong(*warehouse, before_audit="update raw.loads set lines = 11") == [("loads", "1", "0")]


def test_an_error_while_writing_leaves_no_file_and_a_usable_connection(warehouse):
    connection, partial = warehouse
    with pytest.raises(duckdb.Error), attached(connection, partial):
        connection.execute("select * from nowhere")
    assert list(partial.parent.glob("v.duckdb*")) == []
    assert connection.execute("select count(*) from marts.visits").fetchall() == [(2,)]


def test_a_copy_by_month_has_every_row_once_in_order_of_time(warehouse):
    connection, partial = warehouse
    connection.execute(
        """
        create or replace table marts.visits as
        select number as id, timestamp '2026-03-31 23:59:59' + interval 1 second * (7 - number) as seen_at,
            'p' as page
        from range(10) as numbers(number)
        """
    )
    with attached(connection, partial):
        assert copy_published(connection, {"visits": Monthly("seen_at", "marts.visits", "seen_at")}) == {
            "visits": 10
        }
    with open_reader(partial) as reader:
        assert reader.execute("select id from visits").fetchall() == [
            (number,) for number in range(9, -1, -1)
        ]
