"""Expressions that make JSON text out of columns `u` and `v` (uniform draws) and others.

Add here: another form of value, of time. Keep out: which event has which property.
"""

from collections.abc import Sequence

import polars as pl

Properties = dict[str, pl.Expr]


def json_object(properties: Properties) -> pl.Expr:
    """An object; the values are JSON already."""
    pieces: list[pl.Expr] = []
    for number, (name, value) in enumerate(properties.items()):
        pieces += [pl.lit(("{" if number == 0 else ",") + f'"{name}":'), value.cast(pl.String)]
    return pl.concat_str([*pieces, pl.lit("}")])


def quoted(value: pl.Expr | str) -> pl.Expr:
    """A JSON string; the text holds no quote and no backslash."""
    return pl.format('"{}"', pl.col(value) if isinstance(value, str) else value)


def pick(texts: Sequence[str], by: str = "u") -> pl.Expr:
    """One of the texts, each as likely, as a JSON string."""
    return quoted(pl.lit(pl.Series(texts)).gather((pl.col(by) * len(texts)).cast(pl.UInt32)))


def between(low: float, high: float, by: str = "u", digits: int = 0) -> pl.Expr:
    """A uniform number; whole where `digits` is 0."""
    drawn = (pl.lit(low) + pl.col(by) * (high - low)).round(digits)
    return drawn.cast(pl.Int64) if digits == 0 else drawn


def skewed(median: float, by: str, digits: int = 0) -> pl.Expr:
    """Right-skewed around the median, more than doubled on a slow visit."""
    drawn = (
        pl.lit(median)
        * (0.45 + 0.55 / (1.02 - pl.col(by)).pow(0.5))
        * pl.when("slow").then(2.4).otherwise(0.9)
    )
    return drawn.round(digits).cast(pl.Int64) if digits == 0 else drawn.round(digits)


def utc_text(milliseconds: pl.Expr) -> pl.Expr:
    """UTC milliseconds as text in the form of the contracts."""
    return milliseconds.cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
