"""What a read returns: the bins of one record and what the server says of it."""

from __future__ import annotations

from typing import Any

import attrs

from .key import Key

__all__ = ["Record"]


@attrs.define(slots=True)
class Record:
    """One record as it was when the server read it.

    Attributes:
        key: The key that was asked for.
        bins: Bin name to value. Empty when only the header was read. Where several operations answered for
            one bin, `operate` puts their values in a list, in the order of the operations.
        generation: How often the record was written, as the server counts it: 1 for a new record; it wraps.
        ttl: Seconds until the record expires, or None when it never does. A record that has just expired
            has 1, as in the C client.
        results: What the operations of `operate` answered, as pairs of bin name and value in their order: also
            where one list and several values in `bins` would look alike. Empty for other commands.
    """

    key: Key
    bins: dict[str, Any]
    generation: int
    ttl: int | None
    results: tuple[tuple[str, Any], ...] = attrs.field(default=(), repr=False)
