"""`trackway`: the command line's words.

Add here: a verb and its options. Keep out: what a verb does; that stands in verbs.py.
"""

import argparse
import sys
import traceback
from collections.abc import Sequence

from orchestration import verbs
from orchestration.errors import ExpectedError
from orchestration.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 where it did its work. Every failure is one line on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
    except ExpectedError as error:
        return _failed(chosen.word, error)
    try:
        chosen.verb(settings, chosen)
    except KeyboardInterrupt:
        print("trackway: stopped; run it again, it goes on where it was", file=sys.stderr)
        return 130
    except (ExpectedError, OSError) as error:
        return _failed(chosen.word, error)
    except Exception as error:
        log = settings.home / "error.log"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        return _failed(chosen.word, f"unexpected {type(error).__name__}: {error} (details: {log})")
    return 0


def _failed(name: str, error: object) -> int:
    print(f"trackway {name}: {' '.join(str(error).split())}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trackway", description="Settings come from TRACKWAY_ variables.")
    words = parser.add_subparsers(dest="word", required=True, metavar="VERB")

    words.add_parser("setup", help="make the home and dbt's manifest").set_defaults(verb=verbs.setup)

    words.add_parser("docs", help="write docs/definitions.md and docs/inputs.md anew").set_defaults(
        verb=verbs.docs
    )

    sample = words.add_parser("sample", help="write realistic events, and what is true about them beside")
    sample.add_argument("--business", help="repair, travel or shop (default: the business of the settings)")
    sample.add_argument("--people", type=int, default=2000)
    sample.add_argument("--days", type=int, default=60)
    sample.add_argument("--seed", type=int, default=7)
    sample.add_argument("--to", metavar="DIR", help="a folder for landing/ and truth/ (default: the home)")
    sample.set_defaults(verb=verbs.sample)

    run = words.add_parser("run", help="load, build and publish what is new")
    run.add_argument("--full-refresh", action="store_true", help="build every model from the start")
    run.set_defaults(verb=verbs.run)

    words.add_parser("status", help="the last runs, and what readers see").set_defaults(verb=verbs.status)
    words.add_parser("published", help="print the path of the published file").set_defaults(
        verb=verbs.published
    )

    rollback = words.add_parser("rollback", help="show an older version, and hold later ones back")
    rollback.add_argument("version", nargs="?", help="default: the one before the current")
    rollback.set_defaults(verb=verbs.rollback)

    publish = words.add_parser("publish", help="publish the last build")
    publish.add_argument("--resume", action="store_true", help="end a rollback")
    publish.set_defaults(verb=verbs.publish)

    words.add_parser("serve", help="Dagster, dashboard and MLflow on loopback").set_defaults(verb=verbs.serve)

    dev = words.add_parser("dev", help="a private copy of the warehouse to build models in")
    dev.add_argument("action", nargs="?", choices=["copy", "diff"], default="copy")
    dev.add_argument("--name", default="copy", help="of the copy; several may exist")
    dev.set_defaults(verb=verbs.dev)
    return parser


if __name__ == "__main__":
    sys.exit(main())
