"""How fast samples are made: events a second, writing included, and the peak of memory.

python tests/benchmarks/bench_sample.py [business] [people] [days]
"""

import argparse
import logging
import resource
import tempfile
import time
from pathlib import Path

from sample_data.generate import generate_sample
from sample_data.parameters import BUSINESSES, SampleParameters


def main() -> None:
    """Makes one sample in a temporary folder and reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("business", nargs="?", choices=BUSINESSES, default="repair")
    parser.add_argument("people", nargs="?", type=int, default=10_000)
    parser.add_argument("days", nargs="?", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        started = time.perf_counter()
        parameters = SampleParameters(asked.business, asked.people, asked.days)
        summary = generate_sample(parameters, home / "landing", home / "truth")
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in (home / "landing").rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    logging.info(
        "%s: %d events in %.1f s = %d/s; %.0f MB in %d event files; peak memory %.0f MB",
        asked.business,
        summary.lines,
        seconds,
        summary.lines / seconds,
        size / 1e6,
        summary.files,
        peak,
    )


if __name__ == "__main__":
    main()
