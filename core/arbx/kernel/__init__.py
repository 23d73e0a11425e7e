"""Exact integers only: supporting lines, Möbius pieces, the optimum and its certificate."""

from arbx.kernel.envelope import Envelope
from arbx.kernel.optimum import amounts_along, optimise
from arbx.kernel.types import (
    Ceiled,
    Curve,
    Invertible,
    Line,
    Moebius,
    Optimum,
    Piecewise,
    Provable,
    Teeth,
    Toothed,
)

__all__ = [
    "Ceiled",
    "Curve",
    "Envelope",
    "Invertible",
    "Line",
    "Moebius",
    "Optimum",
    "Piecewise",
    "Provable",
    "Teeth",
    "Toothed",
    "amounts_along",
    "optimise",
]
