"""Packs writes of bins that look alike, as fast as Python can.

Most writes of a program have the same bins, with values of the same types, as many before them in their set. Then
what stands before the values is the same but for the header, the digest and the sizes, and one ``struct`` call
packs all from one value of variable size to the next. The functions made here do that for one look in one set
each; what they can't pack, `write` does, going slowly, and says what is wrong.

They are compiled for the types of a look's values: a loop over the bins would take several times the time. Nothing
of what a program writes is part of what is compiled; names are handed in.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Sequence
from types import NoneType
from typing import Any, Final

from .._wire.flags import ParticleType
from .._wire.message import (
    FIRST_FIELD,
    FRAME_START,
    KNOWN_HEADER_SIZE,
    MESSAGE_HEADER_SIZE,
    insert_fields,
    pack_op,
)
from .._wire.particle import encode_value
from .._wire.proto import MAX_BODY_SIZE
from ..key import DIGEST_BYTES, Key, SetNames
from .compiling import compiled_function

__all__ = ["Look", "PackWrite", "learn", "pack_alike"]

Look = tuple[object, ...]
"""The kind of operation, the names of the bins, and the types of their values, in their order."""
PackWrite = Callable[..., bytes | None]
"""Called with the policy's known header, the digest and the values; returns the request, or None if it can't."""

_MOST_KNOWN: Final = 128  # of one set: by looks, and by looks up to the types
_MOST_BINS: Final = 64
_OFTEN: Final = 4
"""How often a look must have been seen: to make a function takes as long as to pack some hundred bins."""
_seen: dict[tuple[SetNames, Look], int] = {}
_MOST_SEEN: Final = 1024

_FIXED: Final[dict[object, tuple[str, int, ParticleType]]] = {
    int: ("q", 8, ParticleType.INTEGER),
    float: ("d", 8, ParticleType.FLOAT),
    bool: ("?", 1, ParticleType.BOOL),
    NoneType: ("", 0, ParticleType.NULL),
}
_SIZED: Final[dict[object, tuple[str, ParticleType]]] = {
    str: ("value{at}.encode()", ParticleType.STRING),
    bytes: ("value{at}", ParticleType.BLOB),
    list: ("encode_value(value{at}, '')[1]", ParticleType.LIST),
    dict: ("encode_value(value{at}, '')[1]", ParticleType.MAP),
}
_OP_HEAD_SIZE: Final = 8
_OP_SIZE_SIZE: Final = 4  # which counts neither itself nor anything before it
_GLOBALS: Final[dict[str, Any]] = {
    "encode_value": encode_value,
    "NoneType": NoneType,  # all other types have their names among the builtins
    "join": b"".join,
    "UNFIT": (struct.error, TypeError, ValueError),
}


def pack_alike(
    key: Key, look: Look, header: bytes, values: Collection[object], extra: bytes = b""
) -> bytes | None:
    """The request of a write whose bins look like others' before it, if they do and nothing is wrong with them.

    Args:
        key: The record.
        look: How its bins look.
        header: The policy's, from `known_header`.
        values: Of the bins.
        extra: Fields behind the usual ones, which header counts.
    """
    names = key._names
    pack = names.writers.get(look)
    if pack is None:
        return None
    names.writers[look[: len(values) + 1]] = pack  # the next with these names may well look like it
    request = pack(header, key._digest, *values)
    if request is None or not extra:
        return request
    return insert_fields(request, FIRST_FIELD + len(names.fields) + DIGEST_BYTES, extra)


def learn(names: SetNames, look: Look, count: int) -> None:
    """Take note of a write that was packed by going slowly: who packs those that look like it may be worth making.

    Args:
        names: Of the record.
        look: How its bins look; their names have been checked.
        count: How many they are.
    """
    if (
        look in names.writers
        or count > _MOST_BINS
        or not all(kind in _FIXED or kind in _SIZED for kind in look[count + 1 :])
    ):
        return
    seen = _seen.pop((names, look), 0) + 1
    if seen < _OFTEN:
        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        _seen[names, look] = seen
        return
    writers = names.writers
    if len(writers) >= _MOST_KNOWN:
        writers.clear()
    writers[look] = writers[look[: count + 1]] = _made(names.fields, look, count)


def _made(fields: bytes, look: Look, count: int) -> PackWrite:
    source = _Source(fields, count)
    operation: Any = look[0]
    names: Sequence[Any] = look[1 : count + 1]
    kinds: Sequence[Any] = look[count + 1 :]
    for at, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        source.add(at, operation, name.encode(), kind)
    return source.compiled()


class _Source:
    """A function under construction.

    Args:
        fields: The request's fields, up to where the digest's bytes begin.
        count: How many bins there are.
    """

    def __init__(self, fields: bytes, count: int) -> None:
        self._globals: dict[str, Any] = dict(_GLOBALS)
        self._count = count
        self._others: list[str] = []  # what is true of values of other types
        self._sized: list[str] = []  # values of variable size
        self._values: list[str] = []  # lines that make them bytes
        self._pieces: list[str] = []  # of the result
        self._format = ">Q"
        self._given = ["start"]  # to the next call of struct
        self._size = MESSAGE_HEADER_SIZE + len(fields) + DIGEST_BYTES  # of all that is not of variable size
        self._same = b""
        self._give(f"{KNOWN_HEADER_SIZE}s", "header")
        self._same = count.to_bytes(2, "big") + fields
        self._give(f"{DIGEST_BYTES}s", "digest")

    def add(self, at: int, operation: int, name: bytes, kind: type) -> None:
        """One more bin.

        Args:
            at: Which.
            operation: What is done to it.
            name: Its name.
            kind: The type of its value.
        """
        self._others.append(f"type(value{at}) is not {kind.__name__}")
        head_size = _OP_HEAD_SIZE + len(name)
        self._size += head_size
        fixed = _FIXED.get(kind)
        if fixed is not None:
            code, size, particle = fixed
            self._size += size
            self._same += pack_op(operation, name, particle, bytes(size))[:head_size]
            if code:
                self._give(code, f"value{at}")
            return
        expression, particle = _SIZED[kind]
        value, made = f"value{at}", expression.format(at=at)
        if made != value:
            self._values.append(f"{value} = {made}")
        self._sized.append(value)
        self._give("I", f"len({value}) + {head_size - _OP_SIZE_SIZE}")
        self._same = pack_op(operation, name, particle)[_OP_SIZE_SIZE:]
        self._pack()
        self._pieces.append(value)

    def _give(self, code: str, value: str) -> None:
        self._end_same()
        self._format += code
        self._given.append(value)

    def _end_same(self) -> None:
        if self._same:
            name = f"SAME{len(self._globals)}"
            self._globals[name] = self._same
            self._format += f"{len(self._same)}s"
            self._given.append(name)
        self._same = b""

    def _pack(self) -> None:
        """One call for all that has been collected."""
        self._end_same()
        if self._given:
            name = f"pack{len(self._globals)}"
            self._globals[name] = struct.Struct(self._format).pack
            self._pieces.append(f"{name}({', '.join(self._given)})")
            self._format, self._given = ">", []

    def _sizes(self) -> list[str]:
        """Lines that tell what the frame begins with, and go no further where that is more than it can carry."""
        if not self._sized:
            return [f"start = {FRAME_START + self._size}"]
        sizes = " + ".join(f"len({value})" for value in self._sized)
        return [
            f"size = {sizes} + {self._size}",
            f"if size > {MAX_BODY_SIZE}:",
            "    return None",
            f"start = size + {FRAME_START}",
        ]

    def compiled(self) -> PackWrite:
        """The function."""
        self._pack()
        values = "".join(f", value{at}" for at in range(self._count))
        result = f"join(({', '.join(self._pieces)}))" if len(self._pieces) > 2 else " + ".join(self._pieces)
        lines = "\n        ".join([*self._values, *self._sizes(), f"return {result}"])
        source = (
            f"def pack_write(header, digest{values}):\n"
            f"    if {' or '.join(self._others)}:\n        return None\n"
            f"    try:\n        {lines}\n"
            f"    except UNFIT:\n        return None\n"
        )
        made: PackWrite = compiled_function(source, self._globals, "writes that look alike")
        return made
