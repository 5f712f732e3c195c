"""What the definitions say, once more and as plainly as can be: loops over lists, no SQL, no speed.

Add here: another definition, from its words. Keep out: anything taken from the models; a difference between
the two is what these tests look for.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]
Node = tuple[str, ...]
REPORTING_TIMEZONE = ZoneInfo("Europe/Berlin")
NOT_IN_SESSION = {"service_booked", "service_completed"}
CONVERSION = "booking_complete"
FUNNEL = ("page_view", "service_view", "pricing_check", "booking_start", "booking_complete")
WINDOW = timedelta(days=14)
NO_REFERRERS = ("repair.example", "www.repair.example", "paypal.com", "klarna.com")
TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "click_id")


@dataclass
class Session:
    device: Node
    events: list[Event] = field(default_factory=list)
    attached: list[Event] = field(default_factory=list)
    conversions: list[Event] = field(default_factory=list)

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def seconds(self) -> float:
        return (self.events[-1]["ts"] - self.first["ts"]).total_seconds()

    @property
    def pages(self) -> dict[str, set[int]]:
        """Pages viewed in the session, each with its 10-second buckets that hold a ping."""
        viewed = [event for event in self.events if event["event_type"] == "page_view"]
        pages: dict[str, set[int]] = {_view(event): set() for event in viewed}
        current = None
        for event in self.events:
            if event["event_type"] == "page_view":
                current = _view(event)
            page = event.get("page_view_id") or current
            if event["event_type"] == "page_ping" and page in pages:
                pages[page].add(int(event["ts"].timestamp() // 10))
        return pages

    @property
    def engaged_seconds(self) -> int:
        return sum(10 * (len(buckets) - 1) + 5 for buckets in self.pages.values() if buckets)

    @property
    def is_engaged(self) -> bool:
        return self.engaged_seconds > 10 or len(self.pages) >= 2 or bool(self.conversions)

    @property
    def origin(self) -> Event | None:
        """The first event that tells where the session came from."""
        return next((one for one in self.events if any(map(one.get, TAGS)) or _is_external(one)), None)


def _view(event: Event) -> str:
    return event.get("page_view_id") or event["event_id"]


def _is_external(event: Event) -> bool:
    referrer = event.get("referrer_url")
    return bool(referrer) and referrer.split("/")[2] not in NO_REFERRERS


def order(event: Event) -> tuple[Any, ...]:
    sequence = event.get("client_sequence")
    return event["ts"], sequence is None, sequence or 0, event["event_id"]


def accepted(copies: Iterable[Event]) -> list[Event]:
    """Events in order; copies have `content_hash` and `line` of where they stood."""
    kept: dict[str, Event] = {}
    for copy in sorted(copies, key=lambda one: (one["content_hash"], one["line"])):
        received = copy.get("received_ts")
        event = copy | {"ts": copy["event_ts"]}
        if "sent_ts" in copy and received:
            event["ts"] += received - copy["sent_ts"]
        if received and event["ts"] > received + timedelta(minutes=10):
            continue
        other = kept.setdefault(event["event_id"], event)
        if received and received < other["received_ts"]:
            kept[event["event_id"]] = event
    for event in kept.values():
        event["device"] = device_of(event)
        event["user"] = real(event.get("user_id"))
    return sorted(kept.values(), key=order)


def real(identifier: str | None) -> str | None:
    """None for what names nobody."""
    return None if identifier in ("null", "unknown", "test@test.com", None) else identifier


def device_of(event: Event) -> Node | None:
    if event.get("anonymous_id"):
        return ("device", event["anonymous_id"])
    if event.get("user_id"):
        return ("user_device", event["user_id"])
    if event.get("ip_address") and event.get("user_agent"):
        return ("cookieless", event["ip_address"], event["user_agent"], str(event["ts"].date()))
    return None


def sessions(events: Sequence[Event]) -> list[Session]:
    found: dict[Node, list[Session]] = defaultdict(list)
    for event in events:
        if event["device"] is None or event["event_type"] in NOT_IN_SESSION:
            continue
        of_device = found[event["device"]]
        if (
            not of_device
            or event["ts"] - of_device[-1].events[-1]["ts"] > timedelta(seconds=1800)
            or event["ts"] - of_device[-1].first["ts"] > timedelta(seconds=86_400)
        ):
            of_device.append(Session(event["device"]))
        of_device[-1].events.append(event)
    for event in events:
        if event["event_type"] in NOT_IN_SESSION:
            for session in found.get(event["device"], ()):
                if session.first["ts"] <= event["ts"] <= session.events[-1]["ts"]:
                    session.attached.append(event)
                    break
    everything = [session for of_device in found.values() for session in of_device]
    _add_conversions(events, everything)
    return everything


def conversions(events: Sequence[Event]) -> list[Event]:
    """The first event of each order, and every event without one."""
    by_order: dict[str, Event] = {}
    for event in events:
        if event["event_type"] == CONVERSION:
            by_order.setdefault(event.get("order_id") or f"event {event['event_id']}", event)
    return list(by_order.values())


def _add_conversions(events: Sequence[Event], everything: Sequence[Session]) -> None:
    session_of = {event["event_id"]: session for session in everything for event in session.events}
    for event in conversions(events):
        if event["event_id"] in session_of:
            session_of[event["event_id"]].conversions.append(event)


def attempt(events: Sequence[Event], start: int) -> list[datetime]:
    """When each step was reached, by the attempt that starts with event number `start` of a person's."""
    reached = [events[start]["ts"]]
    for event in events[start + 1 :]:
        if len(reached) == len(FUNNEL) or event["ts"] - reached[0] > WINDOW:
            break
        if event["event_type"] == FUNNEL[len(reached)]:
            reached.append(event["ts"])
    return reached


def best_attempts(events: Sequence[Event], period: str) -> dict[date, list[datetime]]:
    """Of one person's events in order: by period the attempt that gets furthest, the earliest of those."""
    best: dict[date, list[datetime]] = {}
    for place, event in enumerate(events):
        if event["event_type"] == FUNNEL[0]:
            start, reached = period_start(event["ts"], period), attempt(events, place)
            if len(reached) > len(best.get(start, ())):
                best[start] = reached
    return best


def period_start(moment: datetime, period: str) -> date:
    day = moment.astimezone(REPORTING_TIMEZONE).date()
    starts = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}
    return starts.get(period, date(1970, 1, 1))
