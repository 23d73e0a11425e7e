"""Check a plugin in a child process, where a crash, a hang or an exit is only one more finding."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from arbx.errors import PluginError

__all__ = ["check_in_child"]


def check_in_child(name: str, *, timeout_s: float) -> dict[str, Any]:
    """Return the report of the conformance kit on one plugin; PluginError when there is none."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        # The report has its own file, so that what the plugin prints can't spoil it. -P: the plugin comes from
        # where it is installed, not from the folder one happens to stand in.
        command = [sys.executable, "-P", "-m", "arbx.plugins.child", name, str(report)]
        output, code = _output(name, command, timeout_s)
        if code or not report.is_file():
            raise PluginError(name, "check", _ending(code), _last_words(output))
        answer: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return answer


def _output(name: str, command: list[str], timeout_s: float) -> tuple[str, int]:
    child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        _end(child)
        raise PluginError(
            name, "check", f"still running after {timeout_s:g} s, ended", "try --timeout"
        ) from None
    except BaseException:
        _end(child)
        raise
    return output, child.returncode


def _end(child: "subprocess.Popen[str]") -> None:
    # The plugin may have started processes of its own; they share the child's session.
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.communicate()


def _ending(code: int) -> str:
    if code < 0:
        return f"the process crashed: {signal.Signals(-code).name}"
    return f"the process ended with exit code {code} before it reported"


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"its last words: {lines[-1][:300]!r}" if lines else ""
