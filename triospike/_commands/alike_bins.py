"""Packs bins that look alike, as fast as Python can.

Most writes of a program have the same bins, with values of the same types, as many before them. Then what stands
before the values is the same but for the sizes, and one ``struct`` call packs all from one value of variable size
to the next. The functions made here do that for one look each; what they can't pack, `write` does, going slowly,
and says what is wrong.

They are compiled for the types of a look's values: a loop over the bins would take several times the time. Nothing
of what a program writes is part of what is compiled; names are handed in.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from .._wire.flags import ParticleType
from .._wire.message import pack_op
from .._wire.particle import encode_value
from .compiling import compiled_function

__all__ = ["FEW", "learn", "pack_alike"]

Look = tuple[object, ...]
"""The kind of operation, the names of the bins, and the types of their values, in their order."""
_Pack = Callable[[Iterable[Any]], bytes]
"""Called with the values; returns the operations. Raises what `struct` and `encode_value` do."""

FEW: Final = 2
"""Bins of fewer than this many are packed as fast by going slowly."""

_known: Final[dict[Look, _Pack]] = {}
_MOST_KNOWN: Final = 256
_MOST_BINS: Final = 64
_OFTEN: Final = 4
"""How often a look must have been seen: to make a function takes as long as to pack some hundred bins."""
_seen: dict[Look, int] = {}
_MOST_SEEN: Final = 1024

_FIXED: Final[dict[object, tuple[str, int, ParticleType]]] = {
    int: ("q", 8, ParticleType.INTEGER),
    float: ("d", 8, ParticleType.FLOAT),
    bool: ("?", 1, ParticleType.BOOL),
    type(None): ("", 0, ParticleType.NULL),
}
_SIZED: Final[dict[object, tuple[str, ParticleType]]] = {
    str: ("value{at}.encode()", ParticleType.STRING),
    bytes: ("value{at}", ParticleType.BLOB),
    list: ("encode_value(value{at}, '')[1]", ParticleType.LIST),
    dict: ("encode_value(value{at}, '')[1]", ParticleType.MAP),
}
_HEAD_SIZE: Final = 4  # of what is counted besides name and value


def pack_alike(look: Look, values: Iterable[Any]) -> bytes | None:
    """The operations on some bins, if such bins are known, and nothing is wrong with their values.

    Args:
        look: How they look.
        values: Their values.
    """
    pack = _known.get(look)
    if pack is None:
        return None
    try:
        return pack(values)
    except (struct.error, TypeError, ValueError):
        return None


def learn(look: Look, count: int) -> None:
    """Take note of bins that were packed by going slowly: who packs those that look like them may be worth making.

    Args:
        look: How they look; the names have been checked.
        count: How many they are.
    """
    if count > _MOST_BINS or not all(kind in _FIXED or kind in _SIZED for kind in look[count + 1 :]):
        return
    seen = _seen.pop(look, 0) + 1
    if seen < _OFTEN:
        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        _seen[look] = seen
        return
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[look] = _made(look, count)


def _made(look: Look, count: int) -> _Pack:
    source = _Source()
    operation: Any = look[0]
    names: Sequence[Any] = look[1 : count + 1]
    for at, (name, kind) in enumerate(zip(names, look[count + 1 :], strict=True)):
        source.add(at, operation, name.encode(), kind)
    return source.compiled(count)


class _Source:
    """A function under construction."""

    def __init__(self) -> None:
        self._globals: dict[str, Any] = {"encode_value": encode_value}
        self._lines: list[str] = []
        self._pieces: list[str] = []  # of the result
        self._format = ">"
        self._given: list[str] = []  # to the next call of struct
        self._same = b""

    def add(self, at: int, operation: int, name: bytes, kind: object) -> None:
        """One more bin.

        Args:
            at: Which.
            operation: What is done to it.
            name: Its name.
            kind: The type of its value.
        """
        fixed = _FIXED.get(kind)
        if fixed is not None:
            code, size, particle = fixed
            self._same += pack_op(operation, name, particle, bytes(size))[: len(name) + 8]
            if code:
                self._give(code, f"value{at}")
            return
        expression, particle = _SIZED[kind]
        self._lines.append(f"value{at} = {expression.format(at=at)}")
        self._give("I", f"len(value{at}) + {len(name) + _HEAD_SIZE}")
        self._same += pack_op(operation, name, particle)[4:]
        self._pack()
        self._pieces.append(f"value{at}")

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

    def compiled(self, count: int) -> _Pack:
        """The function, for that many bins."""
        self._pack()
        values = "".join(f"value{at}, " for at in range(count))
        result = f"join(({', '.join(self._pieces)}))" if len(self._pieces) > 2 else " + ".join(self._pieces)
        lines = "\n    ".join([f"{values}= values", *self._lines, f"return {result}"])
        source = f"def pack_alike(values):\n    {lines}\n"
        made: _Pack = compiled_function(source, {**self._globals, "join": b"".join}, "bins that look alike")
        return made
