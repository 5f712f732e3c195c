"""CSV and Parquet: columns by name, one record at a time, whatever quotes and headers do."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from conftest_raw import Landing, event

HEAD = "booking_id,booked_ts,revenue,currency,status,service\n"


def booking(number: int, service: str = "repair") -> str:
    return f"b{number},2026-01-05T10:00:00Z,10.50,EUR,confirmed,{service}\n"


@pytest.fixture(scope="module")
def loaded(make_landing: Callable[[], Landing]) -> Landing:
    landing = make_landing()
    folder = "bookings"
    landing.put(
        f"{folder}/unclosed.csv",
        HEAD + booking(1) + booking(2, '"never closed') + "".join(map(booking, range(3, 600))),
    )
    landing.put(
        f"{folder}/several.csv",
        HEAD + booking(1001, '"two\nlines, ""quoted"""') + "\n" + booking(1002) + "b1003,1\n" + booking(1004),
    )
    landing.put(f"{folder}/inches.csv", HEAD + booking(2001, '5" screen') + booking(2002, 'a "b" c'))
    landing.put(
        f"{folder}/semicolons.csv",
        "status;revenue;currency;booking_id;extra;booked_ts\nok;3;EUR;b3001;kept;2026-01-05T10:00:00+02:00\n",
    )
    landing.put(f"{folder}/tabs.tsv", (HEAD + booking(4001)).replace(",", "\t"))
    landing.put(
        f"{folder}/crlf.csv",
        (b"\xef\xbb\xbf" + (HEAD + booking(5001)).replace("\n", "\r\n").encode() + booking(5002).encode()),
    )
    landing.put(f"{folder}/renamed.csv", HEAD.replace("booking_id", "id") + booking(6001))
    landing.put(f"{folder}/twice.csv", HEAD.replace("service", "status") + booking(6002))
    landing.put(f"{folder}/headless.csv", booking(6003))
    landing.put(
        f"{folder}/latin.csv",
        (HEAD + booking(7001)).encode() + b"b7002,2026-01-05,1,EUR,\xe9,x\n" + booking(7003).encode(),
    )
    landing.put(f"{folder}/packed.csv.gz", HEAD + booking(8001), compress=True)
    landing.load()
    return landing


def ids(landing: Landing, name: str) -> list[tuple[str, int]]:
    return landing.rows(
        """
        select booking_id, line_number from raw.bookings inner join raw.loads using (file_id)
        where ends_with(file, ?) order by line_number
        """,
        "/" + name,
    )


def test_an_unclosed_quote_costs_its_own_line_alone(loaded: Landing) -> None:
    assert loaded.rejected("unclosed.csv") == [(3, "a quote is opened and not closed")]
    assert ids(loaded, "unclosed.csv") == [
        (f"b{number}", number + 1) for number in range(1, 600) if number != 2
    ]


def test_a_quoted_value_may_hold_line_ends_and_later_numbers_stay_right(loaded: Landing) -> None:
    # Lines: 1 header, 2-3 first booking, 4 blank, 5 second, 6 too short, 7 third.
    assert ids(loaded, "several.csv") == [("b1001", 2), ("b1002", 5), ("b1004", 7)]
    assert loaded.rejected("several.csv") == [(6, "2 columns instead of 6")]
    assert loaded.rows("select service from raw.bookings where booking_id = 'b1001'") == [
        ('two\nlines, "quoted"',)
    ]
    row = loaded.file("several.csv")
    assert (row["lines"], row["loaded"], row["quarantined"], row["blank"]) == (5, 3, 1, 1)


def test_a_quote_inside_a_value_is_only_a_character(loaded: Landing) -> None:
    rows = loaded.rows("select service from raw.bookings where booking_id in ('b2001', 'b2002') order by 1")
    assert rows == [('5" screen',), ('a "b" c',)]


def test_columns_are_found_by_name_under_any_delimiter_and_the_rest_is_kept(loaded: Landing) -> None:
    rows = loaded.rows(
        "select booked_ts, revenue, status, service, properties from raw.bookings where booking_id = 'b3001'"
    )
    # 10:00 at +02:00 is 08:00 UTC.
    assert rows == [(datetime(2026, 1, 5, 8), Decimal("3.0000"), "ok", None, '{"extra":"kept"}')]
    assert ids(loaded, "tabs.tsv") == [("b4001", 2)]
    assert ids(loaded, "crlf.csv") == [("b5001", 2), ("b5002", 3)]
    assert ids(loaded, "packed.csv.gz") == [("b8001", 2)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("renamed.csv", "no column booking_id"),
        ("twice.csv", "stands twice in the header status"),
        ("headless.csv", "no column booking_id"),
    ],
)
def test_a_header_that_does_not_fit_refuses_the_file(loaded: Landing, name: str, reason: str) -> None:
    assert loaded.file(name)["status"] == "refused"
    assert reason in loaded.rejected(name)[0][1]


