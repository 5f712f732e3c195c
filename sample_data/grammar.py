"""The words in which a business's site is described: pages, moves between them, events on them, things for
sale.

Add here: a word that all businesses need. Keep out: one business's own pages (`businesses/`), randomness.
"""

from dataclasses import dataclass
from functools import cached_property

EXIT = "exit"
# One past the last page kind: events that happen in the shop or the back office, on no page.
OFFSITE = "offsite"


@dataclass(frozen=True)
class Page:
    """One kind of page. `moves` maps the next kind (or EXIT) to its weight; `seconds` is the median time
    spent."""

    kind: str
    path: str
    title: str
    seconds: float
    moves: dict[str, float]


@dataclass(frozen=True)
class Rule:
    """On a page of `kind`, `event_type` happens with `chance`, at fraction `at` of the time spent there."""

    kind: str
    event_type: str
    chance: float
    at: float


@dataclass(frozen=True)
class Item:
    """A service, product or trip. Money is in the business's reporting currency."""

    item_id: str
    name: str
    category: str
    price: float
    cost: float
    origin: str = ""
    destination: str = ""
    provider: str = ""


@dataclass(frozen=True)
class Place:
    """Where people live, and the money and language that go with it."""

    country: str
    region: str
    city: str
    timezone: str
    language: str
    currency: str
    weight: float


@dataclass(frozen=True)
class Grammar:
    """Everything about one business that its events show.

    `commit` names the page kinds that price, friction and persona make more or less likely to be entered.
    `rates` are units of reporting currency for one unit of each other currency. `offsite` maps an event
    type to the days after the conversion in which it happens.
    """

    business: str
    domain: str
    currency: str
    rates: dict[str, float]
    entries: dict[str, float]
    pages: tuple[Page, ...]
    commit: tuple[str, ...]
    start_page: str
    confirm_page: str
    conversion: str
    rules: tuple[Rule, ...]
    offsite: dict[str, tuple[float, float]]
    items: tuple[Item, ...]
    places: tuple[Place, ...]
    queries: tuple[str, ...]
    providers_commission: float
    booking_form: str

    @cached_property
    def kinds(self) -> list[str]:
        """Page kinds in order; the position is the code that arrays hold."""
        return [page.kind for page in self.pages]

    def code(self, kind: str) -> int:
        """The code of a page kind; OFFSITE is the one after the last."""
        return len(self.pages) if kind == OFFSITE else self.kinds.index(kind)
