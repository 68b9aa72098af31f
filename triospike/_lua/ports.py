"""What Lua asks of those who run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

__all__ = ["Library", "Particle", "RecordSource"]

Particle: TypeAlias = tuple[int, bytes]
"""Particle type and content of a value."""


class RecordSource(Protocol):
    """A record that a function was given. Names are bytes; changes count once they are finished."""

    def bin(self, name: bytes) -> Particle | None:
        """The value of a bin, None if there is none."""

    def names(self) -> Sequence[bytes] | None:
        """The names of all bins, None if there is no record."""

    def metadata(self, name: str) -> int | bytes | None:
        """What is known of the record: ttl, gen, size, digest, setname and more."""

    def key(self) -> Particle | None:
        """The stored key."""

    def set_ttl(self, ttl: int) -> None:
        """Let the next write of the record give it this time to live, in seconds or a special value of 32 bits."""

    def drop_key(self) -> None:
        """Let the next write drop the stored key."""

    def is_open(self) -> bool:
        """Whether there is a record, stored or made by this function."""

    def exists(self) -> bool:
        """Whether there is a record for ``aerospike:exists``."""

    def open_new(self) -> int:
        """Make a record: 0, or a code why it can't be."""

    def begin(self) -> bool:
        """Begin a group of changes; False if the record can't be changed."""

    def set_bin(self, name: bytes, kind: int, content: bytes) -> bool:
        """Change a bin; False if that ended the group."""

    def remove_bin(self, name: bytes) -> None:
        """Remove a bin."""

    def fail(self, code: int) -> None:
        """End the group and undo its changes; the function's result will be this code."""

    def finish(self) -> None:
        """End the group."""


class Library(Protocol):
    """Where modules come from, and where what they log goes to."""

    def source(self, name: str) -> tuple[bytes, str] | None:
        """Source of a module, and the path that its errors name; None if there is none.

        Args:
            name: Without ``.lua``.
        """

    def log(self, level: int, where: str, line: int, text: str) -> None:
        """Take a line of the log: level 1 is a warning, 2 information, 3 for debugging, 4 a trace."""

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
