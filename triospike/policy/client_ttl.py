"""``Ttl.CLIENT_DEFAULT``: a time to live that the client's own policy of that kind settles."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar, cast

import attrs

from .enums import Ttl

__all__ = ["with_client_ttl"]


class _HasTtl(Protocol):
    @property
    def ttl(self) -> int: ...

    def cached(self) -> dict[Any, Any]: ...


P = TypeVar("P", bound=_HasTtl)


def with_client_ttl(policy: P, ttl: int) -> P:
    """A policy, with the client's ttl where it asks for that: the same copy each time, since headers hang on it.

    Args:
        policy: The call's.
        ttl: The client's, in seconds, or a `Ttl`.
    """
    if policy.ttl != Ttl.CLIENT_DEFAULT:
        return policy
    name = f"ttl {ttl}"
    known: P | None = policy.cached().get(name)
    if known is None:
        known = policy.cached()[name] = attrs.evolve(cast("Any", policy), ttl=ttl)
    return known
