"""Bad lines among good ones: each gets one record with its number and its bytes, and the others load."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from conftest_raw import Landing, event

SOON = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
LINES: list[tuple[bytes, str | None]] = [
    (event("first").encode(), None),
    (b'{"event_id": "broken', "not valid JSON"),
    ((event("one") + " " + event("two")).encode(), "not valid JSON"),
    (b'[{"event_id": "in an array"}]', "not a JSON object"),
    (b"42", "not a JSON object"),
    (b"", "blank"),
    (b"  \t ", "blank"),
    (b'{"event_id": "\xff"}', "not valid UTF-8"),
    (b'{"event_id": "a\x00b"}', "NUL byte"),
    (rb'{"event_id": "\ud800", "event_type": "x"}', "not valid JSON"),
    (b'{"event_id":"twice","event_id":"twice2","event_type":"x","event_ts":"2026-01-05T10:00:00Z"}', "twice"),
    (event("no type", event_type=None).encode(), "event_type is missing"),
    (event("empty type", event_type="").encode(), "event_type is missing"),
    (b'{"EVENT_ID":"upper","event_type":"x","event_ts":"2026-01-05T10:00:00Z"}', "event_id is missing"),
    (event("epoch", event_ts=1767225600).encode(), "event_ts is not a valid timestamp"),
    (event("infinite", event_ts="infinity").encode(), "event_ts is not a valid timestamp"),
    (event("year one", event_ts="0001-01-01T00:00:00Z").encode(), "event_ts is not between"),
    (event("huge", revenue=1e300).encode(), "revenue is not a valid number"),
    (event("comma", revenue="1,5").encode(), "revenue is not a valid number"),
    (
        b'{"event_id":"nan","event_type":"x","event_ts":"2026-01-05T10:00:00Z","revenue":NaN}',
        "revenue is not",
    ),
    (event("code", revenue=1, currency="EURO").encode(), "currency is no known code"),
    (event("fraction", client_sequence=1.5).encode(), "client_sequence is not a valid integer"),
    (event("text", properties="none").encode(), "properties is not a JSON object"),
    (event("future", event_ts=SOON).encode(), "future-dated"),
    (event("received before", received_ts="2026-01-05T09:49:59Z").encode(), "future-dated"),
    (event("received in time", received_ts="2026-01-05T09:50:00Z").encode(), None),
    (event("received later", received_ts=SOON).encode(), "future-dated"),
    (event("last").encode(), None),
]
BLANK = sum(problem == "blank" for _, problem in LINES)
BAD = {
    number: (line, problem)
    for number, (line, problem) in enumerate(LINES, 1)
    if problem and problem != "blank"
}


@pytest.fixture(scope="module", params=[b"\n", b"\r\n"], ids=["LF", "CRLF"])
def loaded(make_landing: Callable[[], Landing], request: pytest.FixtureRequest) -> Landing:
    landing = make_landing()
    content = b"\xef\xbb\xbf" + request.param.join(line for line, _ in LINES)
    landing.put("events/mixed.jsonl", content)
    landing.load()
    return landing


def test_good_lines_load_with_their_own_line_numbers(loaded: Landing) -> None:
    expected = [
        (number, json.loads(line)["event_id"])
        for number, (line, problem) in enumerate(LINES, 1)
        if not problem
    ]
    assert loaded.rows("select line_number, event_id from raw.events order by 1") == expected


def test_every_bad_line_has_one_record_with_number_and_reason(loaded: Landing) -> None:
    found = dict(loaded.rejected("mixed.jsonl"))
    assert found.keys() == BAD.keys()
    assert {number: BAD[number][1] in reason for number, reason in found.items()} == dict.fromkeys(BAD, True)


def test_the_quarantine_holds_the_bytes_of_every_bad_line(loaded: Landing) -> None:
    (file,) = loaded.settings.quarantine.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    records = [json.loads(line) for line in file.read_text().splitlines()]
    kept = {
        one["line_number"]: base64.b64decode(one["line_base64"]).rstrip(b"\r")
        if one.get("line_base64")
        else one["line"].encode()
        for one in records
    }
    assert kept == {number: line for number, (line, _) in BAD.items()}


def test_lines_add_up(loaded: Landing) -> None:
    row = loaded.file("mixed.jsonl")
    assert row["lines"] == len(LINES)
    assert (row["loaded"], row["quarantined"], row["blank"]) == (
        len(LINES) - len(BAD) - BLANK,
        len(BAD),
        BLANK,
    )


def test_masked_lines_show_no_value(loaded: Landing) -> None:
    shown = " ".join(line for (line,) in loaded.rows("select masked_line from raw.rejected_events"))
    for value in ("broken", "in an array", "no type", "empty type", "1,5", "EURO", "received before"):
        assert any(value.encode() in line for line, _ in BAD.values())
        assert value not in shown


def test_a_line_beyond_the_limit_is_recorded_and_the_lines_around_it_load(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.defs.raw.content.CHUNK_BYTES", 4096)
    monkeypatch.setattr("orchestration.defs.raw.lines.LINE_BYTES", 20_000)
    long = event("long", properties={"text": "x" * 100_000})
    short = [event(f"e{number}", page_title="y" * 900) for number in range(40)]
    landing.put("events/long.jsonl", "\n".join([*short[:20], long, *short[20:]]))
    landing.load()
    assert landing.file("long.jsonl")["loaded"] == 40
    ((number, reason),) = landing.rejected("long.jsonl")
    assert (number, reason.startswith("size_violation")) == (21, True)
    assert landing.rows("select max(line_number) from raw.events") == [(41,)]


def test_deep_nesting_and_a_million_keys_load_as_properties(landing: Landing) -> None:
    deep = event("deep")[:-1] + ', "properties": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}"
    wide = event("wide", properties={f"k{number}": number for number in range(100_000)})
    landing.put("events/bomb.jsonl", deep + "\n" + wide + "\n")
    landing.load()
    row = landing.file("bomb.jsonl")
    assert row["loaded"] + row["quarantined"] == 2
    assert landing.rows("select len(json_keys(properties)) from raw.events where event_id = 'wide'") == [
        (100_000,)
    ]
