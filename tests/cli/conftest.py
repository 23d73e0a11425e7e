"""Run the command line in a process of its own, as a person or a program does."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def arbx_cli(tmp_path):
    """Return a function that runs ``arbx`` in an empty folder and gives what came of it."""

    def run(*arguments, path=(), check=False, **environment):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("ARBX_")}
        folders = os.pathsep.join(map(str, path))
        return subprocess.run(
            [sys.executable, "-c", "import sys; from arbx.cli import main; sys.exit(main())",
             *map(str, arguments)],
            capture_output=True, text=True, check=check, cwd=tmp_path, timeout=120,
            env={**clean, "PYTHONPATH": folders, "COLUMNS": "200", **environment},
        )  # fmt: skip

    return run
