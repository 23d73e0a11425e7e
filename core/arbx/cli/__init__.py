"""Run the ``arbx`` command: one small file a command group, heavy imports inside the commands."""

from arbx.cli.main import main

__all__ = ["main"]
