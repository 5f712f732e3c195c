"""What is true about a sample, as Parquet files beside the landing folder: what tests compare results with.

Add here: another truth that a test needs. Keep out: anything under landing, which the warehouse reads.
"""

from pathlib import Path

import polars as pl

from sample_data.channels import SOURCES
from sample_data.delivery import COPIES
from sample_data.parameters import SampleParameters
from sample_data.people import JUNK_USER_IDS, PERSONAS
from sample_data.rhythm import DAY_MS, first_midnight_ms


def write_truth(
    folder: Path,
    parameters: SampleParameters,
    people: pl.DataFrame,
    devices: pl.DataFrame,
    visits: pl.DataFrame,
    counts: pl.DataFrame,
    lines: pl.DataFrame,
) -> None:
    """Writes people, sessions, bots, counts, files and bad_lines; times are naive UTC timestamps."""
    folder.mkdir(parents=True, exist_ok=True)
    sessions = _sessions(visits, devices)
    tables = {
        "people": _people(parameters, people, devices, visits),
        "sessions": sessions,
        "bots": devices.filter(pl.col("bot").is_not_null()).select(
            "device",
            "bot",
            pl.when(pl.col("bot") == "fast").then("anonymous_id").alias("anonymous_id"),
            "ip_address",
        ),
        "counts": counts,
        "files": lines.group_by("file", maintain_order=True).agg(
            lines=pl.len(), **{name: (pl.col("copy") == code).sum() for code, name in enumerate(COPIES)}
        ),
        "bad_lines": lines.filter(pl.col("copy") >= 3).select(
            "file",
            "line_number",
            kind=pl.col("copy").replace_strict(dict(enumerate(COPIES)), return_dtype=pl.String),
        ),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}-{parameters.seed}.parquet")


def _time(name: str) -> pl.Expr:
    return pl.from_epoch(pl.col(name), time_unit="ms").alias(name.replace("_ms", "_ts"))


_SESSION = [
    "visit_number",
    "person",
    "device",
    "anonymous_id",
    "start_ts",
    "end_ts",
    "events",
    "page_views",
    "channel",
    "persona",
    "friction",
    "slow",
    "driven_away",
    "cookieless",
    "late",
    "logged_in_as",
    "exposed",
    "is_bot",
    "converted",
]
_REASON = (
    pl.when("is_bot").then(pl.lit("bot"))
    .when("converted").then(pl.lit("converted"))
    .when("friction").then(pl.lit("friction"))
    .when("slow").then(pl.lit("slow_pages"))
    .when(pl.col("persona") == "bargain_hunter").then(pl.lit("price"))
    .otherwise(pl.lit("no_need"))
)  # fmt: skip
_PERSONA = pl.col("persona").replace_strict(
    {n: p.name for n, p in enumerate(PERSONAS)}, return_dtype=pl.String
)
_CHANNEL = pl.col("source").replace_strict(
    {n: s.channel for n, s in enumerate(SOURCES)}, return_dtype=pl.String
)


def _sessions(visits: pl.DataFrame, devices: pl.DataFrame) -> pl.DataFrame:
    """One row per true visit. `reason` is the strongest thing that kept it from, or brought it to, a
    conversion."""
    return visits.with_columns(
        _time("start_ms"),
        _time("end_ms"),
        is_bot=pl.col("bot").is_not_null(),
        anonymous_id=pl.when(~pl.col("cookieless")).then(
            devices["anonymous_id"].gather(visits["device"].to_numpy())
        ),
        persona=pl.when(pl.col("bot").is_null()).then(_PERSONA),
        channel=_CHANNEL,
    ).select(*_SESSION, reason=_REASON)


def _people(
    parameters: SampleParameters, people: pl.DataFrame, devices: pl.DataFrame, visits: pl.DataFrame
) -> pl.DataFrame:
    """One row per person; `links_knowable` stands beside `anonymous_ids`: somebody with a real account
    logged in there."""
    seen = visits.filter(pl.col("person") >= 0, ~pl.col("cookieless"))
    knowable = pl.col("logged_in_as").is_not_null() & ~pl.col("logged_in_as").is_in(JUNK_USER_IDS)
    lists = _links(seen, knowable, devices)
    users = seen.filter(knowable).group_by("person").agg(user_ids=pl.col("logged_in_as").unique().sort())
    left = visits.group_by("person").agg(
        driven_away=pl.col("driven_away").any(), last_ms=pl.col("end_ms").max()
    )
    end = (first_midnight_ms(parameters) + (pl.col("arrival") + pl.col("lifetime")) * DAY_MS).cast(pl.Int64)
    over = pl.col("driven_away").fill_null(False) | (pl.col("arrival") + pl.col("lifetime") < parameters.days)
    churned = pl.when(over).then(
        pl.min_horizontal(pl.max_horizontal("last_ms", "end_ms"), pl.when("driven_away").then("last_ms"))
    )
    return (
        people.join(lists, on="person", how="left")
        .join(users, on="person", how="left")
        .join(left, on="person", how="left")
        .with_columns(end_ms=end)
        .select(
            "person",
            "anonymous_ids",
            "links_knowable",
            "devices_public",
            "user_ids",
            emails=pl.when("account").then(pl.concat_list("email")),
            persona=_PERSONA,
            churned_at=pl.from_epoch(churned, time_unit="ms"),
        )
        .sort("person")
    )


def _links(seen: pl.DataFrame, knowable: pl.Expr, devices: pl.DataFrame) -> pl.DataFrame:
    """Per person the devices, whether each can be tied to the person, and whether it is a public one."""
    pairs = seen.group_by("person", "device").agg(links_knowable=knowable.any()).sort("person", "device")
    device = pairs["device"].to_numpy()
    return (
        pairs.with_columns(
            anonymous_ids=devices["anonymous_id"].gather(device),
            devices_public=(devices["person"] == -1).gather(device),
        )
        .group_by("person", maintain_order=True)
        .agg("anonymous_ids", "links_knowable", "devices_public")
    )
