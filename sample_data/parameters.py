"""What a sample is asked for, and what came of it.

Add here: nothing that can be derived from these. Keep out: how events are made.
"""

from dataclasses import dataclass
from datetime import date, timedelta

BUSINESSES = ("repair", "travel", "shop")
LAST_DAY = date(2026, 11, 15)


@dataclass(frozen=True)
class SampleParameters:
    """Size and seed of a sample; the same parameters always give the same content.

    `people` is how many distinct humans exist (bots come on top), `days` how many UTC days are covered,
    `end` the last of them. Raises ValueError for an unknown business or a size below 1.
    """

    business: str
    people: int = 2000
    days: int = 60
    seed: int = 7
    end: date = LAST_DAY

    def __post_init__(self) -> None:
        if self.business not in BUSINESSES:
            raise ValueError(
                f"business {self.business!r} has no sample: choose one of {', '.join(BUSINESSES)}"
            )
        for name in ("people", "days"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: give at least 1")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}: give 0 or more")

    @property
    def start(self) -> date:
        """First UTC day of the sample."""
        return self.end - timedelta(days=self.days - 1)


@dataclass(frozen=True)
class SampleSummary:
    """Counts over all event files of a sample: `lines` = `events` + `duplicates` + `bad_lines`."""

    lines: int
    events: int
    duplicates: int
    bad_lines: int
    sessions: int
    conversions: int
    files: int
