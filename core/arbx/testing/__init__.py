"""The conformance kit: inherit a class, return your thing, and it is tested as arbx tests its own."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arbx.testing.alert_tests import AlertSinkTests
    from arbx.testing.case import Broken, Case, NotBrought, Slack
    from arbx.testing.check import CheckReport, run_checks
    from arbx.testing.curve_tests import CurveTests
    from arbx.testing.fake_chain import FakeChain
    from arbx.testing.keystore_tests import KeyStoreTests
    from arbx.testing.model_tests import CurveModelTests
    from arbx.testing.promises import CURVE_PROMISES
    from arbx.testing.recording import Recording
    from arbx.testing.reference import ConstantProduct, ToothedProduct
    from arbx.testing.reference_keystore import ReferenceKeyStore
    from arbx.testing.reference_sink import ReferenceSink
    from arbx.testing.relay_tests import RelayTests
    from arbx.testing.source_tests import PoolSourceTests
    from arbx.testing.vectors import Mismatch, VectorSummary, check_vectors, compare

_HOME = {
    "AlertSinkTests": "alert_tests",
    "Broken": "case",
    "CURVE_PROMISES": "promises",
    "Case": "case",
    "CheckReport": "check",
    "ConstantProduct": "reference",
    "CurveModelTests": "model_tests",
    "CurveTests": "curve_tests",
    "FakeChain": "fake_chain",
    "KeyStoreTests": "keystore_tests",
    "Mismatch": "vectors",
    "NotBrought": "case",
    "PoolSourceTests": "source_tests",
    "Recording": "recording",
    "RelayTests": "relay_tests",
    "ReferenceKeyStore": "reference_keystore",
    "ReferenceSink": "reference_sink",
    "Slack": "case",
    "ToothedProduct": "reference",
    "VectorSummary": "vectors",
    "check_vectors": "vectors",
    "compare": "vectors",
    "run_checks": "check",
}
_NEED_PYTEST = {
    "AlertSinkTests",
    "CurveModelTests",
    "CurveTests",
    "KeyStoreTests",
    "PoolSourceTests",
    "RelayTests",
}

__all__ = [
    "CURVE_PROMISES",
    "AlertSinkTests",
    "Broken",
    "Case",
    "CheckReport",
    "ConstantProduct",
    "CurveModelTests",
    "CurveTests",
    "FakeChain",
    "KeyStoreTests",
    "Mismatch",
    "NotBrought",
    "PoolSourceTests",
    "Recording",
    "ReferenceKeyStore",
    "ReferenceSink",
    "RelayTests",
    "Slack",
    "ToothedProduct",
    "VectorSummary",
    "check_vectors",
    "compare",
    "run_checks",
]


def __getattr__(name: str) -> Any:
    # Lazily, so that promises and vectors work where pytest and hypothesis are not installed.
    if name not in _HOME:
        raise AttributeError(f"module 'arbx.testing' has no attribute {name!r}")
    try:
        return getattr(import_module(f"arbx.testing.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if name in _NEED_PYTEST and error.name in {"hypothesis", "pytest"}:
            raise ImportError(
                f'arbx.testing.{name} needs {error.name}; try: pip install "arbx[testing]"'
            ) from error
        raise


def __dir__() -> list[str]:
    return __all__
