"""
Hold what a plugin offers to the kit's promises, without a test runner.

``arbx plugins check NAME`` and ``python -m arbx.testing.check NAME`` run this. Curves come from the
example of each CurveModel, in every direction; recorded answers and source recordings belong to the
plugin's own tests.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from arbx.errors import ArbxError, ConfigError
from arbx.host import Host
from arbx.kernel.types import Ceiled, Curve, Invertible, Piecewise, Provable, Toothed
from arbx.protocols import PoolSource
from arbx.provider import CurveModel, Provider
from arbx.testing.case import Broken, Case, NotBrought
from arbx.testing.fake_chain import FakeChain
from arbx.testing.promises import CURVE_PROMISES
from arbx.testing.promises.models import MODEL_PROMISES, ModelCase, directions
from arbx.testing.promises.source_case import SourceCase
from arbx.testing.promises.sources import topics_are_32_bytes
from arbx.testing.report import CheckReport, OfferReport, Outcome
from arbx.testing.samples import sample_amounts

__all__ = ["CheckReport", "main", "run_checks"]

_CAPABILITIES = (Invertible, Provable, Piecewise, Ceiled, Toothed)
_BUILDERS: dict[str, tuple[str, Callable[..., Any]]] = {
    "arbx_pool_sources": ("pool source", Host.build_source),
    "arbx_keystores": ("key store", Host.build_keystore),
    "arbx_relays": ("relay", Host.build_relay),
    "arbx_alert_sinks": ("alert sink", Host.build_alert_sink),
}


def run_checks(plugin: str, host: Host | None = None) -> CheckReport:
    """Load the plugin alone and hold each of its offers to its promises."""
    host = Host.load([plugin], strict=True) if host is None else host
    return CheckReport(plugin, tuple(_offers(host)))


def main(arguments: list[str] | None = None) -> int:
    """Check one plugin; return 0 when it keeps its promises, 1 when not, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m arbx.testing.check", description=__doc__)
    parser.add_argument("plugin", metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        report = run_checks(options.plugin)
    except ArbxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report.as_json(), indent=2) if options.json else report)
    return 0 if report.passed else 1


def _offers(host: Host) -> Iterator[OfferReport]:
    for plugin in host.plugins:
        for hook, offers in plugin.offers.items():
            for offer in offers:
                if isinstance(offer, CurveModel):
                    yield from _curve_offers(offer)
                else:
                    yield _provider(host, hook, offer)


def _curve_offers(model: CurveModel) -> Iterator[OfferReport]:
    case = ModelCase(model)
    outcomes = tuple(
        _outcome(promise.__name__, partial(promise, case), model.kind)
        for promise in MODEL_PROMISES
    )
    yield OfferReport("curve model", model.kind, (), outcomes)
    try:
        curves = list(directions(model))
    except Exception:  # noqa: BLE001  # example_prices_every_direction has told why
        return
    for name, curve in curves:
        yield _curve(f"{model.kind} {name}", curve)


def _curve(name: str, curve: Curve) -> OfferReport:
    case = Case(name, curve)
    amounts = sample_amounts(curve)
    outcomes = tuple(
        _outcome(promise.__name__, partial(promise, case, amounts), name)
        for promise in CURVE_PROMISES
    )
    brought = tuple(c.__name__ for c in _CAPABILITIES if isinstance(curve, c))
    return OfferReport("curve", name, brought, outcomes)


def _provider(host: Host, hook: str, provider: Provider[Any]) -> OfferReport:
    what, build = _BUILDERS[hook]
    make = partial(build, host, provider.name)
    outcomes = [_outcome("builds_from_its_examples", partial(_build_examples, provider, make))]
    if hook == "arbx_pool_sources":
        keep = partial(_check_topics, host, provider, make)
        outcomes.append(_outcome(topics_are_32_bytes.__name__, keep))
    return OfferReport(what, provider.name, (), tuple(outcomes))


def _build_examples(provider: Provider[Any], make: Callable[..., Any]) -> list[Any]:
    """Build the provider from each of its examples, from no settings where it has none."""
    if provider.examples:
        return [make(dict(settings)) for settings in provider.examples]
    try:
        return [make({})]
    except ConfigError as error:
        why = "needs settings, and brings no example of them: Provider(examples=...)"
        raise NotBrought(f"{provider.name}: {why}") from error


def _check_topics(host: Host, provider: Provider[PoolSource], make: Callable[..., Any]) -> None:
    for source in _build_examples(provider, make):
        asyncio.run(_topics(SourceCase(source, FakeChain({}), 1, host.models, ())))


async def _topics(case: SourceCase) -> None:
    await topics_are_32_bytes(case)


def _outcome(promise: str, keep: Callable[[], object], about: str = "") -> Outcome:
    prefix = f"{about}: "
    try:
        keep()
    except NotBrought as why:
        return Outcome(promise, "skipped", str(why).removeprefix(prefix))
    except Broken as why:
        return Outcome(promise, "failed", str(why).removeprefix(prefix))
    except Exception as error:  # noqa: BLE001  # a promise that can't be looked at is not kept
        return Outcome(promise, "failed", f"{type(error).__name__}: {error}")
    return Outcome(promise, "passed")


if __name__ == "__main__":
    sys.exit(main())
