"""What all steps of a sample share.

Add here: another thing that is made once and read everywhere. Keep out: visits, which go block by block.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sample_data.grammar import Grammar
from sample_data.parameters import SampleParameters
from sample_data.prices import day_prices, exchange_rates


@dataclass(frozen=True)
class World:
    """What all blocks share: who there is and what things cost by day: `prices` [item, day], `rates`
    [currency, day]."""

    parameters: SampleParameters
    grammar: Grammar
    people: pl.DataFrame
    devices: pl.DataFrame
    prices: np.ndarray
    rates: np.ndarray

    @classmethod
    def of(
        cls, parameters: SampleParameters, grammar: Grammar, people: pl.DataFrame, devices: pl.DataFrame
    ) -> "World":
        """A world with the prices and rates of its calendar."""
        return cls(
            parameters,
            grammar,
            people,
            devices,
            day_prices(parameters, grammar),
            exchange_rates(parameters, grammar),
        )
