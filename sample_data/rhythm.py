"""When people come: by season, weekday and hour where they live.

Add here: a holiday or another rhythm. Keep out: who comes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from sample_data.draws import choose
from sample_data.parameters import SampleParameters

DAY_MS = 86_400_000
# Monday first.
_WEEK = np.array([1.0, 0.96, 0.94, 0.97, 0.88, 0.62, 0.74])
_WEEKDAY_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 12, 14, 14, 13, 15, 14, 13, 13, 14, 16, 19, 23, 25, 21, 13, 6)
_WEEKEND_HOURS = (4, 3, 2, 1, 1, 1, 2, 4, 8, 13, 17, 18, 18, 17, 17, 17, 17, 17, 17, 18, 19, 17, 12, 7)


def first_midnight_ms(parameters: SampleParameters) -> int:
    """Milliseconds since the epoch of the sample's first UTC midnight."""
    return int(datetime.combine(parameters.start, time(), UTC).timestamp() * 1000)


def accepted_days(rng: np.random.Generator, days: np.ndarray, parameters: SampleParameters) -> np.ndarray:
    """Days (numbered from the sample's first) with some of those on quiet days moved one to four days on."""
    numbers = np.arange(parameters.days + 5)
    weekdays = (numbers + parameters.start.weekday()) % 7
    season = 1 + 0.12 * np.sin(2 * np.pi * (numbers + parameters.start.timetuple().tm_yday - 60) / 365.25)
    weight = _WEEK[weekdays] * season
    quiet = rng.random(len(days)) > (weight / weight.max())[days]
    return days + np.where(quiet, rng.integers(1, 5, len(days)), 0)


def start_times(
    rng: np.random.Generator,
    days: np.ndarray,
    zones: Sequence[str],
    zone: np.ndarray,
    parameters: SampleParameters,
) -> np.ndarray:
    """UTC milliseconds of a visit on each local day, in the waking hours of zone `zones[zone]`."""
    weekend = (days + parameters.start.weekday()) % 7 >= 5
    hours = np.where(weekend, choose(rng, _WEEKEND_HOURS, len(days)), choose(rng, _WEEKDAY_HOURS, len(days)))
    local = days * DAY_MS + hours * 3_600_000 + rng.integers(0, 3_600_000, len(days))
    return first_midnight_ms(parameters) + local - _offsets_ms(zones, parameters)[zone, days]


def _offsets_ms(zones: Sequence[str], parameters: SampleParameters) -> np.ndarray:
    noons = [
        datetime.combine(parameters.start + timedelta(days=n), time(12)) for n in range(parameters.days + 5)
    ]
    return np.array(
        [
            [
                int(
                    (
                        noon - noon.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
                    ).total_seconds()
                )
                * 1000
                for noon in noons
            ]
            for zone in zones
        ]
    )
