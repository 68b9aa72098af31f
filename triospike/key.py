"""Keys: namespace, set and user key, and the digest by which the server finds the record (protocol section 5)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from ._digest.ripemd160 import Digest, new_digest
from .values import INT64_MAX, INT64_MIN, encode_text

__all__ = ["DIGEST_BYTES", "N_PARTITIONS", "Key", "SetNames", "UserKey", "found_key", "set_names"]

N_PARTITIONS = 4096
"""Partitions of a namespace; fixed by the server."""

MAX_NAMESPACE_BYTES = 31
MAX_SET_BYTES = 63
DIGEST_BYTES = 20

UserKey: TypeAlias = int | str | bytes

_FIELD = struct.Struct(">IB")
_pack_int = struct.Struct(">Bq").pack


class SetNames:
    """A namespace and a set in it, and what all requests for their records have in common. One for all its keys.

    Attributes:
        namespace: Name of the namespace.
        set_name: Name of the set; empty for records outside any.
        begin_digest: Makes a digest that has the set's name already: what follows is a user key.
        fields: The first fields of every request, up to where the digest's bytes begin.
        readers: By their number of bins, what reads answers that look like most: kept here by `record_parser`.
        result_readers: The same for answers to operations.
        row_readers: What read the last rows of a batch that looked alike, by kind: kept here by `batch_answer`.
        unlike: How many answers looked different.
        writers: What packs writes of bins that look alike, by how they look: kept here by `alike_writes`.
    """

    __slots__ = (
        "begin_digest",
        "fields",
        "namespace",
        "readers",
        "result_readers",
        "row_readers",
        "set_name",
        "unlike",
        "writers",
    )

    def __init__(self, namespace: str, set_name: str) -> None:
        packed_namespace = encode_text(namespace, "namespace")
        if not 1 <= len(packed_namespace) <= MAX_NAMESPACE_BYTES:
            raise ValueError(f"namespace must be 1 to {MAX_NAMESPACE_BYTES} bytes long: {namespace!r}")
        packed_set = encode_text(set_name, "set_name")
        if len(packed_set) > MAX_SET_BYTES:
            raise ValueError(f"set_name must be at most {MAX_SET_BYTES} bytes long: {set_name!r}")
        self.namespace = namespace
        self.set_name = set_name
        digest = new_digest()
        digest.update(packed_set)
        self.begin_digest: Callable[[], Digest] = digest.copy
        self.readers: dict[int, Callable[[bytes, int, Key], Any]] = {}
        self.result_readers: dict[int, Callable[[bytes, int, Key], Any]] = {}
        self.row_readers: dict[tuple[object, ...], Any] = {}
        self.unlike = 0
        self.writers: dict[tuple[object, ...], Callable[..., bytes | None]] = {}
        self.fields = _field(0, packed_namespace) + _field(1, packed_set) + _FIELD.pack(DIGEST_BYTES + 1, 4)

    def __reduce__(self) -> tuple[object, ...]:
        return set_names, (self.namespace, self.set_name)


# By namespace and set: a program has few sets and many keys.
_known_names: dict[tuple[str, str | None], SetNames] = {}
_MOST_NAMES = 1024


class Key:
    """Names one record. Immutable and hashable; two keys are equal when namespace and digest are.

    The digest is taken once, when the key is made. The namespace is not part of it.

    Args:
        namespace: Name of the namespace, 1 to 31 bytes of UTF-8.
        set_name: Name of the set, up to 63 bytes; empty or None for records outside any set.
        user_key: An int of 64 bits, a str, or bytes. Keys of different types never name the same record.

    Raises:
        TypeError: An argument has another type.
        ValueError: A name is too long, or the integer does not fit in 64 bits.
    """

    # A program makes more keys than anything else. So they have three plain slots, behind properties that can't be
    # set; what runs for each command reads the slots.
    __slots__ = ("_digest", "_names", "_user_key")

    _names: SetNames
    _user_key: UserKey | None
    _digest: bytes

    def __init__(self, namespace: str, set_name: str | None, user_key: UserKey) -> None:
        try:
            names = _known_names[namespace, set_name]
            particle = _pack_int(1, user_key) if type(user_key) is int else _user_key_particle(user_key)
        except (KeyError, TypeError, struct.error):
            particle = b""
        if not particle:  # a new set, or something is wrong
            names = set_names(namespace, set_name)
            particle = _user_key_particle(user_key)
        self._names = names
        self._user_key = user_key
        digest = names.begin_digest()
        digest.update(particle)
        self._digest = digest.digest()

    @classmethod
    def from_digest(cls, namespace: str, set_name: str | None, digest: bytes) -> Key:
        """Name a record by its digest alone, for instance one that a scan returned.

        Args:
            namespace: Name of the namespace, 1 to 31 bytes of UTF-8.
            set_name: Name of the set, up to 63 bytes.
            digest: The 20 bytes.

        Raises:
            TypeError: An argument has another type.
            ValueError: A name is too long or the digest is not 20 bytes long.
        """
        names = set_names(namespace, set_name)
        if not isinstance(digest, bytes | bytearray):
            raise TypeError(f"digest must be bytes, not {type(digest).__name__}")
        if len(digest) != DIGEST_BYTES:
            raise ValueError(f"digest must be {DIGEST_BYTES} bytes long, not {len(digest)}")
        return found_key(names, None, bytes(digest))

    @property
    def namespace(self) -> str:
        """Name of the namespace."""
        return self._names.namespace

    @property
    def set_name(self) -> str:
        """Name of the set; empty for a record outside any."""
        return self._names.set_name

    @property
    def user_key(self) -> UserKey | None:
        """What the key was made of, None for a key made from a digest."""
        return self._user_key

    @property
    def digest(self) -> bytes:
        """The 20 bytes by which the server finds the record (protocol section 5)."""
        return self._digest

    @property
    def partition_id(self) -> int:
        """The partition that holds the record: the digest's first two bytes, little-endian, modulo 4096."""
        digest = self._digest
        return (digest[0] | digest[1] << 8) & 0x0FFF

    @property
    def wire_fields(self) -> bytes:
        """The NAMESPACE, SET and DIGEST fields of every request for this record (protocol section 3)."""
        return self._names.fields + self._digest

    @property
    def user_key_particle(self) -> bytes | None:
        """Particle type and bytes of the user key (protocol section 4.4), None for a key made from a digest."""
        return None if self._user_key is None else _user_key_particle(self._user_key)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return self._digest == other._digest and self._names.namespace == other._names.namespace

    def __hash__(self) -> int:
        return hash((self._names.namespace, self._digest))

    def __reduce__(self) -> tuple[object, ...]:
        if self.user_key is None:
            return Key.from_digest, (self.namespace, self.set_name, self.digest)
        return Key, (self.namespace, self.set_name, self.user_key)

    def __repr__(self) -> str:
        if self.user_key is None:
            return f"Key.from_digest({self.namespace!r}, {self.set_name!r}, {self.digest!r})"
        return f"Key({self.namespace!r}, {self.set_name!r}, {self.user_key!r})"


