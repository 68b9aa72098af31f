"""What an expression is evaluated for: a record, or an element of a list or map."""

from __future__ import annotations

import attrs

from ..apply.scalar import Bins
from .values import Marker, Value

__all__ = ["Metadata", "Scene"]


@attrs.frozen
class Metadata:
    """What a record is, besides its bins.

    Attributes:
        digest: The record's 20 bytes.
        set_name: Empty for a record outside any set.
        user_key: Particle type byte and value of its key, or None if it is not known.
        is_key_stored: The key was stored with an earlier version of the record.
        void_time: When it expires, in seconds since 2010; 0 is never.
        last_update: When it was written, in milliseconds since 2010.
        size: Bytes that it takes; 0 before it is first stored.
        now: The time of day, in milliseconds since 2010.
    """

    digest: bytes
    set_name: bytes
    user_key: bytes | None
    is_key_stored: bool
    void_time: int
    last_update: int
    size: int
    now: int


@attrs.define
class Scene:
    """All that an expression can look at while it is evaluated.

    Attributes:
        metadata: The record's; None where there is none, and all that asks for it is unknown.
        bins: Its bins; None where there are none, and all that asks for them is unknown.
        element: Key, value and index of an element of a list or map, as far as it has them.
        variables: Values of the variables that are bound by now, by their numbers.
    """

    metadata: Metadata | None
    bins: Bins | None
    element: tuple[Value, Value, Value] = (Marker.UNKNOWN, Marker.UNKNOWN, Marker.UNKNOWN)
    variables: dict[int, Value] = attrs.field(factory=dict)
