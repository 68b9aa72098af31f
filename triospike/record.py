"""What a read returns: the bins of one record and what the server says of it."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from .key import Key, SetNames, UserKey, found_key

__all__ = ["FoundKey", "Record"]

FoundKey: TypeAlias = tuple[SetNames, UserKey | None, bytes]
"""What a scan knows of a key: names of its set, user key, digest."""


class Record:
    """One record as it was when the server read it.

    Attributes:
        key: The key that was asked for, or that a scan or query found.
        bins: Bin name to value. Empty when only the header was read. Where several operations answered for
            one bin, `operate` puts their values in a list, in the order of the operations.
        generation: How often the record was written, as the server counts it: 1 for a new record; it wraps.
        ttl: Seconds until the record expires, or None when it never does. A record that has just expired
            has 1, as in the C client.
        results: What the operations of `operate` answered, as pairs of bin name and value in their order: also
            where one list and several values in `bins` would look alike. Empty for other commands.
    """

    __slots__ = ("_key", "_names", "bins", "generation", "results", "ttl")
    __match_args__ = ("key", "bins", "generation", "ttl")

    _key: Key | FoundKey | bytes  # bytes are the digest of a record without a user key, whose names are set too
    _names: SetNames
    bins: dict[str, Any]
    generation: int
    ttl: int | None
    results: tuple[tuple[str, Any], ...]

    def __init__(
        self,
        key: Key | FoundKey,
        bins: dict[str, Any],
        generation: int,
        ttl: int | None,
        results: tuple[tuple[str, Any], ...] = (),
    ) -> None:
        self._key = key
        self.bins = bins
        self.generation = generation
        self.ttl = ttl
        self.results = results

    @property
    def key(self) -> Key:
        """The record's key."""
        key = self._key
        if type(key) is Key:
            return key
        # A scan returns more records than keys are looked at: each is made when somebody does.
        found: FoundKey = (self._names, None, key) if type(key) is bytes else cast("FoundKey", key)
        self._key = made = found_key(*found)
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (self.key, self.bins, self.generation, self.ttl, self.results) == (
            other.key,
            other.bins,
            other.generation,
            other.ttl,
            other.results,
        )

    __hash__ = None  # type: ignore[assignment]  # its bins can change

    def __repr__(self) -> str:
        return f"Record(key={self.key!r}, bins={self.bins!r}, generation={self.generation}, ttl={self.ttl})"
