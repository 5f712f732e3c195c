"""Samples behave like people: the truth agrees with the files, and what ought to matter does."""

import itertools
import re
from collections import defaultdict
from datetime import timedelta

import crawleruseragents
import polars as pl
import pytest

from sample_data.businesses import GRAMMARS
from sample_data.parameters import SampleParameters
from sample_data.population import build_population
from tests.sample_data.sample_reading import Sample, read_lines

OFF_SITE = {"service_booked", "service_completed"}


def test_sessions_cut_at_30_minutes_from_the_files_are_the_sessions_of_the_truth(sample: Sample) -> None:
    by_device = defaultdict(list)
    for event in sample.good_events:
        if event.get("anonymous_id") and event["event_type"] not in OFF_SITE:
            by_device[event["anonymous_id"]].append(event["at"])
    cut = defaultdict(int)
    for device, times in by_device.items():
        times.sort()
        cut[device] = 1 + sum(b - a > timedelta(minutes=30) for a, b in itertools.pairwise(times))
    true = sample.truth("sessions").filter(pl.col("anonymous_id").is_not_null())
    assert dict(true.group_by("anonymous_id").len().iter_rows()) == cut


def test_orders_in_the_files_are_the_bookings_and_the_converted_sessions(sample: Sample) -> None:
    orders = {event["order_id"]: event for event in sample.good_events if event.get("order_id")}
    bookings = {
        line.event["booking_id"]: line.event for line in read_lines(sample.landing / "trackway" / "bookings")
    }
    assert orders.keys() == bookings.keys()
    assert len(orders) == sample.summary.conversions
    for order_id, order in orders.items():
        assert float(order["revenue"]) == pytest.approx(bookings[order_id]["revenue"], abs=0.001)
        assert order["currency"] == bookings[order_id]["currency"]
    converted = sample.truth("sessions").filter("converted").height
    assert 0 < converted <= len(orders)


def test_off_site_completions_are_those_of_completed_bookings(repair: Sample) -> None:
    bookings = [line.event for line in read_lines(repair.landing / "trackway" / "bookings")]
    completed = sum(booking["status"] == "completed" for booking in bookings)
    events = [event for event in repair.good_events if event["event_type"] == "service_completed"]
    assert len(events) == completed > 0


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    people, _, visits = build_population(SampleParameters("repair", 4000, 60, 5), GRAMMARS["repair"])
    zones = pl.Series([place.timezone for place in GRAMMARS["repair"].places])
    humans = visits.filter(pl.col("person") >= 0)
    return humans.with_columns(
        zone=zones.gather(people["place"].gather(humans["person"].to_numpy()).to_numpy())
    )


def test_sessions_with_friction_convert_less(sample: Sample) -> None:
    humans = sample.truth("sessions").filter(~pl.col("is_bot"))
    with_friction, without = (
        humans.filter(pl.col("friction") == friction)["converted"].mean() for friction in (True, False)
    )
    assert with_friction < 0.6 * without


def test_weekends_and_nights_are_quieter_where_people_live(visits: pl.DataFrame) -> None:
    local = pl.concat(
        [
            part.select(
                at=pl.from_epoch("start_ms", "ms")
                .dt.replace_time_zone("UTC")
                .dt.convert_time_zone(zone)
                .dt.replace_time_zone(None)
            )
            for (zone,), part in visits.partition_by("zone", as_dict=True).items()
        ]
    )
    by_weekday = dict(local.group_by(pl.col("at").dt.weekday()).len().iter_rows())
    by_hour = dict(local.group_by(pl.col("at").dt.hour()).len().iter_rows())
    assert by_weekday[6] < 0.8 * by_weekday[1]
    assert by_hour[3] < 0.2 * by_hour[20]


def test_one_further_device_in_five_can_be_tied_to_its_owner_by_nothing() -> None:
    _, devices, _ = build_population(SampleParameters("shop", 4000, 10, 5), GRAMMARS["shop"])
    further = devices.filter(pl.col("number") > 0)
    # 1,600 devices or more: three standard deviations of a share of 0.8 are 0.03.
    assert further.height > 1600
    assert further["link_intended"].mean() == pytest.approx(0.8, abs=0.03)


def test_a_link_is_knowable_exactly_where_the_owner_logged_in_on_that_device(repair: Sample) -> None:
    logged_in = {
        (event["anonymous_id"], event["user_id"])
        for event in repair.good_events
        if event.get("anonymous_id")
        and event.get("user_id") not in (None, "null", "undefined", "test@test.com")
    }
    devices = {device for device, _ in logged_in}
    checked = 0
    for person in repair.truth("people").to_dicts():
        pairs = zip(
            person["anonymous_ids"] or [],
            person["links_knowable"] or [],
            person["devices_public"] or [],
            strict=True,
        )
        for device, knowable, public in pairs:
            if not public:
                checked += 1
                assert knowable == (device in devices)
                assert not knowable or any((device, user) in logged_in for user in person["user_ids"])
    assert checked > 200


def test_public_devices_have_three_or_more_users() -> None:
    _, devices, visits = build_population(SampleParameters("repair", 4000, 60, 5), GRAMMARS["repair"])
    public = devices.filter((pl.col("person") == -1) & pl.col("bot").is_null())["device"]
    users = (
        visits.filter(pl.col("device").is_in(public.to_list()))
        .group_by("device")
        .agg(pl.col("user_id").n_unique())
    )
    assert users.height > 0
    assert (users["user_id"] >= 3).mean() > 0.5


def test_bots_are_known_by_their_agent_or_open_more_than_60_pages_a_minute_and_humans_do_neither(
    repair: Sample,
) -> None:
    bots = repair.truth("bots")
    fast = set(bots["anonymous_id"].drop_nulls())
    known_addresses = set(bots.filter(pl.col("bot") == "known")["ip_address"])
    patterns = re.compile("|".join(entry["pattern"] for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA))
    addresses, views = defaultdict(set), defaultdict(list)
    for event in repair.good_events:
        agent = event.get("user_agent")
        addresses[agent].add(event.get("ip_address"))
        if event["event_type"] == "page_view":
            views[event.get("anonymous_id") or (event["ip_address"], agent)].append(event["at"])
    for agent, seen in addresses.items():
        if agent is not None:
            assert bool(patterns.search(agent)) == bool(seen & known_addresses)
    for key, times in views.items():
        times.sort()
        rushes = any(b - a <= timedelta(minutes=1) for a, b in zip(times, times[60:], strict=False))
        if key in fast:
            assert rushes
        elif not isinstance(key, tuple):
            assert not rushes


def test_paid_clicks_are_at_least_the_visits_of_their_channel(repair: Sample) -> None:
    spend = [line.event for line in read_lines(repair.landing / "trackway" / "ad_spend")]
    humans = repair.truth("sessions").filter(~pl.col("is_bot"))
    for channel in ("Paid Search", "Paid Social", "Display"):
        clicks = sum(int(row["clicks"]) for row in spend if row["channel"] == channel)
        assert clicks >= humans.filter(pl.col("channel") == channel).height > 0


def test_people_who_churned_are_not_seen_after_it(repair: Sample) -> None:
    churned = repair.truth("people").filter(pl.col("churned_at").is_not_null())
    last = repair.truth("sessions").group_by("person").agg(pl.col("end_ts").max())
    seen = churned.join(last, on="person")
    assert seen.height > 50
    assert (seen["end_ts"] <= seen["churned_at"]).all()
