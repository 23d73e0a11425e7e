"""Print which plugins are installed; imports no plugin, and no library that takes long."""

import json
import sys

from arbx.cli.choice import Options, chosen_by
from arbx.cli.columns import columns

__all__ = ["print_plugins"]

_HEADER = ("NAME", "KIND", "VERSION", "DISTRIBUTION", "STATUS", "API")


def print_plugins(options: Options, *, as_json: bool) -> None:
    """Print the installed plugins from their metadata; what is wrong with one, on standard error."""
    from arbx import __version__
    from arbx.plugins.listing import rows
    from arbx.plugins.metadata import installed
    from arbx.plugins.selection import defaults

    found = installed()
    chosen = chosen_by(options, default=defaults(found))
    lines = rows(found, chosen.names, arbx_version=__version__)
    if as_json:
        print(json.dumps([line._asdict() for line in lines], indent=2))
        return
    if lines:
        print(columns([_HEADER, *(line[:6] for line in lines)]))
    else:
        print('no plugin is installed; try: pip install "arbx[all]"', file=sys.stderr)
    for line in lines:
        if line.reason:
            print(f"warning: {line.name}: {line.reason}", file=sys.stderr)
