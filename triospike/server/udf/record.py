"""A record while a function works on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..._lua.ports import Particle
from ..._wire.flags import ParticleType
from ...result_code import ResultCode
from ..apply.particles import from_wire
from ..apply.scalar import remove_bin
from ..handlers.checks import sent_key
from ..handlers.lifetimes import new_set_name
from ..handlers.scenes import size_of
from ..refusal import Refusal
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord

__all__ = ["FoundRecord", "UdfRecord"]

_MOST_BINS: Final = 512
_KEY_TYPES: Final = frozenset({ParticleType.INTEGER, ParticleType.STRING, ParticleType.BLOB})


class FoundRecord:
    """A record that a function may only look at.

    Args:
        namespace: Where it is.
        digest: Its 20 bytes.
        live: What is stored, or None.
    """

    def __init__(self, namespace: Namespace, digest: bytes, live: StoredRecord | None) -> None:
        self._namespace = namespace
        self._digest = digest
        self._live = live
        self.bins: dict[bytes, Particle] = {} if live is None else live.bins
        self.user_key = None if live is None else live.user_key
        self._set_name = b"" if live is None else live.set_name
        self._is_open = live is not None

    def bin(self, name: bytes) -> Particle | None:
        """The value of a bin."""
        return self.bins.get(name)

    def names(self) -> Sequence[bytes] | None:
        """The names of all bins, None if there is no record."""
        return list(self.bins) if self._is_open else None

    def metadata(self, name: str) -> int | bytes | None:
        """What is known of the record, by the name of the function that asks."""
        if name == "digest":
            return self._digest
        if name == "setname":
            return self._set_name or None
        if not self._is_open:
            return 0
        if name == "numbins":
            return len(self.bins)
        live = self._live
        if live is None or name == "device_size":
            return 0
        if name == "gen":
            return live.generation
        if name == "ttl":
            return max(live.void_time - self._namespace.now_ms() // 1000, 0) if live.void_time else 0
        if name == "last_update_time":
            return live.last_update
        return size_of(live)

    def key(self) -> Particle | None:
        """The stored key, if it is of a type that Lua has."""
        stored = self.user_key
        return (stored[0], stored[1:]) if stored and stored[0] in _KEY_TYPES else None

    def set_ttl(self, ttl: int) -> None:
        """Nothing: it is not written."""

    def drop_key(self) -> None:
        """Nothing: it is not written."""

    def is_open(self) -> bool:
        """Whether there is a record."""
        return self._is_open

    def exists(self) -> bool:
        """Whether there is a record."""
        return self._is_open

    def open_new(self) -> int:
        """Refuse to make a record."""
        return 1

    def begin(self) -> bool:
        """Refuse to change it."""
        return False

    def set_bin(self, name: bytes, kind: int, content: bytes) -> bool:
        """Refuse to change it."""
        return False

    def remove_bin(self, name: bytes) -> None:
        """Nothing: it is not written."""

    def fail(self, code: int) -> None:
        """Nothing: it is not written."""

    def finish(self) -> None:
        """Nothing: it is not written."""


class UdfRecord(FoundRecord):
    """A record that a function may change; what became of it is stored when the function has returned.

    Args:
        namespace: Where it is.
        request: What the client sent.
        digest: Its 20 bytes.
        live: What is stored, or None.

    Attributes:
        bins: The bins, with all changes that were finished.
        user_key: The key to store.
        ttl: The time to live to give it, in seconds or a special value.
        has_updates: There is something to store.
        had_bins: There were bins before.
        code: Why the last group of changes could not be made; 0 if it could.
    """

    def __init__(self, namespace: Namespace, request: Request, digest: bytes, live: StoredRecord | None) -> None:
        super().__init__(namespace, digest, live)
        self.bins = dict(self.bins)
        self.ttl = request.ttl
        self.has_updates = False
        self.had_bins = bool(self.bins)
        self.code = 0
        self._request = request
        self._saved: dict[bytes, Particle] = {}
        self._is_new = False
        if live is not None and self.user_key is None:
            self.user_key = sent_key(request)

    @property
    def set_name(self) -> bytes:
        """The set that it is in."""
        return self._set_name

    def set_ttl(self, ttl: int) -> None:
        """Let it have this time to live, if it is written."""
        self.ttl = ttl

    def drop_key(self) -> None:
        """Let its key not be stored, if it is written."""
        if self._is_open:
            self.user_key = None

    def exists(self) -> bool:
        """Whether there was a record before, or a new one has been made."""
        return self._is_open

    def open_new(self) -> int:
        """Make a record: 0, 1 if there is one, 4 if there can't be."""
        if self._is_open:
            return 1 if self.bins else 0
        try:
            self._set_name = new_set_name(self._request)
            self.user_key = sent_key(self._request)
        except Refusal:
            return int(ResultCode.PARAMETER)
        self._is_open = self._is_new = True
        return 0

    def begin(self) -> bool:
        """Begin a group of changes."""
        if not self.has_updates:
            self.had_bins = bool(self.bins)
            self._saved = dict(self.bins)
        return True

    def set_bin(self, name: bytes, kind: int, content: bytes) -> bool:
        """Change a bin; False if it can't hold that."""
        if kind == ParticleType.NULL:
            self.fail(ResultCode.BIN_TYPE)
            return False
        if name not in self.bins and len(self.bins) >= _MOST_BINS:
            self.fail(ResultCode.BIN_NAME)
            return False
        try:
            self.bins[name] = from_wire(kind, content)
        except Refusal as refusal:
            if kind != ParticleType.GEOJSON:
                self.fail(refusal.code)
                return False
            self.bins[name] = kind, content  # servers take it from functions, whatever it is
        return True

    def remove_bin(self, name: bytes) -> None:
        """Remove a bin."""
        remove_bin(self.bins, name)

    def fail(self, code: int) -> None:
        """Undo all changes, also those that were finished before."""
        self.code = int(code)
        self.has_updates = False
        self.bins = self._saved
        if self._is_new:
            self._is_open = self._is_new = False

    def finish(self) -> None:
        """Take the group of changes as made."""
        self.code = 0
        self.has_updates = True
        self._is_new = False
