"""Run in the child process of ``arbx plugins check``: write the kit's report, or the error, to a file."""

import json
import sys
from pathlib import Path
from typing import Any

from arbx.errors import ArbxError

__all__ = ["report_on"]


def report_on(name: str) -> dict[str, Any]:
    """Return the kit's report on one plugin, or the error that kept it from being loaded."""
    from arbx.testing.check import run_checks

    try:
        return {"report": run_checks(name).as_json()}
    except ArbxError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    plugin, target = sys.argv[1:]
    Path(target).write_text(json.dumps(report_on(plugin)), encoding="utf-8")
