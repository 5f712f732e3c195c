"""Loading: quick, and without touching anything."""

import os
import subprocess
import sys
import textwrap

from orchestration.settings import CHECKOUT

WATCHED = textwrap.dedent(
    """
    import importlib, pathlib, sys

    opened = []

    def watch(event, arguments):
        if event in ("socket.connect", "socket.bind", "subprocess.Popen", "sqlite3.connect"):
            opened.append(f"{event} {arguments}")
        elif event == "open" and isinstance(arguments[0], str):
            name, mode = arguments[0], arguments[1] or "r"
            ours = name.startswith(sys.argv[1]) or name.startswith(sys.argv[2])
            if ours and not name.endswith((".py", ".pyc")) and "__pycache__" not in name:
                opened.append(f"{event} {name} {mode}")

    # What libraries do at their own import is theirs; so they are imported first.
    import dagster, dagster_dbt, duckdb, filelock, polars, pydantic, pyarrow, yaml
    sys.addaudithook(watch)
    root = pathlib.Path(sys.argv[1])
    for package in ("orchestration", "data_contracts", "sample_data"):
        for file in sorted((root / package).rglob("*.py")):
            importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))
    print("\\n".join(opened))
    """
)


def test_importing_any_module_opens_no_file_connection_process_or_database(tmp_path):
    environment = {**os.environ, "TRACKWAY_HOME": str(tmp_path), "HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", WATCHED, str(CHECKOUT), str(tmp_path)], env=environment, cwd=CHECKOUT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""
    assert list(tmp_path.iterdir()) == []
