"""The reference's answers in the words of the published tables: pseudonyms for identifiers, hashes for ids.

Add here: how another kind of id is made. Keep out: what the definitions say; that is reference.py.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import reference
import reference_people as people
from reference import Event, Node, Session
from worlds import World

RATES = {"EUR": 1.0, "GBP": 1.25, "CHF": 1.0625}


@dataclass(frozen=True)
class Expected:
    """What the reference makes of a world, under the pseudonyms of its home."""

    world: World

    @cached_property
    def events(self) -> list[Event]:
        files = [one for one in self.world.delivered if one.name.startswith("events/")]
        return reference.accepted(copy for file in files for copy in file.copies)

    @cached_property
    def sessions(self) -> list[Session]:
        return reference.sessions(self.events)

    @cached_property
    def pseudonyms(self) -> dict[Node, str]:
        with duckdb.connect(str(self.world.settings.vault / "identifiers.duckdb"), read_only=True) as vault:
            rows = vault.execute("select kind, value, pseudonym from identifiers").fetchall()
        with duckdb.connect(str(self.world.at_once), read_only=True) as published:
            shown = dict(published.execute("select id, anonymous_id from analytics_events").fetchall())
        # Of cookieless visitors nothing is kept but the pseudonym itself.
        cookieless = {
            event["device"]: shown.get(event["event_id"], "")
            for event in self.events
            if event["device"] and event["device"][0] == "cookieless"
        }
        return cookieless | {(kind, value): pseudonym for kind, value, pseudonym in rows}

    @cached_property
    def linked(self) -> dict[Node, frozenset[Node]]:
        customers = [row for population in self.world.populations for row in population.customers]
        return people.components(self.events, [(row["user_id"], row["email"]) for row in customers])

    @cached_property
    def names(self) -> dict[Node, str]:
        named = people.person_names(self.events, self.linked, self.pseudonyms.__getitem__)
        return {node: _md5(f"person|{pseudonym}") for node, pseudonym in named.items()}

    @cached_property
    def bot_days(self) -> set[tuple[Node, Any]]:
        return {
            (event["device"], reference.period_start(event["ts"], "day"))
            for event in self.events
            if event["device"] and "Googlebot" in event.get("user_agent", "")
        }

    def is_bot(self, event: Event) -> bool:
        return (event["device"], reference.period_start(event["ts"], "day")) in self.bot_days

    @cached_property
    def bots(self) -> list[Session]:
        return [session for session in self.sessions if any(map(self.is_bot, session.events))]

    def person(self, event: Event) -> str | None:
        return people.person_of(event, self.names)

    def session_id(self, session: Session) -> str:
        return _md5(f"{self.pseudonyms[session.device]}|{session.first['event_id']}")

    def value(self, conversion: Event) -> float:
        """What it adds to a lifetime value, in euros."""
        bookings = [row for population in self.world.populations for row in population.bookings]
        booking = next((row for row in bookings if row["booking_id"] == conversion.get("order_id")), None)
        money = booking or conversion
        cancelled = booking is not None and booking["status"] == "cancelled"
        return 0.0 if cancelled else money["revenue"] * RATES[money["currency"]]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
