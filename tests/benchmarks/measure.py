"""How things are timed: each in a process of its own, in turn, medians after a warm-up.

Add here: another way to measure. Keep out: what is measured.
"""

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """One go: wall seconds, peak memory in MiB (of the process or a child, the larger), what it returned."""

    seconds: float
    peak_mib: int
    result: Any


def in_own_process(function: Callable[..., Any], *arguments: Any) -> Measured:
    """Call a module's function in a fresh interpreter; starting it and its imports are not timed."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_measured, function, arguments).result()


def in_turn(goes: Mapping[str, Callable[[], Measured]], repeats: int) -> dict[str, list[Measured]]:
    """Every go once to warm up, then `repeats` rounds of all, so that a slow minute slows all alike."""
    for go in goes.values():
        go()
    rounds = [{name: go() for name, go in goes.items()} for _ in range(repeats)]
    return {name: [one[name] for one in rounds] for name in goes}


def seconds(measured: Sequence[Measured]) -> float:
    """Median of the wall time."""
    return statistics.median(one.seconds for one in measured)


def spread(values: Sequence[float]) -> str:
    """Median with the smallest and the largest, as a table shows them."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f}-{max(values):,.2f})"


def peak_gib(measured: Sequence[Measured]) -> str:
    """The highest peak of all goes."""
    return f"{max(one.peak_mib for one in measured) / 1024:.2f}"


def _measured(function: Callable[..., Any], arguments: Sequence[Any]) -> Measured:
    started = time.perf_counter()
    result = function(*arguments)
    taken = time.perf_counter() - started
    return Measured(taken, max(_own_peak_kib(), _children_peak_kib()) // 1024, result)


def _own_peak_kib() -> int:
    # getrusage would count what this process shared with its parent before it was an interpreter of its own.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def _children_peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
