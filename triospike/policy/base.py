"""Fields that every command's policy has."""

from __future__ import annotations

from typing import Any

import attrs

from ..packed import FilterLike, packed_filter_bytes
from ._validators import count, filter_expression, member, seconds
from .enums import Replica

__all__ = ["BasePolicy"]


def _filter_bytes(expression: FilterLike | None) -> bytes | None:
    return None if expression is None else packed_filter_bytes(expression, "filter_exp")


@attrs.frozen(kw_only=True, slots=True)
class BasePolicy:
    """Times, retries, replica and filter of one command (C: ``as_policy_base``). Times are seconds; 0 is no limit.

    Attributes:
        socket_timeout: Longest silence on one connection in one attempt; ends the attempt, not the command.
            0, or more than ``total_timeout``, means ``total_timeout``. Default: 30.
        total_timeout: The whole command: the wait in the queue, the wait for a connection, every retry.
            The server gets it as its own limit too. Default: 1.
        connect_timeout: Opening a connection, when the command has to. 0 means the times above apply.
            Default: 0.
        timeout_delay: How long a connection whose answer is late may be read for it, to be used again
            afterwards; it counts against the node's limit meanwhile. 0 closes it at once. Default: 3.
        max_retries: Attempts after the first. Default: 2 for reads, 0 for writes.
        sleep_between_retries: Sleep before a retry. A first retry that goes to another replica does not
            sleep. Default: 0.
        replica: Which replica gets the command first. Default: SEQUENCE.
        filter_exp: An expression of `triospike.exp` that is true or false, or the bytes of a packed one. A record
            for which it is not true raises `FilteredOut`. Default: None.
    """

    socket_timeout: float = attrs.field(default=30.0, validator=seconds)
    total_timeout: float = attrs.field(default=1.0, validator=seconds)
    connect_timeout: float = attrs.field(default=0.0, validator=seconds)
    timeout_delay: float = attrs.field(default=3.0, validator=seconds)
    max_retries: int = attrs.field(default=2, validator=count(0))
    sleep_between_retries: float = attrs.field(default=0.0, validator=seconds)
    replica: Replica = attrs.field(default=Replica.SEQUENCE, validator=member(Replica))
    # Compared by its bytes: == of expressions makes another expression.
    filter_exp: FilterLike | None = attrs.field(default=None, validator=filter_expression, eq=_filter_bytes)
    # What other rooms compute from the fields once and keep here, by names of their own, or sets' bytes.
    _cache: dict[object, Any] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def cached(self) -> dict[object, Any]:
        """A place for values derived from this policy, so that they are computed once."""
        return self._cache
