"""What a check of a plugin found, as plain data and as text."""

from typing import Any

import attrs

__all__ = ["CheckReport", "OfferReport", "Outcome"]

_MARKS = {"passed": "✓", "failed": "✗", "skipped": "·"}


@attrs.frozen
class Outcome:
    """One promise of one offer: ``passed``, ``failed`` with why, or ``skipped`` with the reason."""

    promise: str
    result: str
    why: str = ""

    def __str__(self) -> str:
        return f"  {_MARKS[self.result]} {self.promise}" + (f": {self.why}" if self.why else "")


@attrs.frozen
class OfferReport:
    """One offer of a plugin: what it is, which capabilities it brings, which promises it keeps."""

    offer: str
    name: str
    capabilities: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Tell whether no promise is broken."""
        return all(outcome.result != "failed" for outcome in self.outcomes)

    def __str__(self) -> str:
        brings = ", ".join(self.capabilities)
        head = f"{self.offer} {self.name}" + (f" (brings {brings})" if brings else "")
        return "\n".join([head, *map(str, self.outcomes)])


@attrs.frozen
class CheckReport:
    """All offers of one plugin."""

    plugin: str
    offers: tuple[OfferReport, ...]

    @property
    def passed(self) -> bool:
        """Tell whether the plugin offers something and breaks no promise."""
        return bool(self.offers) and all(offer.passed for offer in self.offers)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data that json can write."""
        offers = [{"passed": offer.passed, **attrs.asdict(offer)} for offer in self.offers]
        return {"plugin": self.plugin, "passed": self.passed, "offers": offers}

    @classmethod
    def from_json(cls, report: dict[str, Any]) -> "CheckReport":
        """Return the report that ``as_json`` wrote."""
        return cls(report["plugin"], tuple(map(_offer, report["offers"])))

    def __str__(self) -> str:
        if not self.offers:
            return f"{self.plugin} offers nothing: no hook of it yields anything"
        counts = {result: self._count(result) for result in _MARKS}
        summary = ", ".join(f"{count} {result}" for result, count in counts.items())
        return "\n".join([*map(str, self.offers), f"{self.plugin}: {summary}"])

    def _count(self, result: str) -> int:
        return sum(outcome.result == result for o in self.offers for outcome in o.outcomes)


def _offer(offer: dict[str, Any]) -> OfferReport:
    outcomes = tuple(Outcome(**outcome) for outcome in offer["outcomes"])
    return OfferReport(offer["offer"], offer["name"], tuple(offer["capabilities"]), outcomes)
