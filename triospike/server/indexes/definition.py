"""What an index is defined by (protocol section 6.6)."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

import attrs

from ..._wire.flags import ParticleType

__all__ = ["Collection", "Definition", "Identity"]


class Collection(IntEnum):
    """Which part of a bin's value is indexed."""

    DEFAULT = 0
    LIST = 1
    MAP_KEYS = 2
    MAP_VALUES = 3
    SET = 4
    """No bin at all: which records there are in a set."""


Identity: TypeAlias = tuple[bytes, bytes, int, Collection, bytes | None, bytes | None]


@attrs.frozen(kw_only=True)
class Definition:
    """One index, the same on every node.

    Attributes:
        name: Unique in its namespace.
        set_name: The set whose records are indexed; empty for all records of the namespace.
        bin_name: The bin; empty if an expression is indexed, or a set.
        kind: Particle type of the values.
        collection: Which part of the value is indexed.
        context: The packed path to the list or map, or None.
        expression: The packed expression whose value is indexed, or None.
    """

    name: str
    set_name: bytes = b""
    bin_name: bytes = b""
    kind: int = ParticleType.INTEGER
    collection: Collection = Collection.DEFAULT
    context: bytes | None = None
    expression: bytes | None = None

    @property
    def identity(self) -> Identity:
        """All but the name: there is one index for each."""
        return self.set_name, self.bin_name, self.kind, self.collection, self.context, self.expression
