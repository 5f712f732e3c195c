"""The world that all quick behaviour tests look at, and what makes further ones.

Add here: what more than one behaviour test needs. Keep out: how a world is built; that is worlds.py.
"""

from collections.abc import Callable

import pytest
from worlds import Runs, World, build_world


@pytest.fixture(scope="session")
def make_world(tmp_path_factory: pytest.TempPathFactory, run_trackway: Runs) -> Callable[[range, int], World]:
    """Builds the world of some seeds, delivered in the arrangement of a number."""
    return lambda seeds, arrangement: build_world(
        run_trackway, tmp_path_factory.mktemp("world"), seeds, arrangement
    )


@pytest.fixture(scope="session")
def world(make_world: Callable[[range, int], World]) -> World:
    return make_world(range(20), 1)
