"""Which copy of an event stays is a matter of the copies alone, never of the order in which they arrive."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conftest_raw import Landing, event, new_landing
from hypothesis import given, settings
from hypothesis import strategies as st

# Few ids, times and titles, so that copies, ties and different bodies are common.
LINES = st.builds(
    lambda number, received, title: event(
        f"e{number}", received_ts=received and f"2026-01-05T1{received}:00:00Z", page_title=title
    ),
    st.integers(0, 4),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["a", "b"]),
)
FILES = st.lists(st.lists(LINES, min_size=1, max_size=6), min_size=2, max_size=4, unique_by=tuple)


def expected(files: Sequence[Sequence[str]]) -> tuple[set[tuple[str, str]], dict[str, tuple[int, int]], int]:
    """The rule in plain Python: (event, title) that stay, (loaded, duplicate) by content, equal copies."""
    copies: dict[str, list[tuple[Any, ...]]] = {}
    for lines in files:
        content = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        for number, line in enumerate(lines, 1):
            fields = json.loads(line)
            received = fields.get("received_ts")
            copies.setdefault(fields["event_id"], []).append(
                (received is None, received or "", content, number, line)
            )
    counts: dict[str, list[int]] = {}
    stays, same = set(), 0
    for event_id, found in copies.items():
        first, *others = sorted(found)
        stays.add((event_id, json.loads(first[4])["page_title"]))
        same += sum(other[4] == first[4] for other in others)
        for place, copy in enumerate([first, *others]):
            counts.setdefault(copy[2], [0, 0])[place > 0] += 1
    return stays, {content: (loaded, duplicate) for content, (loaded, duplicate) in counts.items()}, same


def observed(landing: Landing) -> tuple[set[tuple[str, str]], dict[str, tuple[int, int]], int]:
    counts = landing.rows("select content_hash, loaded, duplicate from raw.loads")
    return (
        set(landing.rows("select event_id, page_title from raw.events")),
        {content: (loaded, duplicate) for content, loaded, duplicate in counts},
        landing.rows("select count(*) from raw.duplicate_events where same_body")[0][0],
    )


@settings(max_examples=12, deadline=None)
@given(FILES, st.randoms(use_true_random=False))
def test_any_arrival_order_in_any_batches_keeps_the_same_copies(files: list[list[str]], random: Any) -> None:
    order = list(range(len(files)))
    random.shuffle(order)
    with TemporaryDirectory() as folder:
        landing = new_landing(Path(folder) / "home")
        for position, number in enumerate(order):
            landing.put(f"events/{number}.jsonl", "\n".join(files[number]))
            if random.random() < 0.5 or position == len(order) - 1:
                landing.load()
        assert observed(landing) == expected(files)
        kept = landing.rows("select count(*), count(distinct event_id) from raw.events")
        assert kept == [(len(expected(files)[0]),) * 2]


def test_a_displaced_event_is_recorded_with_its_keys(landing: Landing) -> None:
    late = event("e", received_ts="2026-01-05T12:00:00Z", anonymous_id="device", user_id="user")
    early = event("e", received_ts="2026-01-05T11:00:00Z", anonymous_id="device", user_id="user")
    landing.put("events/late.jsonl", late)
    landing.load()
    before = landing.rows("select event_id, device_key, user_key, event_ts from raw.events")
    landing.put("events/early.jsonl", early)
    landing.load()
    assert landing.rows("select event_id, device_key, user_key, event_ts from raw.displaced_events") == before
    assert landing.rows("select file_id, load_id from raw.events") == [(2, 2)]


def test_a_rebuild_from_landing_gives_the_same_rows(landing: Landing) -> None:
    for number in range(4):
        lines = [
            event(f"e{one}", received_ts=f"2026-01-05T1{number}:00:00Z", user_id=f"u{one}")
            for one in range(9)
        ]
        landing.put(f"events/{number}.jsonl", "\n".join(lines))
        landing.load()
    query = """
        select events.* exclude (file_id, load_id), content_hash
        from raw.events inner join raw.loads using (file_id) order by event_id
    """
    before = landing.rows(query)
    landing.settings.warehouse.unlink()
    shutil.rmtree(landing.settings.quarantine)
    landing.settings.quarantine.mkdir(mode=0o700)
    landing.load()
    assert landing.rows(query) == before
