"""One record as a node keeps it."""

from __future__ import annotations

from typing import TypeAlias

import attrs

__all__ = ["Particle", "StoredRecord", "record_size"]

Particle: TypeAlias = tuple[int, bytes]
"""Particle type and value, the value in the form in which the server sends it."""


@attrs.define(slots=True, eq=False)
class StoredRecord:
    """One version of a record. Never changed once stored: a write stores another, so replicas may share it.

    Attributes:
        set_name: Empty for a record outside any set.
        user_key: Particle type byte and value of the stored key, or None.
        bins: Name to value, in the order in which the bins came to be.
        generation: 1 to 65535.
        void_time: When it expires, in seconds since 2010; 0 is never.
        last_update: When it was written, in milliseconds since 2010.
    """

    set_name: bytes
    user_key: bytes | None
    bins: dict[bytes, Particle]
    generation: int
    void_time: int
    last_update: int


def record_size(record: StoredRecord) -> int:
    """Bytes that a record takes, much as a real server would count them."""
    size = 64 + len(record.set_name) + len(record.user_key or b"")
    for name, (_, value) in record.bins.items():
        size += 6 + len(name) + len(value)
    return size
