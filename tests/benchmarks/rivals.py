"""What the other engines are given and what they must find: one meaning of 'the same work'.

Sessions by gaps of 30 minutes, bot days, page views with engaged time, sessions with their arrival and
opening, people through log-ins and e-mails, a profile per person, and an ordered five-step funnel of 14 days.
They do less than the project's build: no cut after 24 hours, no channels, no exchange rates, no access logs,
no funnel by period and breakdown, nothing that later increments need. Junk identifiers are off already.
Add here: another table that both sides read. Keep out: SQL of one engine.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import Settings
from orchestration.warehouse import open_writer

FUNNEL = ("page_view", "service_view", "pricing_check", "booking_start", "booking_complete")
TABLES = {
    "events": """
        select
            event_key, event_id, event_type, event_ts,
            -- A missing number is last in order.
            coalesce(client_sequence, 9223372036854775807) as client_sequence,
            coalesce(device_key, 0) as device_key, coalesce(user_key, 0) as user_key, is_cookieless,
            coalesce(page_view_id, '') as page_view_id, coalesce(page_url, '') as page_url,
            coalesce(referrer_url, '') as referrer_url, coalesce(user_agent_key, 0) as user_agent_key,
            coalesce(device_type, '') as device_type, coalesce(browser, '') as browser,
            coalesce(os, '') as os,
            coalesce(country, '') as country, coalesce(region, '') as region, coalesce(city, '') as city,
            coalesce(utm_source, '') as utm_source, coalesce(utm_medium, '') as utm_medium,
            coalesce(utm_campaign, '') as utm_campaign, coalesce(click_id, '') as click_id,
            coalesce(order_id, '') as order_id, coalesce(revenue, 0)::double as revenue,
            coalesce(properties, '') as properties
        from intermediate.int_events_unioned
    """,
    "types": "select event_type, coalesce(role, '') as role, in_session from seeds.event_types",
    "agents": "select user_agent_key, coalesce(is_bot, false) as is_bot from raw.user_agents",
    "customers": """
        select distinct user_key, email_key from raw.customers
        where user_key is not null and email_key is not null
    """,
}


@dataclass(frozen=True)
class Found:
    """What an engine found, so that nobody is fast by doing something else."""

    seconds: float
    sessions: int
    page_views: int
    profiles: int
    steps: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """All counts in one row."""
        return (self.sessions, self.page_views, self.profiles, *self.steps)


def export_inputs(settings: Settings, folder: Path) -> None:
    """Write what both rivals read as Parquet, in the order of arrival as the warehouse has it."""
    folder.mkdir()
    with open_writer(settings) as connection:
        for name, query in TABLES.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")


def found_by_build(settings: Settings) -> Found:
    """The same counts out of the warehouse."""
    with open_writer(settings) as connection:
        sessions, page_views, profiles = connection.execute(
            """
            select
                (select count(distinct (device_key, chain_start)) from intermediate.int_session_bounds),
                (select count(*) from intermediate.int_page_views),
                (select count(*) from marts.people_behaviour)
            """
        ).fetchall()[0]
        steps = connection.execute(
            """
            select people from marts.met_funnel_steps
            where funnel = 'booking' and period = 'all' and dimension = 'all' order by step_number
            """
        ).fetchall()
    return Found(0.0, sessions, page_views, profiles, tuple(people for (people,) in steps))
