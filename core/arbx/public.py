"""Mark what comes through the door."""

from typing import TypeVar

__all__ = ["public"]

T = TypeVar("T", bound=type)


def public(cls: T) -> T:
    """
    Let a public class say that it is of ``arbx.api``, so that tracebacks and reprs teach the right import.

    Pickles name that place too, and it brings the class when it is asked for.

    >>> @public
    ... class Pool: ...
    >>> Pool
    <class 'arbx.api.Pool'>
    """
    cls.__module__ = "arbx.api"
    return cls
