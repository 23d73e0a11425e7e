"""The conformance tests of a curve model, to inherit from."""

from collections.abc import Collection
from typing import ClassVar

import pytest

from arbx.provider import CurveModel
from arbx.testing.case import NotBrought
from arbx.testing.promises import models
from arbx.testing.promises.models import ModelCase, ModelPromise

__all__ = ["CurveModelTests"]


class CurveModelTests:
    """
    Inherit this and return your model; its own example is damaged, field by field.

    Name in *optional* the fields that may be missing, in *signed* those that may be negative.
    """

    optional: ClassVar[Collection[str]] = ()
    signed: ClassVar[Collection[str]] = ()

    def make_model(self) -> CurveModel:
        """Return the model under test."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_model")

    def keep(self, promise: ModelPromise) -> None:
        """Hold the model to the promise."""
        try:
            promise(ModelCase(self.make_model(), frozenset(self.optional), frozenset(self.signed)))
        except NotBrought as why:
            pytest.skip(str(why))

    def test_names_its_kind(self) -> None:
        self.keep(models.names_its_kind)

    def test_example_prices_every_direction(self) -> None:
        self.keep(models.example_prices_every_direction)

    def test_round_trips_through_dump(self) -> None:
        self.keep(models.round_trips_through_dump)

    def test_refuses_missing_fields_by_name(self) -> None:
        self.keep(models.refuses_missing_fields_by_name)

    def test_refuses_negative_fields_by_name(self) -> None:
        self.keep(models.refuses_negative_fields_by_name)

    def test_refuses_mistyped_fields_by_name(self) -> None:
        self.keep(models.refuses_mistyped_fields_by_name)
