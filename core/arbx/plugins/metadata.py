"""Find plugins from the metadata of installed distributions, importing none of them."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

from importlib_metadata import EntryPoint, distributions
from packaging.requirements import InvalidRequirement, Requirement

from arbx.plugins.first_party import FIRST_PARTY

__all__ = ["GROUP", "Found", "installed", "kind_of"]

GROUP = "arbx"


class Found(NamedTuple):
    """Describe one installed plugin by its metadata alone; *problem* is why it can't be loaded."""

    name: str
    kind: str
    distribution: str
    version: str
    requires: str | None
    entry_point: EntryPoint | None
    problem: str = ""

    @property
    def first_party(self) -> bool:
        """Tell whether the distribution is arbx's own one for this name."""
        known = FIRST_PARTY.get(self.name)
        return known is not None and known.distribution == self.distribution

    def incompatible_with(self, arbx_version: str) -> str:
        """Return why this arbx is not the one that the distribution asks for, or nothing."""
        if self.requires is None:
            return ""
        wanted = Requirement(f"arbx{self.requires}").specifier
        if wanted.contains(arbx_version, prereleases=True):
            return ""
        return f"needs arbx{self.requires}, and this is arbx {arbx_version}"


def installed() -> tuple[Found, ...]:
    """Return every installed plugin, first-party ones first, then by name and distribution."""
    found: dict[tuple[str, str], Found] = {}
    for distribution in distributions():
        for plugin in _plugins_of(distribution):
            # The first of two copies of a distribution on the path is the one Python imports.
            found.setdefault((plugin.distribution, plugin.name), plugin)
    return tuple(sorted(found.values(), key=_order))


def kind_of(distribution: str) -> str:
    """
    Return the kind of plugin that a distribution's name tells.

    >>> kind_of("arbx-dex-uniswap-v2"), kind_of("my-bot")
    ('dex', '?')
    """
    told = re.fullmatch(r"arbx-([a-z0-9]+)-.+", distribution)
    return told[1] if told else "?"


def _order(plugin: Found) -> tuple[bool, str, str]:
    return not plugin.first_party, plugin.name, plugin.distribution


def _plugins_of(distribution: Any) -> Iterator[Found]:
    # One distribution with broken metadata must not hide the others, whatever it raises.
    try:
        text = distribution.read_text("entry_points.txt")
        if not text or f"[{GROUP}]" not in text:
            return
        name, version = _identity(distribution)
    except Exception:  # noqa: BLE001  # unreadable metadata names nobody whom one could blame
        return
    try:
        points = [point for point in distribution.entry_points if point.group == GROUP]
        requires = _requirement(distribution)
    except Exception as error:  # noqa: BLE001  # blamed below, by name
        why = f"its metadata is broken: {type(error).__name__}: {error}"
        yield Found(_name_told(name), kind_of(name), name, version, None, None, why)
        return
    for point in points:
        yield Found(point.name, kind_of(name), name, version, requires, point, _missing(point))


def _identity(distribution: Any) -> tuple[str, str]:
    metadata = distribution.metadata
    name = metadata.get("Name", "unnamed distribution")
    return re.sub(r"[-_.]+", "-", name).lower(), metadata.get("Version", "?")


def _requirement(distribution: Any) -> str | None:
    for line in distribution.requires or ():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if requirement.name.lower() == "arbx" and applies:
            return str(requirement.specifier)
    return None


def _missing(point: EntryPoint) -> str:
    try:
        package = point.module.partition(".")[0]
        # Looking a top-level package up runs none of its code.
        found = find_spec(package) is not None
    except (AttributeError, ImportError, ValueError) as error:
        return f"its entry point {point.value!r} is not a module: {error}"
    return "" if found else f"its entry point names the module {package!r}, which is not there"


def _name_told(distribution: str) -> str:
    return re.sub(r"^arbx-[a-z0-9]+-", "", distribution)
