"""Small populations drawn at random, whose events stand at the edges of the definitions.

Add here: another edge (a gap, a kind of visitor, a kind of copy). Keep out: what is expected of them, and how
they are delivered. Every identifier begins with the population's number, so that many fit into one landing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

Record = dict[str, Any]
# Around the change to summer time, the turn of a month, a week and a year.
STARTS = [
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 1, 30, 22, tzinfo=UTC),
    datetime(2025, 12, 30, tzinfo=UTC),
]
GAPS = [0, 0, 0.5, 3, 7, 10, 10, 15, 60, 600, 1799, 1800, 1801, 7_200, 86_400, 5 * 86_400, 14 * 86_400]
GAP_WEIGHTS = [4, 4, 2, 4, 4, 6, 6, 4, 4, 2, 2, 2, 2, 1, 1, 0.5, 0.5]
TYPES = {
    "page_view": 6, "page_ping": 6, "click_event": 2, "service_view": 3, "pricing_check": 3,
    "comparison_view": 1, "booking_start": 2, "booking_complete": 2, "service_completed": 1,
    "error_occurred": 1,
}  # fmt: skip
PAGES = ["", "/", "/Services/", "/services/Screen/", "/pricing?q=1", "/legal#top", "/account"]
REFERRERS = [
    "https://www.google.com/",
    "https://paypal.com/pay",
    "https://repair.example/",
    "https://forum.example/x",
]
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CURRENCIES = ["EUR", "GBP", "CHF"]


class Population:
    """The records of one seed; `events` have real datetimes in `event_ts`, `received_ts` and `sent_ts`."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.prefix = f"p{seed}-"
        self.start = STARTS[seed % len(STARTS)] + timedelta(seconds=int(self.random.integers(0, 20_000)))
        self.has_received = bool(self.random.random() < 0.7)
        self.orders: list[str] = []
        self.events: list[Record] = []
        users = [f"{self.prefix}u{number}" for number in range(6)]
        for number, known in enumerate(
            [users[:1], users[:2], users[:3], users[2:4], ["null", users[4]], [], []]
        ):
            self._walk({"anonymous_id": f"{self.prefix}d{number}", "user_agent": BROWSER}, known)
        self._walk({"user_id": users[5]}, [])
        self._walk({"ip_address": f"192.0.2.{seed % 250}", "user_agent": f"{BROWSER} {self.prefix}"}, [])
        self._walk({"anonymous_id": f"{self.prefix}bot", "user_agent": CRAWLER}, users[:1])
        self._chain()
        self.events += [copy for event in list(self.events) for copy in self._copies(event)]
        self.customers = list(self._customers(users))
        self.bookings = [self._booking(order) for order in self.orders if self.random.random() < 0.6]

    def _choose(self, values: list[Any], weights: list[float] | None = None) -> Any:
        shares = None if weights is None else np.array(weights) / sum(weights)
        return values[int(self.random.choice(len(values), p=shares))]

    def _walk(self, visitor: Record, users: list[str]) -> None:
        """One visitor's events; who is signed in changes now and then among `users` and nobody."""
        moment, user = self.start + timedelta(seconds=int(self.random.integers(0, 7_200))), None
        sends_sequence, sends_page_views = (
            self._choose(["all", "some", "none"]),
            bool(self.random.random() < 0.5),
        )
        page_view = None
        for number in range(int(self.random.integers(6, 22))):
            moment += timedelta(seconds=float(self._choose(GAPS, GAP_WEIGHTS)))
            if users and self.random.random() < 0.25:
                user = self._choose([*users, None])
            event = self._event(moment) | visitor | ({"user_id": user} if user else {})
            if sends_sequence == "all" or (sends_sequence == "some" and self.random.random() < 0.5):
                event["client_sequence"] = number
            if event["event_type"] == "page_view":
                page_view = f"{self.prefix}v{len(self.events)}" if sends_page_views else None
            if page_view and event["event_type"] != "service_completed":
                event["page_view_id"] = page_view
            self.events.append(event)

    def _chain(self) -> None:
        """Gaps of 1,800 s up to 24 hours exactly, then one second more."""
        moments = [self.start + timedelta(seconds=1_800 * step) for step in range(49)]
        moments.append(moments[-1] + timedelta(seconds=1))
        for moment in moments:
            event = self._event(moment) | {"anonymous_id": f"{self.prefix}chain"}
            self.events.append(
                event | {"event_type": self._choose(["click_event", "error_occurred", "page_ping"])}
            )

    def _event(self, moment: datetime) -> Record:
        event_type = self._choose(list(TYPES), list(TYPES.values()))
        event = {
            "event_id": f"{self.prefix}{self.random.integers(0, 1 << 60):x}",
            "event_type": event_type, "event_ts": moment,
            "page_url": f"https://repair.example{self._choose(PAGES)}",
            "properties": {"item_id": "screen"} if event_type == "service_view" else {},
        }  # fmt: skip
        if self.random.random() < 0.1:
            event |= {
                "utm_source": self._choose(["google", "letter"]),
                "utm_medium": "cpc",
                "utm_campaign": "spring",
            }
        if self.random.random() < 0.15:
            event["referrer_url"] = self._choose(REFERRERS)
        if event_type == "booking_complete":
            event |= self._order()
        if self.has_received:
            self._collect(event)
        return event

    def _order(self) -> Record:
        money = {"revenue": int(self.random.integers(1, 9_000)) / 100, "currency": self._choose(CURRENCIES)}
        if self.random.random() < 0.3:
            return money
        if not self.orders or self.random.random() < 0.7:
            self.orders.append(f"{self.prefix}o{len(self.orders)}")
            return money | {"order_id": self.orders[-1]}
        return money | {"order_id": self._choose(self.orders)}

    def _collect(self, event: Record) -> None:
        """When it was received: soon, at the edge of the future, or by a client whose clock is wrong."""
        moment, kind = event["event_ts"], self.random.random()
        early = 600 if kind < 0.02 else 601 if kind < 0.03 else -float(self.random.integers(0, 90))
        event["received_ts"] = moment - timedelta(seconds=early)
        if 0.03 < kind < 0.15:
            skew = timedelta(seconds=int(self.random.integers(-4_000, 4_000)))
            event |= {"event_ts": moment - skew, "sent_ts": event["received_ts"] - skew}

    def _copies(self, event: Record) -> Iterator[Record]:
        """Now and then the same event again, some with another body, received before, with or after it."""
        while self.random.random() < 0.1:
            copy = dict(event)
            if self.has_received:
                copy["received_ts"] += timedelta(seconds=int(self._choose([-30, 0, 30])))
            if self.random.random() < 0.6:
                copy["event_ts"] += timedelta(seconds=int(self._choose([-2_000, -5, 5])))
                copy["event_type"] = self._choose(["page_view", "click_event", "page_ping"])
                copy["anonymous_id"] = f"{self.prefix}d{self.random.integers(0, 7)}"
            yield copy

    def _customers(self, users: list[str]) -> Iterator[Record]:
        """Two users share an e-mail, ten another, eleven a third, which links none; one names nobody."""
        many = [f"{self.prefix}only-crm-{number}" for number in range(18)]
        for user in (users[0], users[5]):
            yield {
                "user_id": user,
                "email": f"{self.prefix}Home@example.org"
                if user == users[0]
                else f"{self.prefix}home@example.org",
            }
        for user in (users[1], users[3], *many[:8]):
            yield {"user_id": user, "email": f"{self.prefix}ten@example.org"}
        for user in (users[2], *many[8:]):
            yield {"user_id": user, "email": f"{self.prefix}eleven@example.org"}
        yield {"user_id": users[4], "email": "test@test.com"}

    def _booking(self, order: str) -> Record:
        booked = self.start + timedelta(days=1)
        status = self._choose(["confirmed", "completed", "cancelled"])
        booking = {
            "booking_id": order,
            "booked_ts": booked,
            "status": status,
            "currency": self._choose(CURRENCIES),
        }
        booking["revenue"] = int(self.random.integers(1, 9_000)) / 100
        if status == "cancelled":
            booking["cancelled_ts"] = booked + timedelta(days=2)
        return booking


def exchange_rates() -> list[Record]:
    """A rate a week and currency, the same all the time, from before the first event until after the last."""
    days = [datetime(2025, 12, 20, tzinfo=UTC) + timedelta(days=7 * week) for week in range(30)]
    return [
        {"date": f"{day:%Y-%m-%d}", "from_currency": currency, "to_currency": "EUR", "rate": rate}
        for day in days for currency, rate in (("GBP", 1.25), ("CHF", 1.0625))
    ]  # fmt: skip
