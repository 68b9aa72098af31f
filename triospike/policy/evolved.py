"""Policies that follow from others: made once each, since headers and what packs rows hang on a policy."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar, cast

import attrs

from .enums import Ttl

__all__ = ["evolved", "with_client_ttl"]


class _Policy(Protocol):
    def cached(self) -> dict[Any, Any]: ...


class _HasTtl(_Policy, Protocol):
    @property
    def ttl(self) -> int: ...


P = TypeVar("P", bound=_Policy)
T = TypeVar("T", bound=_HasTtl)


def evolved(policy: P, **changes: object) -> P:
    """A policy with other values in some fields: as `attrs.evolve`, but the same object each time.

    Args:
        policy: What it is made of, and where it is kept.
        changes: Fields and their values, which can be hashed.
    """
    name = ("evolved", *changes.items())
    known: P | None = policy.cached().get(name)
    if known is None:
        known = policy.cached()[name] = attrs.evolve(cast("Any", policy), **changes)
    return known


def with_client_ttl(policy: T, ttl: int) -> T:
    """A policy, with the client's ttl where it asks for that (`Ttl.CLIENT_DEFAULT`).

    Args:
        policy: The call's.
        ttl: The client's, in seconds, or a `Ttl`.
    """
    return evolved(policy, ttl=ttl) if policy.ttl == Ttl.CLIENT_DEFAULT else policy
