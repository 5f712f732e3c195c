"""What stands in the landing files, counted without the generator, against what the truth says was
planted."""

import itertools
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from sample_data.generate import generate_sample
from sample_data.parameters import SampleParameters
from tests.sample_data.sample_reading import DAYS, PEOPLE, SEED, Sample, bad_reason, read_lines, received


def contents(landing: Path) -> dict[str, list]:
    return {
        str(path.relative_to(landing)): [line.event for line in read_lines(path)]
        for path in sorted((landing / "trackway").iterdir())
    }


def test_the_same_seed_gives_the_same_lines_and_another_seed_gives_others(
    repair: Sample, tmp_path: Path
) -> None:
    for name, seed in (("again", SEED), ("other", SEED + 1)):
        generate_sample(
            SampleParameters("repair", PEOPLE, DAYS, seed), tmp_path / name, tmp_path / "truth" / name
        )
    first, again, other = (contents(p) for p in (repair.landing, tmp_path / "again", tmp_path / "other"))
    assert first == again
    ids = [{event["event_id"] for event in side["trackway/events"] if event} for side in (first, other)]
    assert ids[0].isdisjoint(ids[1])


def test_every_bad_line_of_the_truth_is_bad_in_that_way_and_no_other_line_is(sample: Sample) -> None:
    found = {
        (line.file, line.number): "malformed" if line.event is None else bad_reason(line.event)
        for line in sample.lines
    }
    planted = {(row["file"], row["line_number"]): row["kind"] for row in sample.truth("bad_lines").to_dicts()}
    assert {place: reason for place, reason in found.items() if reason} == planted
    assert len(planted) == sample.summary.bad_lines


def test_repeated_ids_are_as_many_as_the_truth_planted(sample: Sample) -> None:
    bodies: dict[str, list[str]] = {}
    for line in sample.lines:
        if line.event is not None and bad_reason(line.event) is None:
            text = {key: value for key, value in line.event.items() if value is not None}
            bodies.setdefault(text["event_id"], []).append(_body(text))
    same = sum(len(copies) - len(set(copies)) for copies in bodies.values())
    other = sum(len(set(copies)) - 1 for copies in bodies.values())
    counts = dict(sample.truth("counts").iter_rows())
    assert counts["duplicate"] + counts["duplicate_other_body"] == same + other == sample.summary.duplicates
    assert counts["duplicate_other_body"] == other > 0
    assert counts["event"] == len(bodies) == sample.summary.events


def _body(event: dict) -> str:
    return json.dumps({key: str(value) for key, value in event.items()}, sort_keys=True)


def test_each_file_holds_as_many_lines_as_the_truth_says(sample: Sample) -> None:
    counted = Counter(line.file for line in sample.lines)
    assert dict(sample.truth("files").select("file", "lines").iter_rows()) == counted
    assert sum(counted.values()) == sample.summary.lines
    assert len(counted) == DAYS == sample.summary.files


def test_every_file_format_occurs(repair: Sample) -> None:
    assert {line.file.split(".", 1)[1] for line in repair.lines} == {
        "jsonl",
        "jsonl.gz",
        "jsonl.zst",
        "csv",
        "parquet",
    }


def test_late_events_lie_in_the_file_of_the_day_they_were_received(repair: Sample) -> None:
    last_day = max(line.file[:10] for line in repair.lines)
    late = on_their_day = 0
    for line in repair.lines:
        if line.event is None or bad_reason(line.event):
            continue
        day = received(line.event).date().isoformat()
        on_their_day += line.file[:10] == min(day, last_day)
        late += day > line.event["event_ts"][:10]
    assert late > 50
    # What is left are repeated lines, which come up to two days after the first.
    assert len(repair.lines) - on_their_day <= repair.summary.duplicates + repair.summary.bad_lines


def test_a_file_is_in_order_of_receiving_but_for_repeated_lines(repair: Sample) -> None:
    falls = 0
    for name in {line.file for line in repair.lines}:
        times = [
            received(line.event) for line in repair.lines if line.file == name and line.event is not None
        ]
        falls += sum(later < earlier for earlier, later in itertools.pairwise(times))
    assert falls <= repair.summary.duplicates


def test_a_second_sample_never_overwrites_the_first(repair: Sample, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="give another seed"):
        generate_sample(SampleParameters("repair", PEOPLE, DAYS + 1, SEED), repair.landing, tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"business": "bank"}, "repair, travel, shop"),
        ({"business": "shop", "people": 0}, "people is 0"),
        ({"business": "shop", "days": 0}, "days is 0"),
        ({"business": "shop", "seed": -1}, "seed is -1"),
    ],
)
def test_impossible_parameters_are_refused_with_what_is_allowed(values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SampleParameters(**values)


def test_a_sample_of_one_person_and_one_day_is_made(tmp_path: Path) -> None:
    summary = generate_sample(SampleParameters("shop", 1, 1, 3), tmp_path / "landing", tmp_path / "truth")
    rows = pl.read_parquet(tmp_path / "truth" / "files-3.parquet")
    assert (rows["lines"].sum(), rows.height) == (summary.lines, 1)