_new_key = object.__new__


def set_names(namespace: str, set_name: str | None) -> SetNames:
    """The names of a set, the same object for all who ask.

    Raises:
        TypeError: A name has another type.
        ValueError: A name is too long.
    """
    if not isinstance(namespace, str):
        raise TypeError(f"namespace must be a str, not {type(namespace).__name__}")
    if set_name is not None and not isinstance(set_name, str):
        raise TypeError(f"set_name must be a str or None, not {type(set_name).__name__}")
    known = _known_names.get((namespace, set_name or ""))
    if known is None:
        if len(_known_names) >= _MOST_NAMES:
            _known_names.clear()
        known = _known_names[namespace, set_name or ""] = SetNames(namespace, set_name or "")
    return _known_names.setdefault((namespace, set_name), known)


def found_key(names: SetNames, user_key: UserKey | None, digest: bytes) -> Key:
    """The key of a record that a server sent, in the shortest time: nothing is checked, no digest is taken.

    Args:
        names: Of its namespace and set.
        user_key: The stored user key, if there is one.
        digest: The 20 bytes.
    """
    key = _new_key(Key)
    key._names = names
    key._user_key = user_key
    key._digest = digest
    return key


def _field(kind: int, value: bytes) -> bytes:
    return _FIELD.pack(len(value) + 1, kind) + value


def _user_key_particle(user_key: UserKey) -> bytes:
    """Particle type byte and value, the form that is hashed and, with the SEND key policy, sent."""
    if isinstance(user_key, str):
        return b"\x03" + encode_text(user_key, "user_key")
    if isinstance(user_key, bool):
        raise TypeError("user_key must be an int, str or bytes, not bool")
    if isinstance(user_key, int):
        if not INT64_MIN <= user_key <= INT64_MAX:
            raise ValueError(f"user_key does not fit in 64 bits: {user_key}")
        return _pack_int(1, user_key)
    if isinstance(user_key, bytes | bytearray | memoryview):
        return b"\x04" + bytes(user_key)
    raise TypeError(f"user_key must be an int, str or bytes, not {type(user_key).__name__}")
