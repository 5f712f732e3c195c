"""No identifier of a person stands in the warehouse, and what may not be linked is not."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import duckdb
import polars as pl
import pytest
from conftest_raw import Landing, event

from orchestration.defs.raw.ledger import naive_now
from orchestration.defs.raw.vault import DAY_KEY_LIFE, day_keys, destroy_day_keys

CANARIES = (
    "canary-device",
    "canary-user",
    "canary@example.org",
    "203.0.113.77",
    "+4917155501234",
    "Quirin Canary",
)
AGENT = {"ip_address": "203.0.113.77", "user_agent": "Agent/1"}


@pytest.fixture(scope="module")
def loaded(make_landing: Callable[[], Landing]) -> Landing:
    device, user, email, address, phone, name = CANARIES
    landing = make_landing()
    who = {"anonymous_id": device, "user_id": user, "ip_address": address, "user_agent": f"Agent ({email})"}
    landing.put(
        "events/planted.jsonl",
        "\n".join(
            [
                event("ids", **who),
                event(
                    "url", page_url=f"https://x.example/a/{email}?mail={email}&q={email}&uid={user}#{user}"
                ),
                event(
                    "escaped",
                    page_url=f"https://x.example/?q={email.replace('@', '%40')}",
                    referrer_url=f"/?u={user}",
                ),
                event("title", page_title=f"Hello {email} call {phone}", event_name=email),
                event(
                    "props", properties={"note": f"call {phone}\n{email}", "deep": [{"mail": email.upper()}]}
                ),
                event("unknown", mail=email, tel=phone),
                event("utm", page_url=f"https://x.example/?utm_content={email}", utm_term=email),
                '{"event_id": "broken", "user_id": "' + user + '", "ip_address": "' + address + '", ' + email,
                event("typed", event_ts="never", **who, page_title=email),
            ]
        ),
    )
    landing.put(
        "customers/c.jsonl",
        json.dumps({"user_id": user, "email": email.upper(), "phone": phone, "name": name})
        + "\n"
        + json.dumps({"user_id": user, "email": email, "phone": phone, "name": name, "signup_ts": "never"}),
    )
    landing.put(
        "support_tickets/t.csv", f"ticket_id,user_id,opened_ts,text\n1,{user},2026-01-05,Write to {email}\n"
    )
    landing.put("bookings/b.jsonl", json.dumps({"booking_id": "b", "user_id": user}))
    landing.put(
        "access_log/a.log",
        f'{address} - {user} [05/Jan/2026:10:00:00 +0000] "GET /p?u={user} HTTP/1.1" 200 5 "-" "Agent/1"\n',
        source="access_log",
    )
    landing.load()
    return landing


def test_no_text_in_the_warehouse_holds_an_identifier(loaded: Landing) -> None:
    columns = loaded.rows(
        """
        select schema_name, table_name, column_name from duckdb_columns()
        where data_type = 'VARCHAR' and not internal
        """
    )
    assert len(columns) > 50
    found = []
    for schema, table, column in columns:
        for (value,) in loaded.rows(
            f'select distinct "{column}" from "{schema}"."{table}" where "{column}" is not null'
        ):
            found += [(table, column, one) for one in CANARIES if one.lower() in value.lower()]
    assert found == []


def test_the_scan_would_find_them(loaded: Landing) -> None:
    """The vault is where they stand, so a search there must find what it does not find in the warehouse."""
    with duckdb.connect(str(loaded.settings.vault / "identifiers.duckdb"), read_only=True) as vault:
        values = {value for (value,) in vault.execute("select value from identifiers").fetchall()}
    assert {"canary-device", "canary-user", "canary@example.org"} <= values


def test_only_the_owner_may_read_vault_and_quarantine(loaded: Landing) -> None:
    for folder in (loaded.settings.vault, loaded.settings.quarantine):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_pseudonyms_are_hmac_sha256_of_kind_and_normalised_value(loaded: Landing) -> None:
    key = bytes.fromhex(json.loads((loaded.settings.vault / "keys.json").read_text())["pseudonym"])
    message = b"email\x1fcanary@example.org"
    expected = hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
    assert loaded.rows("select pseudonym from raw.identifiers where kind = 'email'") == [(expected,)]


def test_masked_values_are_counted(loaded: Landing) -> None:
    assert loaded.file("planted.jsonl")["masked_values"] >= 7


def test_url_parameters_keep_their_value_only_when_the_contract_allows_them(landing: Landing) -> None:
    url = "https://x.example/p?utm_source=news&token=s3cret&gclid=g1&flag#part"
    landing.put("events/u.jsonl", event("u", page_url=url))
    landing.load()
    rows = landing.rows("select page_url, utm_source, click_id from raw.events")
    assert rows == [("https://x.example/p?utm_source=news&token=&gclid=g1&flag", "news", "g1")]


def test_events_without_ids_share_a_device_only_within_a_day_address_and_agent(landing: Landing) -> None:
    other = AGENT | {"user_agent": "Agent/2"}
    lines = [
        event("a1", event_ts="2026-01-05T00:00:00Z", **AGENT),
        event("a2", event_ts="2026-01-05T23:59:59Z", **AGENT),
        event("b1", event_ts="2026-01-06T00:00:00Z", **AGENT),
        event("c1", event_ts="2026-01-05T12:00:00Z", **other),
        event("none"),
    ]
    landing.put("events/cookieless.jsonl", "\n".join(lines))
    landing.load()
    keys = dict(landing.rows("select event_id, device_key from raw.events"))
    assert keys["a1"] == keys["a2"]
    assert len({keys["a1"], keys["b1"], keys["c1"]}) == 3
    assert keys["none"] is None
    assert landing.rows("select distinct is_cookieless, user_key, address_key from raw.events") == [
        (True, None, None)
    ]


def test_refused_analytics_makes_an_event_cookieless_whatever_ids_it_carries(landing: Landing) -> None:
    ids = {"anonymous_id": "d", "user_id": "u", "session_id": "s"} | AGENT
    lines = [
        event("refused", consent={"necessary": True, "analytics": False}, **ids),
        event("allowed", consent={"analytics": True, "marketing": False}, **ids),
    ]
    landing.put("events/consent.jsonl", "\n".join(lines))
    landing.load()
    rows = landing.rows(
        """
        select event_id, is_cookieless, user_key is null, client_session_id, kind from raw.events
        left join raw.identifiers on device_key = identifier_key order by 1
        """
    )
    assert rows == [("allowed", False, False, "s", "device"), ("refused", True, True, None, "cookieless")]


def test_a_user_without_a_device_has_a_device_of_their_own(landing: Landing) -> None:
    landing.put(
        "events/u.jsonl",
        "\n".join([event("1", user_id="u"), event("2", user_id="u"), event("3", user_id="v")]),
    )
    landing.load()
    rows = landing.rows(
        """
        select count(distinct device_key), any_value(kind)
        from raw.events join raw.identifiers on device_key = identifier_key
        """
    )
    assert rows == [(2, "user_device")]


def test_a_destroyed_day_key_is_never_made_again(landing: Landing) -> None:
    now = naive_now()
    landing.put("events/first.jsonl", event("first", **AGENT))
    landing.load()
    assert destroy_day_keys(landing.settings, now + DAY_KEY_LIFE - timedelta(hours=1)) == 0
    assert destroy_day_keys(landing.settings, now + DAY_KEY_LIFE + timedelta(hours=1)) == 1
    landing.put("events/later.jsonl", event("later", **AGENT))
    landing.load()
    rows = landing.rows("select event_id, device_key is null from raw.events order by 1")
    assert rows == [("first", False), ("later", True)]
    day = landing.rows("select event_ts::date from raw.events limit 1")[0][0]
    assert day_keys(landing.settings, [day], now) == {}


def test_national_numbers_go_but_for_properties_that_the_business_knows(landing: Landing) -> None:
    number = "555-123-4567"
    landing.put(
        "events/n.jsonl",
        "\n".join(
            [
                event("title", page_title=f"Call {number}"),
                # `element` of a click is in the business's event_properties.csv, `note` is not.
                event(
                    "click", event_type="click_event", properties={"element": number, "note": number, "x": 5}
                ),
            ]
        ),
    )
    landing.load()
    assert landing.rows("select page_title from raw.events where event_id = 'title'") == [("Call [phone]",)]
    ((properties,),) = landing.rows("select properties from raw.events where event_id = 'click'")
    assert json.loads(properties) == {"element": number, "note": "[phone]", "x": 5}


def test_a_load_without_new_files_destroys_old_day_keys_and_spilled_rows(landing: Landing) -> None:
    day, made = date(2026, 1, 5), naive_now() - DAY_KEY_LIFE - timedelta(hours=1)
    assert day in day_keys(landing.settings, [day], made)
    spilled = landing.settings.temporary / "duckdb_temp_storage_DEFAULT-0.tmp"
    spilled.write_text("somebody")
    assert landing.load().files_seen == 0
    assert day_keys(landing.settings, [day], made) == {}
    assert not spilled.exists()


def test_masks_look_into_every_text_of_parquet(landing: Landing) -> None:
    path = landing.put("events/p.parquet", "")
    shown = {"event_type": ["page_view"], "event_ts": [datetime(2026, 1, 5)]}
    personal = {
        "page_url": ["https://x.example/canary%40example.org"],
        "city": ["canary@example.org"],
        "properties": ['{"note":"canary@example.org"}'],
        "colour": ["+4917155501234"],
    }
    frames = [pl.DataFrame({"event_id": [name], **shown, name: values}) for name, values in personal.items()]
    pl.concat(frames, how="diagonal").write_parquet(path)
    landing.load()
    assert landing.rows("select event_id, page_url, city, properties from raw.events order by event_id") == [
        ("city", None, "[email]", None),
        ("colour", None, None, '{"colour":"[phone]"}'),
        ("page_url", "https://x.example/[email]", None, None),
        ("properties", None, None, '{"note":"[email]"}'),
    ]


def test_an_address_whose_parameters_are_all_allowed_stays_and_any_other_loses_its_value(
    landing: Landing,
) -> None:
    urls = {
        "allowed": ("q=a&page=2&", "q=a&page=2&"),
        "name only": ("q=a&flag", "q=a&flag"),
        "secret": ("q=a&token=1", "q=a&token="),
        "longer name": ("qq=a", "qq="),
        "part of a name": ("x-q=1&page=2", "x-q=&page=2"),
        "no name": ("=1", "="),
    }
    landing.put(
        "events/u.jsonl",
        "\n".join(event(name, page_url=f"https://x.example/?{sent}") for name, (sent, _) in urls.items()),
    )
    landing.load()
    stored = dict(landing.rows("select event_id, split_part(page_url, '?', 2) from raw.events"))
    assert stored == {name: kept for name, (_, kept) in urls.items()}
