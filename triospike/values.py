"""Values that Python has no type for: GeoJSON, HyperLogLog, maps that keep an order on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

import attrs

__all__ = [
    "HLL",
    "ArgumentMark",
    "BinValue",
    "GeoJSON",
    "KeyOrderedMap",
    "ListValue",
    "MapKey",
    "MapValue",
    "OpaqueBlob",
    "infinity",
    "wildcard",
]

INT64_MIN = -(1 << 63)
INT64_MAX = (1 << 63) - 1
_STRING = 3  # the particle type


def encode_text(text: str, where: str) -> bytes:
    """The bytes of a text, in UTF-8.

    Args:
        text: The text.
        where: What it is, for messages: ``bins["a"]``.

    Raises:
        ValueError: The text holds half a surrogate pair, for which UTF-8 has no form.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{where} can't be written as UTF-8: {error}") from error


def _one_byte(instance: object, attribute: attrs.Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name} must be an int, not {type(value).__name__}")
    if not 0 <= value <= 0xFF:
        raise ValueError(f"{attribute.name} must be 0 to 255, not {value}")


@attrs.frozen
class GeoJSON:
    """A GeoJSON point or region, stored as a geospatial value.

    Attributes:
        text: The JSON text, as it is stored.
    """

    text: str = attrs.field(validator=attrs.validators.instance_of(str))


@attrs.frozen
class HLL:
    """The bytes of a HyperLogLog sketch, as the server stores them.

    Attributes:
        data: The sketch: flags, index bits, minhash bits, cached count, registers.
    """

    data: bytes = attrs.field(validator=attrs.validators.instance_of(bytes))


@attrs.frozen
class OpaqueBlob:
    """A value that this client does not look into; written back, it is what it was.

    It is what another language's client wrote in its own serialization, or a string that is not UTF-8.

    Attributes:
        particle_type: 3 for a string, else the number of the language: 7 Java, 8 C#, 9 Python, 10 Ruby, 11 PHP,
            12 Erlang.
        data: The bytes, not looked at.
    """

    particle_type: int = attrs.field(validator=_one_byte)
    data: bytes = attrs.field(validator=attrs.validators.instance_of(bytes))


def decode_text(data: bytes) -> str | OpaqueBlob:
    """A stored string; one that is not UTF-8 comes as it is, so that the rest of its record can be read."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return OpaqueBlob(_STRING, data)


class KeyOrderedMap(dict[Any, Any]):
    """A dict that the server keeps as a key-ordered map; reads of such a map give this type.

    It compares equal to a plain dict with the same items. On the wire its items are sorted by key, in the
    server's order of types and values (protocol section 10.2), whatever their order here.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"KeyOrderedMap({dict(self)!r})"


class ArgumentMark(Enum):
    """Marks that stand for values in the arguments of list and map operations, and can't be stored."""

    WILDCARD = 0
    INFINITY = 1

    def __repr__(self) -> str:
        return self.name.lower()


wildcard: Final = ArgumentMark.WILDCARD
"""Equals any value, and in a list any rest of it: ``[1, wildcard]`` selects the lists that begin with 1."""

infinity: Final = ArgumentMark.INFINITY
"""Above any value: the end of a range without one."""

MapKey: TypeAlias = int | str | bytes
ListValue: TypeAlias = Sequence[Any]
MapValue: TypeAlias = Mapping[Any, Any]
BinValue: TypeAlias = (
    bool
    | int
    | float
    | str
    | bytes
    | bytearray
    | memoryview
    | GeoJSON
    | HLL
    | OpaqueBlob
    | ListValue
    | MapValue
    | None
)