def test_a_line_that_is_not_utf_8_costs_itself_alone(loaded: Landing) -> None:
    assert ids(loaded, "latin.csv") == [("b7001", 2), ("b7003", 4)]
    assert loaded.rejected("latin.csv")[0][0] == 3


def test_a_quoted_value_over_two_blocks_is_put_together(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.defs.raw.content.CHUNK_BYTES", 256)
    content = HEAD + "".join(
        booking(number, '"' + "long\n" * (number % 9) + 'text"') for number in range(200)
    )
    landing.put("bookings/blocks.csv", content)
    landing.load()
    assert landing.file("blocks.csv")["loaded"] == 200
    newlines = landing.rows("select sum(len(service) - len(replace(service, chr(10), ''))) from raw.bookings")
    assert newlines == [(sum(number % 9 for number in range(200)),)]


def test_the_same_events_load_alike_from_json_csv_and_parquet(make_landing: Callable[[], Landing]) -> None:
    frame = pl.DataFrame(
        {
            "event_id": ["1", "2"],
            "event_type": ["page_view", "booking_complete"],
            "event_ts": [
                datetime(2026, 1, 5, 10, 0, 0, 123000, tzinfo=UTC),
                datetime(2026, 1, 5, 11, tzinfo=UTC),
            ],
            "client_sequence": [1, None],
            "gpc": [True, None],
            "revenue": [None, 12.5],
            "currency": [None, "EUR"],
            "page_url": ["https://x.example/a?utm_source=s", None],
            "properties": ['{"a":[1,{"b":null}]}', None],
            "colour": ["red", None],
        }
    )
    rows = []
    query = "select * exclude (file_id, load_id, line_number, body_hash) from raw.events order by event_id"
    for ending in ("jsonl", "csv", "parquet"):
        landing = make_landing()
        path = landing.put(f"events/e.{ending}", "")
        if ending == "jsonl":
            text = frame.with_columns(pl.col("event_ts").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
            lines = [event("", **{**one, "properties": None}) for one in text.drop("event_id").to_dicts()]
            with_ids = [
                line.replace('"event_id": ""', f'"event_id": "{n}"') for n, line in enumerate(lines, 1)
            ]
            with_ids[0] = with_ids[0][:-1] + ', "properties": {"a":[1,{"b":null}]}}'
            path.write_text("\n".join(with_ids))
        elif ending == "csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
        landing.load()
        rows.append(landing.rows(query))
    assert len(rows[0]) == 2
    assert rows[0] == rows[1] == rows[2]


def test_parquet_rows_are_judged_and_numbered_like_lines(landing: Landing) -> None:
    path = landing.put("bookings/p.parquet", "")
    pl.DataFrame(
        {
            "booking_id": ["a", None, "c"],
            "booked_ts": [datetime(2026, 1, 5)] * 3,
            "revenue": [1.0, 2.0, float("nan")],
            "currency": ["EUR"] * 3,
            "status": ["x"] * 3,
            "file_id": [7, 8, 9],
        }
    ).write_parquet(path)
    landing.load()
    assert landing.rejected("p.parquet") == [
        (2, "booking_id is missing"),
        (3, "revenue is not a valid number"),
    ]
    assert landing.rows("select booking_id, file_id, properties from raw.bookings") == [
        ("a", 1, '{"file_id":7}')
    ]


def test_an_exact_repetition_is_a_duplicate_and_another_state_of_a_key_stays(landing: Landing) -> None:
    landing.put("bookings/a.csv", HEAD + booking(1) + booking(1) + booking(1, "other"))
    landing.put("bookings/b.csv", HEAD + booking(2) + booking(1))
    landing.load()
    assert landing.rows("select booking_id, service from raw.bookings order by all") == [
        ("b1", "other"), ("b1", "repair"), ("b2", "repair"),
    ]  # fmt: skip
    assert landing.rows("select sum(duplicate) from raw.loads") == [(2,)]
