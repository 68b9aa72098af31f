"""Reads rows that look alike, as fast as Python can.

The records of a set mostly have the same bins, with values of the same types. Then the bytes between the values
are the same in every row but for the sizes, and one ``struct`` call reads all from one value of variable size to
the next. The functions made here do that for one look each: they read as many rows as have it, and stop before
one that has not, or with which anything is wrong. What is wrong, `batch_answer` finds out, by going slowly.

They are compiled for the kinds of a look's values: a loop over the bins would take twice the time. Nothing that a
server sent is part of what is compiled; names and sizes are handed in.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from .._wire.particle import decode_value
from .._wire.units import ttl_from_void_time
from ..key import Key
from ..record import Record

__all__ = ["BinLook", "Look", "ReadAlike", "known_reader", "look_of", "reader_of"]

_ROW = ">3xBxBIIII"
"""A row's header: info3, result code, generation, void-time, index, numbers of fields and of operations."""
_OP = struct.Struct(">IxBxB")
_STRING = 3
_NUMBERS = {1: "q", 2: "d"}
_MOST_BINS = 64

ReadAlike = Callable[[bytes, int, int, Sequence[Key], list[Any], object, float], int]
"""Called with frame, offset, end, keys, answers, waiting and the time, as in `read_records`; returns the offset of
the first row that it did not read."""


class BinLook(NamedTuple):
    """How one bin of a row looks.

    Attributes:
        head: The bytes before the value: all of them for a number, without the size for others.
        name: The bin's name.
        kind: The type of its value.
    """

    head: bytes
    name: str
    kind: int


Look = tuple[BinLook, ...]
_MOST_KNOWN = 256
_known: dict[Look, ReadAlike] = {}


def look_of(frame: bytes, at: int, n_ops: int) -> Look | None:
    """How a row looks that has been read already, so that its sizes are right.

    Args:
        frame: Where it stands.
        at: The offset of its first bin.
        n_ops: How many bins it has.

    Returns:
        The look of each bin; None where it is not worth the while.
    """
    if not 0 < n_ops <= _MOST_BINS:
        return None
    look = []
    for _ in range(n_ops):
        size, kind, name_size = _OP.unpack_from(frame, at)
        value_at = at + 8 + name_size
        behind = at + 4 + size
        if kind in _NUMBERS and behind - value_at != 8:
            return None
        head = frame[at if kind in _NUMBERS else at + 4 : value_at]
        look.append(BinLook(head, frame[at + 8 : value_at].decode(), kind))
        at = behind
    return tuple(look)


def known_reader(look: Look) -> ReadAlike | None:
    """The function that reads rows of a look, if there is one already.

    Args:
        look: From `look_of`.
    """
    return _known.get(look)


def reader_of(look: Look) -> ReadAlike:
    """The function that reads rows of a look. Making it takes about a millisecond: several rows should have it.

    Args:
        look: From `look_of`.
    """
    names: dict[str, Any] = {
        "Record": Record,
        "decode_value": decode_value,
        "ttl_of": ttl_from_void_time,
        "STOP": (struct.error, UnicodeDecodeError, IndexError),
        "counts": len(look),
    }
    formats, form = [], _ROW
    for at, (head, name, kind) in enumerate(look):
        names |= {f"name{at}": name, f"head{at}": head, f"kind{at}": kind, f"over{at}": len(head)}
        if kind in _NUMBERS:
            form += f"{len(head)}s{_NUMBERS[kind]}"
        else:
            formats.append(form + f"I{len(head)}s")
            form = ">"
    for at, packed in enumerate([*formats, form]):
        part = struct.Struct(packed)
        names |= {f"part{at}": part.unpack_from, f"size{at}": part.size}
    exec(_code("".join(_letter(each.kind) for each in look)), names)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    made: ReadAlike = names["read_alike"]
    _known[look] = made
    return made


def _letter(kind: int) -> str:
    return _NUMBERS.get(kind) or ("t" if kind == _STRING else "v")


@lru_cache(maxsize=256)
def _code(letters: str) -> CodeType:
    """The function for values of these kinds: ``q`` and ``d`` are numbers, ``t`` is text, ``v`` anything else."""
    lines: list[str] = []
    taken = ["info3", "code", "generation", "void_time", "index", "found"]
    checks = ["info3", "code", "found != counts"]
    part = 0

    def unpack() -> None:
        if taken:
            lines.append(f"{', '.join(taken)}, = part{part}(frame, at{part})")
            lines.append(f"if {' or '.join(checks)}: break")

    for bin_at, letter in enumerate(letters):
        checks.append(f"told{bin_at} != head{bin_at}")
        if letter in "qd":
            taken += [f"told{bin_at}", f"value{bin_at}"]
            continue
        taken += [f"length{bin_at}", f"told{bin_at}"]
        unpack()
        read = "frame[begin:end].decode()" if letter == "t" else f"decode_value(kind{bin_at}, frame[begin:end])"
        lines += [
            f"begin = at{part} + size{part}",
            f"end = begin + length{bin_at} - over{bin_at}",
            "if not begin <= end <= whole: break",
            f"value{bin_at} = {read}",
            f"at{part + 1} = end",
        ]
        part += 1
        taken, checks = [], []
    unpack()
    bins = ", ".join(f"name{at}: value{at}" for at in range(len(letters)))
    lines += [
        "if answers[index] is not waiting: break",
        "ttl = ttl_of(void_time, now) if void_time else None",
        f"answers[index] = Record(keys[index], {{{bins}}}, generation, ttl)",
        f"at0 = at{part} + size{part}",
    ]
    body = "\n            ".join(lines)
    source = f"""
def read_alike(frame, at0, whole, keys, answers, waiting, now):
    try:
        while at0 < whole:
            {body}
    except STOP:
        pass
    return at0
"""
    return compile(source, f"<rows of {letters}>", "exec")
