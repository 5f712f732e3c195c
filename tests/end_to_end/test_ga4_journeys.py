"""Real journeys, through a business of one's own whose clients name their sessions, can be asked back."""

import shutil
from dataclasses import dataclass

import duckdb
import pytest
import yaml

from orchestration.settings import BUSINESSES, Settings
from tests.end_to_end import ga4_journeys
from tests.end_to_end.running import current_file

# What the publishers of the file found in it.
PUBLISHED_TOUCHES = {
    "arg_min": {
        "Organic Search": 2111, "Referral": 1836, "Direct": 512, "Unassigned": 290,
        "Paid Search": 80, "Email": 13, "Organic Social": 5, "Affiliates": 1,
    },
    "arg_max": {
        "Referral": 2438, "Organic Search": 1725, "Unassigned": 314, "Direct": 295,
        "Paid Search": 47, "Email": 23, "Organic Social": 4, "Affiliates": 2,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A home whose journeys were run; the connection has the journeys and, attached, what was published."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    is_whole: bool

    def ask(self, statement: str) -> list[tuple]:
        """Rows over the tables of ga4_journeys and those of `published`."""
        return self.connection.execute(statement).fetchall()


@pytest.fixture(
    scope="module",
    params=[10, pytest.param(1, marks=pytest.mark.soak)],
    ids=["one person in ten", "everybody"],
)
def shop(request, test_data, tmp_path_factory, run_trackway):
    folder = tmp_path_factory.mktemp("journeys")
    settings = Settings(home=folder / "home", business=own_business(folder), memory_limit="2GiB", threads=2)
    with ga4_journeys.connect(
        test_data / "ga4_journeys" / "ga4_attribution_journeys.parquet", request.param
    ) as one:
        ga4_journeys.write_events(one, settings.landing / "trackway" / "events" / "journeys.parquet")
        result = run_trackway(settings, "run")
        assert result.returncode == 0, result.stdout + result.stderr
        one.execute(f"attach '{current_file(settings)}' as published (read_only)")
        yield Shop(settings, one, is_whole=request.param == 1)


def own_business(folder):
    """The shop's configuration with the client's sessions and another funnel, outside the checkout."""
    own = folder / "own_shop"
    shutil.copytree(BUSINESSES / "shop", own)
    file = own / "business.yml"
    business = yaml.safe_load(file.read_text())
    steps = [{"name": one, "event_type": one} for one in ("page_view", "transaction")]
    funnels = [{"name": "visit to order", "window_days": 14, "steps": steps}]
    file.write_text(yaml.safe_dump({**business, "session_rule": {"trackway": "client"}, "funnels": funnels}))
    return str(own)


def test_every_journey_is_a_person_and_every_session_a_session(shop):
    expected = shop.ask("select count(*), sum(session_count) from journeys")
    assert (
        shop.ask("select count(distinct person_id), count(*) from published.analytics_sessions") == expected
    )


def test_every_person_has_the_channels_of_the_file_in_its_order(shop):
    """Pseudonyms hide who is who, so people are compared by what they did: first visit and channels."""
    theirs = """
        select min(touched_ts) as started, list(channel order by session) as channels
        from touches inner join arrivals using (name) group by number
    """
    ours = """
        select min(start_time) as started, list(channel order by start_time) as channels
        from published.analytics_sessions group by person_id
    """
    assert shop.ask(f"({theirs}) except all ({ours})") == []
    assert shop.ask(f"({ours}) except all ({theirs})") == []


def test_sessions_closer_than_half_an_hour_stay_apart_because_the_client_says_so(shop):
    close = """
        select count(*) from (
            select {moment} - lag({moment}) over (partition by {person} order by {moment}) as gap from {table}
        ) where gap <= interval 30 minute
    """
    expected = shop.ask(close.format(moment="touched_ts", person="number", table="touches"))
    assert expected[0][0] > 100
    found = close.format(moment="start_time", person="person_id", table="published.analytics_sessions")
    assert shop.ask(found) == expected


def test_journeys_convert_in_their_last_session_with_every_purchase(shop):
    expected = shop.ask(
        "select count(*), sum(purchase_count), max(purchase_count) from journeys where purchase_count > 0"
    )
    found = """
        select count(*), sum(conversions), max(conversions)
        from (
            select *, max(start_time) over (partition by person_id) as last from published.analytics_sessions
        )
        where conversion_session {and_last}
    """
    if shop.is_whole:
        assert expected[0][:2] == (4_848, 5_692)
    assert shop.ask(found.format(and_last="")) == expected
    assert shop.ask(found.format(and_last="and start_time = last")) == expected


@pytest.mark.parametrize(("touch", "element"), [("arg_min", 1), ("arg_max", -1)], ids=["first", "last"])
def test_the_touches_of_converting_people_are_those_of_the_file(shop, touch, element):
    theirs = f"""
        select channel, count(*) from journeys inner join arrivals on name = path[{element}]
        where purchase_count > 0 group by channel
    """
    ours = f"""
        select channel, count(*) from (
            select {touch}(channel, start_time) as channel from published.analytics_sessions
            group by person_id having bool_or(conversion_session)
        ) group by channel
    """
    found = dict(shop.ask(ours))
    assert found == dict(shop.ask(theirs))
    if shop.is_whole:
        assert found == PUBLISHED_TOUCHES[touch]


def test_the_funnel_of_the_own_business_counts_all_people_and_those_who_bought(shop):
    expected = shop.ask("select count(*), count(*) filter (purchase_count > 0) from journeys")
    statement = """
        select step_number, people from published.funnel_summary
        where funnel = 'visit to order' and period = 'all' and dimension = 'all' order by step_number
    """
    assert [people for _, people in shop.ask(statement)] == list(expected[0])
