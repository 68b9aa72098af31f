"""Values of what the msgpack package unpacked, without Aerospike's dress (protocol section 10.2).

Strings of all types come as bytes with their type in front, maps as tuples of pairs, order markers as extension
objects. Containers wait in a list for their turn, so nesting takes no frames of the stack.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import msgpack

from ..values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob, decode_text
from .flags import ParticleType

__all__ = ["Extension", "undress"]

_FEW = 12  # up to so many values, looking at each costs less than the calls that look at all
_STRING = bytes([ParticleType.STRING])
_BLOB = bytes([ParticleType.BLOB])
_KEY_ORDERED = 0x01
_PRESERVE_ORDER = 0x08  # pairs of a result, in the order of the server's choice


class Extension:
    """An extension object: an order marker in front of a container's elements, a wildcard or infinity."""

    __slots__ = ("code", "data")

    def __init__(self, code: int, data: bytes) -> None:
        self.code = code
        self.data = data


# What the package gives that is no value yet. Of extension objects of type -1 it makes timestamps by itself.
_DRESSED = frozenset({bytes, list, tuple, Extension, msgpack.Timestamp})
_ONLY_BYTES = frozenset({bytes})

_Container = list[Any] | dict[Any, Any]
_Pending = list[tuple[_Container, Iterable[Any]]]
"""Containers that are in their place already, each with its contents as they were unpacked."""


def undress(value: Any) -> Any:
    """The value that was unpacked.

    Args:
        value: What the package gave. Its lists become lists of the result.

    Raises:
        ValueError: It is, or holds, an extension object that does not belong there, or GeoJSON that is no text.
        TypeError: A map has a container for a key.
    """
    if type(value) not in _DRESSED:
        return value
    pending: _Pending = []
    undressed = _undress_one(value, pending)
    for container, contents in pending:  # grows on the way
        if contents is container:
            _undress_list(container, pending)
        else:
            _fill_map(container, contents, pending)
    return undressed
