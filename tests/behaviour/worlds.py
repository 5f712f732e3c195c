"""Populations delivered and built: in batches, then in full, and everything at once in a home of its own.

Add here: another way to build the same deliveries. Keep out: what is expected of them.
"""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from arrivals import Delivery, batches, deliveries
from populations import Population

from orchestration.defs.published.versions import current_version
from orchestration.home import prepare_home
from orchestration.settings import Settings

Runs = Callable[..., subprocess.CompletedProcess[str]]
BATCHES = 3


@dataclass(frozen=True)
class World:
    """What was delivered, and the published files that came of it; `settings` is the home of `at_once`."""

    populations: Sequence[Population]
    delivered: Sequence[Delivery]
    settings: Settings
    batched: Settings
    at_once: Path
    in_batches: Path
    in_full: Path


def build_world(run_trackway: Runs, folder: Path, seeds: range, arrangement: int) -> World:
    """The world of some seeds, delivered in the arrangement of a number, under an empty folder."""
    random = np.random.default_rng(arrangement)
    populations = [Population(seed) for seed in seeds]
    delivered = deliveries(populations, random)
    batched = _settings(folder / "batched")
    for batch in batches(delivered, random, BATCHES):
        in_batches = _deliver(run_trackway, batched, batch)
    in_full = _run(run_trackway, batched, "--full-refresh")
    settings = _settings(folder / "at_once")
    # Pseudonyms need the same secret; the keys that stand for them inside a warehouse are made anew.
    shutil.copy2(batched.vault / "keys.json", settings.vault / "keys.json")
    at_once = _deliver(run_trackway, settings, delivered)
    return World(populations, delivered, settings, batched, at_once, in_batches, in_full)


def _settings(home: Path) -> Settings:
    settings = Settings.model_validate(
        {"home": home, "business": "repair", "memory_limit": "1GiB", "threads": 2}
    )
    prepare_home(settings)
    return settings


def _deliver(run_trackway: Runs, settings: Settings, batch: Sequence[Delivery]) -> Path:
    for delivery in batch:
        delivery.write(settings.landing)
    return _run(run_trackway, settings)


def _run(run_trackway: Runs, settings: Settings, *arguments: str) -> Path:
    """The published file of a run."""
    before = current_version(settings)
    result = run_trackway(settings, "run", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    version = current_version(settings)
    assert version is not None and version != before, "the run published nothing new"
    return settings.published / version.file
