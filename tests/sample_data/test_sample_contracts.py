"""Samples use only columns, types and properties that the inputs and the business's own configuration
name."""

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import polars as pl

from sample_data.parameters import BUSINESSES
from tests.sample_data.sample_reading import Sample, read_lines

CONFIGURATION = Path(__file__).parents[2] / "dbt_project" / "businesses"
EVENT_COLUMNS = {
    "event_id",
    "event_type",
    "event_ts",
    "event_name",
    "received_ts",
    "anonymous_id",
    "user_id",
    "session_id",
    "page_url",
    "page_title",
    "referrer_url",
    "user_agent",
    "ip_address",
    "device_type",
    "browser",
    "os",
    "screen_resolution",
    "language",
    "timezone",
    "country",
    "region",
    "city",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "click_id",
    "consent",
    "consent_version",
    "order_id",
    "revenue",
    "currency",
    "sent_ts",
    "page_view_id",
    "client_sequence",
    "gpc",
    "do_not_sell",
    "data_source",
    "properties",
}
RESERVED_ADDRESS = re.compile(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}|2001:db8:[0-9a-f:]+")
RESERVED_EMAIL = re.compile(r"[a-z0-9.]+@example\.(com|org|net)")


def rows_of(business: str, seed: str) -> list[dict]:
    with (CONFIGURATION / business / f"{seed}.csv").open(newline="") as text:
        return list(csv.DictReader(text))


def business_of(sample: Sample) -> str:
    return next(name for name in BUSINESSES if sample.landing.parent.name.startswith(name))


def test_events_have_only_columns_of_the_contract(sample: Sample) -> None:
    assert {key for line in sample.lines if line.event for key in line.event} <= EVENT_COLUMNS


def test_every_event_type_is_in_the_taxonomy_and_nearly_every_type_occurs(sample: Sample) -> None:
    known = {row["event_type"] for row in rows_of(business_of(sample), "event_types")}
    used = {event["event_type"] for event in sample.good_events}
    assert used <= known
    # Servers' requests come from access logs; a small sample may lack a search or a failed payment.
    assert known - used <= {"server_request", "search_perform", "payment_failed"}


def test_every_property_is_allowed_for_its_event_type_and_the_required_ones_are_there(sample: Sample) -> None:
    rows = rows_of(business_of(sample), "event_properties")
    allowed = {(row["event_type"], row["property"]) for row in rows}
    required = {(row["event_type"], row["property"]) for row in rows if row["required"] == "true"}
    seen, types, missing = set(), set(), set()
    for event in sample.good_events:
        properties = event.get("properties") or {}
        properties = json.loads(properties) if isinstance(properties, str) else properties
        types.add(event["event_type"])
        seen |= {(event["event_type"], name) for name in properties}
        missing |= {pair for pair in required if pair[0] == event["event_type"] and pair[1] not in properties}
    assert seen <= allowed
    assert missing == set()
    assert len(types) > 25


def test_every_page_has_a_group_and_item_ids_do_not_stay_in_it(sample: Sample) -> None:
    groups = [
        (re.compile(row["pattern"]), row["page_group"]) for row in rows_of(business_of(sample), "page_groups")
    ]
    paths = {
        re.sub(r"^https://[^/]+", "", event["page_url"]).split("?")[0].rstrip("/") or "/"
        for event in sample.good_events
        if event.get("page_url")
    }
    grouped = {
        path: next((group for pattern, group in groups if pattern.search(path)), None) for path in paths
    }
    assert None not in grouped.values()
    assert len(set(grouped.values())) < 20 < len(paths)


def test_addresses_and_e_mails_are_of_the_reserved_ranges(sample: Sample) -> None:
    addresses = {event["ip_address"] for event in sample.good_events if event.get("ip_address")}
    assert addresses
    assert all(RESERVED_ADDRESS.fullmatch(address) for address in addresses)
    customers = [line.event for line in read_lines(sample.landing / "trackway" / "customers")]
    assert customers
    assert all(RESERVED_EMAIL.fullmatch(customer["email"]) for customer in customers)
    assert all("-555-01" in customer["phone"] for customer in customers)


def test_cookieless_events_have_no_id_but_address_and_agent(repair: Sample) -> None:
    nameless = [
        event
        for event in repair.good_events
        if not event.get("anonymous_id") and not event.get("user_id") and event["data_source"] == "web"
    ]
    assert len(nameless) > 500
    assert all(event.get("ip_address") and event.get("user_agent") for event in nameless)


def test_every_order_has_money_with_a_currency_that_has_a_rate_on_the_day_there(sample: Sample) -> None:
    rates = [line.event for line in read_lines(sample.landing / "trackway" / "exchange_rates")]
    known = {(rate["date"], rate["from_currency"]) for rate in rates}
    (reporting,) = {rate["to_currency"] for rate in rates}
    orders = [event for event in sample.good_events if event.get("order_id")]
    assert {order["currency"] for order in orders} > {reporting}
    for order in orders:
        assert float(order["revenue"]) > 0
        # From Los Angeles, eight hours behind, to Berlin, two hours ahead.
        for hours in (-8, 2):
            day = (order["at"] + timedelta(hours=hours)).date()
            days = {(day - timedelta(days=back)).isoformat() for back in range(8)}
            assert order["currency"] == reporting or any((back, order["currency"]) in known for back in days)


def test_other_datasets_have_only_columns_of_their_inputs(sample: Sample) -> None:
    expected = {
        "bookings": """booking_id user_id anonymous_id booked_ts service route revenue commission currency
            provider status completed_ts cancelled_ts technician""",
        "customers": "user_id email phone name country signup_ts loyalty_tier",
        "catalogue": "item_id name category attributes price currency cost inventory",
        "consent_records": "anonymous_id user_id ts version method preferences",
        "ad_spend": "date channel campaign spend currency impressions clicks",
        "support_tickets": "ticket_id user_id opened_ts sentiment text",
        "feedback": "user_id ts rating text",
        "price_quotes": """quoted_ts origin destination depart_date return_date cabin_class provider price
            currency item_id competitor_price""",
        "experiments": """test_id name hypothesis start end status traffic_allocation variants
            success_metrics""",
        "exchange_rates": "date from_currency to_currency rate",
    }
    for dataset, columns in expected.items():
        lines = read_lines(sample.landing / "trackway" / dataset)
        assert lines, dataset
        assert {key for line in lines for key in line.event} <= set(columns.split()), dataset


def test_truth_is_kept_apart_from_landing(sample: Sample) -> None:
    tables = {path.stem.rsplit("-", 1)[0] for path in sample.truth_folder.iterdir()}
    assert tables == {"people", "sessions", "bots", "counts", "files", "bad_lines"}
    assert isinstance(sample.truth("people"), pl.DataFrame)
    assert not sample.truth_folder.is_relative_to(sample.landing)
