"""`trackway`: the command line. Every verb that computes starts the same Dagster job as the UI.

Add here: a verb, as one thin function. Keep out: work; a verb parses, calls and prints.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestration.settings import Settings, SettingsError


class CommandError(RuntimeError):
    """A verb could not do its work; the text is one line for people."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 where it did its work. Every failure is one line on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        chosen.verb(settings, chosen)
    except KeyboardInterrupt:
        print("trackway: stopped; run it again, it goes on where it was", file=sys.stderr)
        return 130
    except _expected_errors() as error:
        print(f"trackway {chosen.name}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


def _expected_errors() -> tuple[type[Exception], ...]:
    from orchestration.dbt import DbtError
    from orchestration.defs.published.versions import VersionError
    from orchestration.serve import ServeError
    from orchestration.state import StateError
    from orchestration.warehouse import WarehouseBusyError

    ours = (CommandError, SettingsError, StateError, DbtError, VersionError, ServeError, WarehouseBusyError)
    return (*ours, OSError)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trackway", description="Settings come from TRACKWAY_ variables.")
    verbs = parser.add_subparsers(dest="name", required=True, metavar="VERB")

    run = verbs.add_parser("run", help="load, build and publish what is new")
    run.add_argument("--full-refresh", action="store_true", help="build every model from the start")
    run.set_defaults(verb=_run)

    verbs.add_parser("status", help="the last runs, and what readers see").set_defaults(verb=_status)
    verbs.add_parser("published", help="print the path of the published file").set_defaults(verb=_published)

    rollback = verbs.add_parser("rollback", help="show an older version, and hold later ones back")
    rollback.add_argument("version", nargs="?", help="default: the one before the current")
    rollback.set_defaults(verb=_rollback)

    publish = verbs.add_parser("publish", help="publish the last build")
    publish.add_argument("--resume", action="store_true", help="end a rollback")
    publish.set_defaults(verb=_publish)

    verbs.add_parser("serve", help="Dagster, dashboard and MLflow on loopback").set_defaults(verb=_serve)
    return parser


def _run(settings: Settings, chosen: argparse.Namespace) -> None:
    from orchestration.defs.schedules import DAILY

    config = {"ops": {"transform": {"config": {"full_refresh": True}}}} if chosen.full_refresh else None
    _execute(settings, DAILY, config)


def _publish(settings: Settings, chosen: argparse.Namespace) -> None:
    from orchestration.defs.published.versions import resume
    from orchestration.defs.schedules import PUBLISH

    if chosen.resume:
        resume(settings)
    _execute(settings, PUBLISH, None)


def _execute(settings: Settings, job: str, config: dict | None) -> None:
    from orchestration.runs import execute, run_log, terminal
    from orchestration.summary import published_summary

    with terminal() as screen:
        outcome = execute(settings, job, lambda line: print(line, file=screen), config)
    if not outcome.passed:
        log = run_log(settings, outcome.run_id)
        raise CommandError(f"run {outcome.run_id[:8]} failed: {outcome.message} (log: {log})")
    print("\n".join(published_summary(settings)))
    print(f"  dashboard  `make serve`, then http://127.0.0.1:{settings.dashboard_port}")


def _status(settings: Settings, chosen: argparse.Namespace) -> None:
    from orchestration.defs.operations.status import read_pointer
    from orchestration.summary import published_summary, run_lines

    pointer = read_pointer(settings)
    print("\n".join([*run_lines(settings, pointer), *published_summary(settings)]))
    if pointer.get("stale_since"):
        raise CommandError(f"what readers see is stale since {pointer['stale_since']}: {pointer['reason']}")


def _published(settings: Settings, chosen: argparse.Namespace) -> None:
    print(_published_file(settings))


def _published_file(settings: Settings) -> Path:
    from orchestration.defs.published.versions import current_version

    version = current_version(settings)
    if version is None:
        raise CommandError(f"nothing is published in {settings.published}: run `trackway run` first")
    return settings.published / version.file


def _rollback(settings: Settings, chosen: argparse.Namespace) -> None:
    from orchestration.defs.published.versions import roll_back

    version = roll_back(settings, chosen.version)
    print(f"readers see {version.version} now; runs publish again after `trackway publish --resume`")


def _serve(settings: Settings, chosen: argparse.Namespace) -> None:
    from orchestration.serve import serve

    serve(settings, lambda line: print(line, flush=True))


if __name__ == "__main__":
    sys.exit(main())
