"""What a real access log says, worked out line by line in plain Python from docs/definitions.md.

Add here: another figure of the log. Keep out: anything of the project; this is what the project is held to.
"""

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from crawleruseragents import is_crawler

GAP = timedelta(minutes=30)
# Extensions of the log that no visitor reads as a page, as the asset seed lists them by kind.
ASSETS = re.compile(
    r"\.(avif|bmp|gif|ico|jpe?g|png|svg|tiff?|webp|css|js|map|mjs|json|eot|otf|ttf|woff2?"
    r"|mp[34]|ogg|webm|pdf|rss|xml|swf|txt|wasm|webmanifest|zip)$"
)
REPORTING = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Request:
    """One line; `at` is naive UTC."""

    address: str
    at: datetime
    method: str
    path: str
    status: int
    agent: str

    @property
    def event_type(self) -> str:
        """GET with 2xx or 304 of what is not an asset is a page view, 4xx and 5xx an error."""
        if self.status >= 400:
            return "error_occurred"
        is_page = not ASSETS.search(re.split(r"[?#]", self.path)[0].lower())
        answered = self.status // 100 == 2 or self.status == 304
        return "page_view" if self.method == "GET" and answered and is_page else "server_request"

    @property
    def visitor(self) -> tuple[date, str, str]:
        """Nobody has a cookie: a visitor is an address and an agent on one UTC day."""
        return self.at.date(), self.address, self.agent

    @property
    def reporting_day(self) -> date:
        """The day that bot rules count by."""
        return self.at.replace(tzinfo=UTC).astimezone(REPORTING).date()


@dataclass(frozen=True)
class Session:
    """Times in naive UTC; `engaged_seconds` from the gaps between events, capped at 60 s."""

    start: datetime
    end: datetime
    events: int
    page_views: int
    engaged_seconds: float
    is_bot: bool


def read_requests(file: Path) -> list[Request]:
    """Every line; one of them ends within its agent, which has no closing quote."""
    return [_request(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]


def _request(line: str) -> Request:
    before, request, answer, _, _, agent = line.split('"')[:6]
    method, path, _ = request.split(" ", 2)
    at = datetime.strptime(re.search(r"\[(.*)\]", before)[1], "%d/%b/%Y:%H:%M:%S %z")
    return Request(
        before.split()[0],
        at.astimezone(UTC).replace(tzinfo=None),
        method,
        path,
        int(answer.split()[0]),
        agent,
    )


def bot_days(requests: Iterable[Request]) -> set[tuple]:
    """(visitor, reporting day) of known crawlers, of over 60 page views in a minute, of over 2,000 events."""
    by_day = defaultdict(list)
    for request in requests:
        by_day[request.visitor, request.reporting_day].append(request)
    return {key for key, found in by_day.items() if _is_bot(found)}


@cache
def known_crawler(agent: str) -> bool:
    """Whether the kept list of crawlers has the agent."""
    return is_crawler(agent)


def _is_bot(found: list[Request]) -> bool:
    views = sorted(one.at for one in found if one.event_type == "page_view")
    too_fast = any(views[n + 60] - views[n] <= timedelta(seconds=60) for n in range(len(views) - 60))
    return known_crawler(found[0].agent) or too_fast or len(found) > 2000


def flagged(requests: list[Request]) -> list[tuple[Request, bool]]:
    """Each request and whether its visitor's day is a bot's."""
    bots = bot_days(requests)
    return [(one, (one.visitor, one.reporting_day) in bots) for one in requests]


def sessions(requests: list[Request]) -> Counter:
    """Sessions with how often each occurs: gaps of at most 30 minutes within one visitor's day."""
    by_visitor = defaultdict(list)
    for request, is_bot in flagged(requests):
        by_visitor[request.visitor].append((request, is_bot))
    return Counter(
        _session(part)
        for found in by_visitor.values()
        for part in _parts(sorted(found, key=lambda one: one[0].at))
    )


def _parts(found: list[tuple[Request, bool]]) -> Iterator[list[tuple[Request, bool]]]:
    part = found[:1]
    for before, after in pairwise(found):
        if after[0].at - before[0].at > GAP:
            yield part
            part = []
        part.append(after)
    yield part


def _session(part: list[tuple[Request, bool]]) -> Session:
    times = [request.at for request, _ in part]
    views = [request.at for request, _ in part if request.event_type == "page_view"]
    # Time before the first page view belongs to no page.
    gaps = [b - a for a, b in pairwise(times) if views and a >= views[0]]
    return Session(
        times[0],
        times[-1],
        len(part),
        len(views),
        sum(min(gap.total_seconds(), 60.0) for gap in gaps),
        any(is_bot for _, is_bot in part),
    )
