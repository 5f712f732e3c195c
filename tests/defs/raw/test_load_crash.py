"""Killing the loader at any moment loses nothing and doubles nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest_raw import Landing, event, new_landing

from orchestration.settings import CHECKOUT

SCRIPT = """
import sys
from pathlib import Path
from orchestration.settings import Settings
from orchestration.defs.raw import load
load.BATCH_BYTES = 100_000
print("ready", flush=True)
load.load_landing(Settings(home=Path(sys.argv[1]), memory_limit="1GiB", threads=2))
"""
CONTENT = """
    select events.event_id, events.event_ts, devices.pseudonym, users.pseudonym, page_title, line_number, file
    from raw.events as events inner join raw.loads as loads using (file_id)
    left join raw.identifiers as devices on device_key = devices.identifier_key
    left join raw.identifiers as users on user_key = users.identifier_key
    order by event_id
"""


def fill(landing: Landing) -> None:
    for number in range(12):
        lines = [
            event(
                f"e{(number * 400 + one) % 4000}",
                anonymous_id=f"d{one % 50}",
                user_id=f"u{one % 9}",
                page_title=f"t{number}",
            )
            for one in range(500)
        ]
        landing.put(f"events/{number:02}.jsonl", "\n".join([*lines, "bad"]))


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.9])
def test_a_killed_load_followed_by_another_equals_an_undisturbed_one(tmp_path: Path, share: float) -> None:
    undisturbed, killed = new_landing(tmp_path / "undisturbed"), new_landing(tmp_path / "killed")
    fill(undisturbed)
    # The same keys, so that pseudonyms can be compared.
    started = time.monotonic()
    undisturbed.load()
    seconds = time.monotonic() - started
    (killed.settings.vault / "keys.json").write_bytes((undisturbed.settings.vault / "keys.json").read_bytes())
    fill(killed)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(killed.settings.home)], cwd=CHECKOUT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(share * seconds * random.Random(share).uniform(0.9, 1.3))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed.load()
    assert killed.rows(CONTENT) == undisturbed.rows(CONTENT)
    counts = "select file, lines, loaded, duplicate, quarantined, status from raw.loads order by file"
    assert killed.rows(counts) == undisturbed.rows(counts)
