"""The check without a test runner: what it reports, prints and answers."""

import json
import subprocess
import sys
from typing import Any

import attrs
import pytest

import arbx
from arbx.plugins.loading import Plugin
from arbx.testing import CheckReport, run_checks
from arbx.testing.check import main
from arbx.testing.reference import MODEL, ProductState
from arbx.testing.reference_source import ReferenceSource
from arbx.testing.saboteurs.quotes import PaysForNothing
from arbx.testing.saboteurs.sources import SubscribesToASelector


def host_of(**offers: Any) -> arbx.Host:
    return arbx.Host([Plugin("mine", "arbx-dex-mine", "1", offers, "")])


def results(report: CheckReport) -> dict[tuple[str, str], str]:
    return {(o.name, p.promise): p.result for o in report.offers for p in o.outcomes}


def pays_for_nothing(state: ProductState, token_in: int, token_out: int) -> PaysForNothing:
    return PaysForNothing(state.reserve0, state.reserve1)


def test_an_honest_plugin_passes() -> None:
    source = arbx.Provider("mine", lambda settings: ReferenceSource())
    report = run_checks("mine", host_of(arbx_curves=(MODEL,), arbx_pool_sources=(source,)))

    assert report.passed
    assert {offer.offer for offer in report.offers} == {"curve model", "curve", "pool source"}
    assert results(report)["reference_product 1 -> 0", "never_decreases"] == "passed"
    assert results(report)["reference_product 1 -> 0", "teeth_are_honest"] == "skipped"
    assert results(report)["mine", "topics_are_32_bytes"] == "passed"


def test_a_broken_promise_is_named_with_why() -> None:
    model = attrs.evolve(MODEL, curve=pays_for_nothing)
    report = run_checks("mine", host_of(arbx_curves=(model,)))
    failed = {name for name, result in results(report).items() if result == "failed"}

    assert not report.passed
    assert {promise for _, promise in failed} == {"pays_zero_for_zero"}
    assert "✗ pays_zero_for_zero: pays 1 for 0" in str(report)


def test_a_model_without_example_fails_and_prices_nothing() -> None:
    report = run_checks("mine", host_of(arbx_curves=(attrs.evolve(MODEL, example={}),)))

    assert not report.passed
    assert [offer.offer for offer in report.offers] == ["curve model"]


def test_a_source_with_a_malformed_topic_fails() -> None:
    source = arbx.Provider("mine", lambda settings: SubscribesToASelector())
    report = run_checks("mine", host_of(arbx_pool_sources=(source,)))

    assert results(report)["mine", "topics_are_32_bytes"] == "failed"


def test_a_provider_that_builds_something_else_fails() -> None:
    source = arbx.Provider("mine", lambda settings: object())
    report = run_checks("mine", host_of(arbx_pool_sources=(source,)))

    assert results(report)["mine", "builds_from_its_examples"] == "failed"


def test_a_provider_that_needs_settings_but_shows_none_is_skipped() -> None:
    def build(settings: Any) -> ReferenceSource:
        raise arbx.ConfigError("factory: is missing")

    source = arbx.Provider("mine", build)
    report = run_checks("mine", host_of(arbx_pool_sources=(source,)))

    assert results(report)["mine", "builds_from_its_examples"] == "skipped"


def test_a_plugin_that_offers_nothing_fails() -> None:
    report = run_checks("mine", host_of())

    assert not report.passed
    assert "offers nothing" in str(report)


def test_the_report_survives_json() -> None:
    report = run_checks("mine", host_of(arbx_curves=(MODEL,)))
    plain = json.loads(json.dumps(report.as_json()))

    assert CheckReport.from_json(plain) == report
    assert plain["passed"] is True
    assert plain["offers"][1]["capabilities"] == ["Invertible", "Provable", "Piecewise"]


def test_a_plugin_that_is_not_installed_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["no-such-exchange"])

    assert code == 2
    assert "error: plugin 'no-such-exchange' is not installed" in capsys.readouterr().err


def test_a_first_party_plugin_passes_from_the_command_line() -> None:
    command = [sys.executable, "-m", "arbx.testing.check", "uniswap-v2", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["passed"] is True


@pytest.mark.parametrize("missing", ["hypothesis", "pytest"])
def test_without_the_extra_the_import_error_names_the_cure(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import arbx.testing; arbx.testing.run_checks; arbx.testing.compare\n"
        "arbx.testing.CurveTests"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 1
    assert f'CurveTests needs {missing}; try: pip install "arbx[testing]"' in done.stderr


def test_every_public_name_is_there() -> None:
    import arbx.testing

    for name in arbx.testing.__all__:
        assert getattr(getattr(arbx.testing, name), "__name__", name) == name
