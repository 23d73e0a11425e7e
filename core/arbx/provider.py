"""What hooks yield: small frozen offers; building and I/O come later."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs

from arbx.fields import Fields
from arbx.kernel.types import Curve
from arbx.protocols import KeyStore
from arbx.public import public

T = TypeVar("T", covariant=True)

__all__ = ["Context", "CurveModel", "Provider"]


@public
@attrs.frozen
class Context:
    """
    What a provider's *build* may know besides its own settings.

    *secrets* resolves a reference (``env:NAME``, ``file:PATH``); relative paths in settings start at *base*, the
    configuration file's folder. *keystores* builds the key store of a section, ``[keystores.NAME]``, when it is asked
    for; only relays are given it, as only their requests are signed.
    """

    name: str
    chain_id: int | None = None
    secrets: Callable[[str], str] | None = attrs.field(default=None, repr=False)
    base: Path | None = None
    keystores: Callable[[str], KeyStore] | None = attrs.field(default=None, repr=False)


@public
@attrs.frozen
class Provider(Generic[T]):
    """
    Offer a pool source, key store, relay or alert sink under *name*.

    *build* gets the validated settings (an instance of *settings*, a pydantic model; or the plain mapping where
    that is None) and, if it takes a second argument, the Context.
    """

    name: str
    build: Callable[..., T]
    settings: type[Any] | None = None
    summary: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()


@public
@attrs.frozen
class CurveModel:
    """
    Offer to price one *kind* of pool.

    *parse* turns a record (a snapshot line or a vector, as Fields) into the model's frozen state, or raises
    InvalidState; *curve* prices one direction of it; *dump* turns the state back into the JSON object that
    *parse* reads under "state". *example* is a complete record that ``arbx plugins check`` runs the kit on.
    """

    kind: str
    parse: Callable[[Fields], Any]
    curve: Callable[[Any, int, int], Curve]
    dump: Callable[[Any], dict[str, Any]]
    example: Mapping[str, Any] = attrs.field(factory=dict)
