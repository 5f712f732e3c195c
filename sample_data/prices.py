"""Prices by item and day, and exchange rates by day.

Both depend on the business and the calendar alone, never on the seed: two samples in one landing folder
agree.
Add here: another price rhythm. Keep out: what people do about prices.
"""

from datetime import timedelta

import numpy as np

from sample_data.grammar import Grammar
from sample_data.parameters import SampleParameters


def price_levels(parameters: SampleParameters, grammar: Grammar) -> np.ndarray:
    """Array [item, day] of the price relative to the catalogue's: a slow wave, and one week in nine at 15
    % off."""
    item = np.arange(len(grammar.items))[:, None]
    day = _days_since_2020(parameters)[None, :]
    wave = 1 + 0.09 * np.sin(2 * np.pi * (day / 53.0 + item * 0.37))
    return wave * np.where((day // 7 + 2 * item) % 9 == 0, 0.85, 1.0)


def day_prices(parameters: SampleParameters, grammar: Grammar) -> np.ndarray:
    """Array [item, day] of prices in reporting currency, to the cent."""
    catalogue = np.array([item.price for item in grammar.items])[:, None]
    return np.round(catalogue * price_levels(parameters, grammar), 2)


def exchange_rates(parameters: SampleParameters, grammar: Grammar) -> np.ndarray:
    """Array [currency, day] of units of reporting currency for one unit; currencies in the grammar's
    order."""
    day = _days_since_2020(parameters)[None, :]
    base = np.array(list(grammar.rates.values()))[:, None]
    number = np.arange(len(base))[:, None]
    moved = base * (1 + 0.02 * np.sin(2 * np.pi * (day / 97.0 + number * 0.3)))
    return np.round(np.where(base == 1.0, 1.0, moved), 6)


def _days_since_2020(parameters: SampleParameters) -> np.ndarray:
    first = parameters.start.toordinal() - 737425
    return np.arange(first, first + parameters.days)


def days(parameters: SampleParameters) -> list:
    """The sample's dates in order."""
    return [parameters.start + timedelta(days=number) for number in range(parameters.days)]
