"""Keys: namespace, set and user key, and the digest by which the server finds the record (protocol section 5)."""

from __future__ import annotations

import struct
from typing import TypeAlias

from ._digest.ripemd160 import ripemd160
from .values import INT64_MAX, INT64_MIN, encode_text

__all__ = ["DIGEST_BYTES", "N_PARTITIONS", "Key", "UserKey", "found_key", "request_fields"]

N_PARTITIONS = 4096
"""Partitions of a namespace; fixed by the server."""

MAX_NAMESPACE_BYTES = 31
MAX_SET_BYTES = 63
DIGEST_BYTES = 20

UserKey: TypeAlias = int | str | bytes

_FIELD = struct.Struct(">IB")
_pack_int = struct.Struct(">Bq").pack

# What `_check_names` answered, by namespace and set: a program has few sets and many keys.
_known_names: dict[tuple[str, str | None], tuple[bytes, bytes]] = {}
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

    __slots__ = ("digest", "fields_head", "namespace", "set_name", "user_key")

    namespace: str
    set_name: str
    user_key: UserKey | None
    digest: bytes
    fields_head: bytes
    """What all requests for records of this set have in common: see `request_fields`."""

    def __init__(self, namespace: str, set_name: str | None, user_key: UserKey) -> None:
        # A program makes more keys than anything else: its usual kinds take the short ways.
        try:
            hashed_set, fields = _known_names[namespace, set_name]
        except (KeyError, TypeError):
            hashed_set, fields = _check_names(namespace, set_name)
        if type(user_key) is int and INT64_MIN <= user_key <= INT64_MAX:
            particle = _pack_int(1, user_key)
        else:
            particle = _user_key_particle(user_key)
        _put_namespace(self, namespace)
        _put_set_name(self, set_name or "")
        _put_user_key(self, user_key)
        _put_digest(self, ripemd160(hashed_set + particle))
        _put_fields_head(self, fields)

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
        _, fields = _check_names(namespace, set_name)
        if not isinstance(digest, bytes | bytearray):
            raise TypeError(f"digest must be bytes, not {type(digest).__name__}")
        if len(digest) != DIGEST_BYTES:
            raise ValueError(f"digest must be {DIGEST_BYTES} bytes long, not {len(digest)}")
        key = cls.__new__(cls)
        _put_namespace(key, namespace)
        _put_set_name(key, set_name or "")
        _put_user_key(key, None)
        _put_digest(key, bytes(digest))
        _put_fields_head(key, fields)
        return key

    @property
    def partition_id(self) -> int:
        """The partition that holds the record: the digest's first two bytes, little-endian, modulo 4096."""
        digest = self.digest
        return (digest[0] | digest[1] << 8) & 0x0FFF

    @property
    def wire_fields(self) -> bytes:
        """The NAMESPACE, SET and DIGEST fields of every request for this record (protocol section 3)."""
        return self.fields_head + self.digest

    @property
    def user_key_particle(self) -> bytes | None:
        """Particle type and bytes of the user key (protocol section 4.4), None for a key made from a digest."""
        return None if self.user_key is None else _user_key_particle(self.user_key)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Key can't be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Key can't be changed: {name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return self.digest == other.digest and self.namespace == other.namespace

    def __hash__(self) -> int:
        return hash((self.namespace, self.digest))

    def __reduce__(self) -> tuple[object, ...]:
        if self.user_key is None:
            return Key.from_digest, (self.namespace, self.set_name, self.digest)
        return Key, (self.namespace, self.set_name, self.user_key)

    def __repr__(self) -> str:
        if self.user_key is None:
            return f"Key.from_digest({self.namespace!r}, {self.set_name!r}, {self.digest!r})"
        return f"Key({self.namespace!r}, {self.set_name!r}, {self.user_key!r})"


# The slots themselves: the only way to fill them past `Key.__setattr__`, and the fastest.
_put_namespace = vars(Key)["namespace"].__set__
_put_set_name = vars(Key)["set_name"].__set__
_put_user_key = vars(Key)["user_key"].__set__
_put_digest = vars(Key)["digest"].__set__
_put_fields_head = vars(Key)["fields_head"].__set__
_new_key = object.__new__


def request_fields(namespace: str, set_name: str) -> bytes:
    """The first fields of every request for a record of this set, up to where the digest's bytes begin.

    Raises:
        ValueError: A name is too long.
    """
    return _check_names(namespace, set_name)[1]


def found_key(namespace: str, set_name: str, user_key: UserKey | None, digest: bytes, fields: bytes) -> Key:
    """The key of a record that a server sent, in the shortest time: nothing is checked, no digest is taken.

    Args:
        namespace: Name of the namespace.
        set_name: Name of the set.
        user_key: The stored user key, if there is one.
        digest: The 20 bytes.
        fields: From `request_fields`.
    """
    key = _new_key(Key)
    _put_namespace(key, namespace)
    _put_set_name(key, set_name)
    _put_user_key(key, user_key)
    _put_digest(key, digest)
    _put_fields_head(key, fields)
    return key


def _check_names(namespace: str, set_name: str | None) -> tuple[bytes, bytes]:
    """The set's bytes, as they are hashed, and the request's fields up to where the digest's bytes begin."""
    if not isinstance(namespace, str):
        raise TypeError(f"namespace must be a str, not {type(namespace).__name__}")
    if set_name is not None and not isinstance(set_name, str):
        raise TypeError(f"set_name must be a str or None, not {type(set_name).__name__}")
    known = _known_names.get((namespace, set_name))
    if known is None:
        if len(_known_names) >= _MOST_NAMES:
            _known_names.clear()
        known = _known_names[namespace, set_name] = _pack_names(namespace, set_name or "")
    return known


def _pack_names(namespace: str, set_name: str) -> tuple[bytes, bytes]:
    packed_namespace = encode_text(namespace, "namespace")
    if not 1 <= len(packed_namespace) <= MAX_NAMESPACE_BYTES:
        raise ValueError(f"namespace must be 1 to {MAX_NAMESPACE_BYTES} bytes long: {namespace!r}")
    packed_set = encode_text(set_name, "set_name")
    if len(packed_set) > MAX_SET_BYTES:
        raise ValueError(f"set_name must be at most {MAX_SET_BYTES} bytes long: {set_name!r}")
    fields = _field(0, packed_namespace) + _field(1, packed_set) + _FIELD.pack(DIGEST_BYTES + 1, 4)
    return packed_set, fields


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
