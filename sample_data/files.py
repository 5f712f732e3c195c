"""Landing files of events: one a day, most of them compressed JSON Lines, some CSV or Parquet.

Add here: another format that the loader reads. Keep out: what the events say.
"""

from datetime import timedelta
from pathlib import Path
from typing import Literal

import polars as pl

from sample_data.delivery import broken
from sample_data.parameters import SampleParameters
from sample_data.texts import JSON_COLUMNS, json_piece

_TIMES = ("event_ts", "received_ts", "sent_ts")
_OWN_COLUMNS = ("event_name", "client_sequence", "user_id", "order_id", "revenue", "currency")
_COMPRESSIONS: dict[str, Literal["gzip", "zstd", "uncompressed"]] = {
    "jsonl.gz": "gzip",
    "jsonl.zst": "zstd",
    "jsonl": "uncompressed",
}
_OF_FILE = ("file_day", "order", "copy")


def file_format(day: int) -> str:
    """Ending of a day's file: four days in fifteen have another one, so that each format has rows."""
    return {2: "jsonl.zst", 4: "csv", 9: "parquet", 12: "jsonl"}.get(day % 15, "jsonl.gz")


class EventFiles:
    """Collects rows by day and writes a day's file, in order of receiving, once the day is complete.

    Holds only days still open: memory is that of a block and of what is late. Raises FileExistsError
    rather than overwrite an earlier sample.
    """

    def __init__(self, folder: Path, parameters: SampleParameters) -> None:
        if found := next(folder.glob(f"*-{parameters.seed}.*"), None):
            raise FileExistsError(f"{found} is there already: give another seed or an empty landing folder")
        self._folder, self._parameters = folder, parameters
        self._open: list[pl.DataFrame] = []
        self._lines: list[pl.DataFrame] = []
        self._next_day = 0
        self.planted: list[pl.DataFrame] = []
        self.files = 0

    def add(self, rows: pl.DataFrame, visit_texts: pl.DataFrame, page_texts: pl.DataFrame) -> None:
        """Takes rows whose `visit_text` and `page` are positions in the two frames of text."""
        is_table = pl.col("file_day").is_in(
            [d for d in range(self._parameters.days) if "jsonl" not in file_format(d)]
        )
        table = rows.filter(is_table)
        self._open.append(_columns(table, visit_texts, page_texts))
        self._lines.append(_json_lines(rows.filter(~is_table), visit_texts, page_texts))

    def write_until(self, day: int) -> None:
        """Writes the files of all days before `day` that are not written yet."""
        tables, lines = pl.concat(self._open), pl.concat(self._lines)
        for number in range(self._next_day, day):
            source = lines if "jsonl" in file_format(number) else tables
            part = source.filter(pl.col("file_day") == number).sort("order", maintain_order=True)
            self._write(number, part)
        self._next_day = max(self._next_day, day)
        self._open = [tables.filter(pl.col("file_day") >= day)]
        self._lines = [lines.filter(pl.col("file_day") >= day)]

    def _write(self, day: int, part: pl.DataFrame) -> None:
        date, ending = self._parameters.start + timedelta(days=day), file_format(day)
        path = self._folder / f"{date.isoformat()}-{self._parameters.seed}.{ending}"
        self.planted.append(
            part.select(
                file=pl.lit(path.name), line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64), copy="copy"
            )
        )
        self.files += 1
        content = part.drop(_OF_FILE)
        if ending == "parquet":
            content.write_parquet(path)
        elif ending == "csv":
            text = [pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ") for name in _TIMES]
            content.with_columns(*text).write_csv(path)
        else:
            content.write_csv(
                path,
                include_header=False,
                quote_style="never",
                compression=_COMPRESSIONS[ending],
            )


def _times(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col(name).cast(pl.Datetime("ms", "UTC")) for name in _TIMES)


def _columns(rows: pl.DataFrame, visit_texts: pl.DataFrame, page_texts: pl.DataFrame) -> pl.DataFrame:
    own = _times(rows).select(*_OF_FILE, "event_id", "event_type", *_TIMES, *_OWN_COLUMNS, "properties")
    return pl.concat(
        [own, visit_texts[rows["visit_text"].to_numpy()], page_texts[rows["page"].to_numpy()]],
        how="horizontal",
    )


def _json_lines(rows: pl.DataFrame, visit_texts: pl.DataFrame, page_texts: pl.DataFrame) -> pl.DataFrame:
    # A visit's and a page's text are made once and gathered for each of their events.
    frame = _times(rows).with_columns(
        visit_piece=json_piece(visit_texts).gather(rows["visit_text"].to_numpy()),
        page_piece=json_piece(page_texts).gather(rows["page"].to_numpy()),
    )
    times = [
        pl.lit(f',"{name}":"') + pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ") + pl.lit('"')
        for name in _TIMES
    ]
    own = []
    for name in (*_OWN_COLUMNS, "properties"):
        mark = '"' if frame.schema[name] == pl.String and name not in JSON_COLUMNS else ""
        own.append(pl.lit(f',"{name}":{mark}') + pl.col(name).cast(pl.String) + pl.lit(mark))
    line = pl.concat_str(
        [
            pl.lit('{"event_id":"'),
            "event_id",
            pl.lit('","event_type":"'),
            "event_type",
            pl.lit('"'),
            *times,
            "visit_piece",
            "page_piece",
            *own,
            pl.lit("}"),
        ],
        ignore_nulls=True,
    )
    return frame.select(*_OF_FILE, line=broken(line, pl.col("copy")))
