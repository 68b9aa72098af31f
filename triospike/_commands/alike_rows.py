"""Reads rows, and answers for one record, that look alike, as fast as Python can.

The records of a set mostly have the same bins, with values of the same types. Then the bytes between the values
are the same in every row but for the sizes, and one ``struct`` call reads all from one value of variable size to
the next. The functions made here do that for one look each: they read as many rows as have it, and stop before
one that has not, or with which anything is wrong. What is wrong, `batch_answer` and `rows` find out, by going
slowly, and `record_parser`.

They are compiled for the kinds of a look's values: a loop over the bins would take twice the time. Nothing that a
server sent is part of what is compiled; names and sizes are handed in.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from .. import clock
from .._wire.particle import decode_value
from .._wire.units import ttl_from_void_time
from ..batch import BatchResult
from ..key import Key, SetNames
from ..record import Record
from ..values import OpaqueBlob
from .batch_row import Row
from .compiling import compiled_function
from .row_look import FIXED, SIZED, SKIPPED, Look, Piece, Role
from .uniform_rows import IN_VAIN, uniform_run

__all__ = [
    "ReadAnswer",
    "ReadFound",
    "ReadRecords",
    "ReadResults",
    "answer_reader",
    "found_reader",
    "known_reader",
    "operated_reader",
    "reader_of",
    "records_reader",
    "results_reader",
]

ReadRecords = Callable[[bytes, int, int, Sequence[Key], list[Any], object, float], int]
"""Called with frame, offset, end, keys, answers, waiting and the time, as in `read_records`; returns the offset of
the first row that it did not read. So do the others."""
_Put = Callable[[BatchResult], Any]
ReadResults = Callable[
    [bytes, int, int, Sequence[Key], Sequence[Any], object, float, Sequence[Row] | Row, str, _Put], int
]
"""The same with the rows of the batch, the name of the node, and what takes the results."""
ReadFound = Callable[[bytes, int, int, int, list[Record], list[bytes], list[int], float], int]
"""Called with frame, offset, end, most rows, records, digests, values in the index, and the time."""
ReadAnswer = Callable[[bytes, int, Key], Record | None]
"""Called with the frame, its size, and the key; returns None where the frame looks different."""

_MOST_KNOWN: Final = 256
_known: dict[tuple[object, ...], Any] = {}
_GLOBALS: Final[dict[str, Any]] = {
    "Record": Record,
    "BatchResult": BatchResult,
    "OpaqueBlob": OpaqueBlob,
    "new": object.__new__,  # to fill the slots here takes half the time of `Record(...)`
    "decode_value": decode_value,
    "ttl_of": ttl_from_void_time,
    "clock": clock,
    "STOP": (struct.error, UnicodeDecodeError, IndexError),
}


def known_reader(*identity: object) -> Any | None:
    """A function that was made already, by what it was made of."""
    return _known.get(identity)


def reader_of(make: Callable[..., Any], *identity: object) -> Any:
    """Have a function made, for all who look for it by what it is made of.

    Args:
        make: `answer_reader`, `operated_reader`, `records_reader`, `results_reader` or `found_reader`.
        identity: Its arguments.
    """
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    made = _known[(make, *identity)] = make(*identity)
    return made


# The kinds of readers. Making one takes about a millisecond: several rows should have the look.


def answer_reader(look: Look) -> ReadAnswer:
    """The function that reads answers for one record."""
    return _answer_reader(look, results=False)


def operated_reader(look: Look) -> ReadAnswer:
    """The function that reads answers to operations on one record."""
    return _answer_reader(look, results=True)


def _answer_reader(look: Look, *, results: bool) -> ReadAnswer:
    source = _Source(look, alone=True)
    record = source.record("key", results=results, now="clock.wall_clock()")
    made: ReadAnswer = source.compiled(
        "frame, whole, key",
        "while True:",
        [*record, "return record"],
        failed="None",
        most="",
    )
    return made


def records_reader(look: Look) -> ReadRecords:
    """The function that reads rows of a batch's answer as records."""
    source = _Source(look)
    made: ReadRecords = source.compiled(
        "frame, at0, whole, keys, answers, waiting, now",
        "while at0 < whole:",
        ["if answers[index] is not waiting: break", *source.record("keys[index]"), "answers[index] = record"],
    )
    return made


def results_reader(look: Look, operated: bool, each: bool) -> ReadResults:
    """The function that reads rows of a batch's answer as results.

    Args:
        look: How they look.
        operated: They hold results of operations.
        each: Whether they do is to be looked up for each row; else they are all alike.
    """
    source = _Source(look)
    source.globals["OPERATED"] = operated
    check = ["row = rows[index]", "if row.deletes or row.operated is not OPERATED: break"] if each else []
    made: ReadResults = source.compiled(
        "frame, at0, whole, keys, answers, waiting, now, rows, node, take",
        "while at0 < whole:",
        [
            "if answers[index] is not waiting: break",
            *check,
            "key = keys[index]",
            *source.record("key", results=operated),
            "result = new(BatchResult)",
            "result.index = index",
            "result.key = key",
            "result.result_code = 0",
            "result.record = record",
            "result.in_doubt = False",
            "result.node = node",
            "result._failure = None",
            "take(result)",
        ],
    )
    return made


def found_reader(look: Look, names: SetNames, operated: bool, with_values: bool) -> ReadFound:
    """The function that reads rows of a scan or query.

    Args:
        look: How they look.
        names: Of their set.
        operated: They hold results of operations.
        with_values: Their values in an index are wanted.
    """
    source = _Source(look)
    source.globals["NAMES"] = names
    keyed = any(piece.role is Role.USER_KEY for piece in look)
    key = "NAMES, user_key, digest" if keyed else "digest"
    take = ["values.append(int.from_bytes(index_value, 'little'))"] if with_values else []
    made: ReadFound = source.compiled(
        "frame, at0, whole, left, records, digests, values, now",
        "while left:",
        [
            *take,
            *source.record(key, results=operated),
            *([] if keyed else ["record._names = NAMES"]),
            "records.append(record)",
            "digests.append(digest)",
            "left -= 1",
        ],
        most="min((whole - at0) // size, left + 1)",
    )
    return made


class _Source:
    """A function under construction.

    Args:
        look: How its rows look.
        alone: There is one, which is the whole frame.

    Attributes:
        globals: What it uses by name.
    """

    def __init__(self, look: Look, *, alone: bool = False) -> None:
        self.globals: dict[str, Any] = dict(_GLOBALS)
        self._lines: list[str] = []
        self._format = ">"
        self._taken: list[str] = []
        self._checks: list[str] = []
        self._same = b""
        self._constants = 0
        self._part = 0
        self._place = 0
        self._begin = "0" if alone else "at0"
        self._last = look[-1] if alone else None  # which ends where the frame does
        self._bins: list[tuple[str, str]] = []
        self._look = look
        self._spans: list[tuple[str, str]] = []
        for at, piece in enumerate(look):
            self._add(at, piece)
        self._unpack()
        if alone and look[-1].letter not in SIZED:
            self._lines.append(f"if {self.end} != whole: break")

    def _add(self, at: int, piece: Piece) -> None:
        if piece.role is Role.SAME:
            self._same += piece.head
            return
        if piece.role is Role.SKIPPED:
            self._end_same()
            self._format += SKIPPED
            return
        variable = piece.role.value or f"value{at}"
        if piece.role is Role.BIN:
            self.globals |= {f"NAME{at}": piece.name, f"KIND{at}": piece.kind}
            self._bins.append((f"NAME{at}", variable))
        if piece.letter == "n":
            self._same += piece.head
            self._lines.append(f"{variable} = None")
        elif piece.letter in FIXED:
            self._same += piece.head
            self._fixed(FIXED[piece.letter], variable)
        else:
            self._sized(at, piece, variable)

    def _fixed(self, code: str, variable: str) -> None:
        self._end_same()
        self._format += code
        self._taken.append(variable)

    def _end_same(self) -> None:
        """What has been the same so far is compared at once."""
        if self._same:
            name = f"{self._constants}"
            self._constants += 1
            self.globals[f"SAME{name}"] = self._same
            self._format += f"{len(self._same)}s"
            self._taken.append(f"same{name}")
            self._checks.append(f"same{name} != SAME{name}")
            self._same = b""

    def _sized(self, at: int, piece: Piece, variable: str) -> None:
        self._fixed("I", "length")
        self._same = piece.head
        self._unpack()
        self.globals[f"OVER{at}"] = len(piece.head)
        begin, end = self.end, self._next_place()
        value = SIZED[piece.letter].format(at=at, value=f"frame[{begin}:{end}]")
        self._spans.append((begin, end))
        fits = f"{begin} <= {end} <= whole" if piece is not self._last else f"{end} == whole"
        self._lines += [
            f"{end} = {begin} + length - OVER{at}",
            f"if not ({fits}): break",
            f"{variable} = {value}",
        ]

    def _unpack(self) -> None:
        """One call for all that has been collected."""
        self._end_same()
        if not self._taken:
            return
        part, begin = self._part, self.end
        packed = struct.Struct(self._format)
        self.globals |= {f"part{part}": packed.unpack_from, f"SIZE{part}": packed.size}
        self._lines.append(f"{', '.join(self._taken)}, = part{part}(frame, {begin})")
        if self._checks:
            self._lines.append(f"if {' or '.join(self._checks)}: break")
        self._lines.append(f"{self._next_place()} = {f'{begin} + ' * (begin != '0')}SIZE{part}")
        self._part += 1
        self._format, self._taken, self._checks = ">", [], []

    @property
    def end(self) -> str:
        """What holds the offset behind what is read so far; at last, behind a row."""
        return f"at{self._place}" if self._place else self._begin

    def _next_place(self) -> str:
        self._place += 1
        return self.end

    def record(self, key: str, *, results: bool = False, now: str = "now") -> list[str]:
        """The lines that make the record of a row; of several values for one bin the last, or all results."""
        items = self._bins
        made = ""
        if results:
            made = "".join(f"({name}, {value}), " for name, value in items)
            items = self._gathered()
        return [
            "record = new(Record)",
            f"record._key = {key}",
            f"record.bins = {{{', '.join(f'{name}: {value}' for name, value in items)}}}",
            "record.generation = generation",
            f"record.ttl = ttl_of(void_time, {now}) if void_time else None",
            f"record.results = ({made})",
        ]

    def _gathered(self) -> list[tuple[str, str]]:
        """As `gather`: where a bin has several values, a list of them."""
        gathered: dict[str, tuple[str, list[str]]] = {}
        for name, value in self._bins:
            gathered.setdefault(self.globals[name], (name, []))[1].append(value)
        return [
            (name, values[0] if len(values) == 1 else f"[{', '.join(values)}]")
            for name, values in gathered.values()
        ]

    def compiled(
        self,
        arguments: str,
        loop: str,
        last: Sequence[str],
        failed: str = "at0",
        most: str = "((whole - at0) // size)",
    ) -> Any:
        """The function.

        Args:
            arguments: What it is called with.
            loop: How it goes from row to row.
            last: What becomes of each row.
            failed: What is returned before a row that is not like the others.
            most: How many rows there may be from ``at0`` on, if all have ``size`` bytes; empty for a single one.
        """
        run: Sequence[str] = ()
        tries = ""
        if most:
            tries = f"\n    tries = {IN_VAIN}"
            run, used = uniform_run(self._look, self._spans, self.end, last, most)
            self.globals |= used
        lines = "\n            ".join([*self._lines, *last, *run])
        source = f"""def read_alike({arguments}):{tries}
    try:
        {loop}
            {lines}
    except STOP:
        pass
    return {failed}
"""
        return compiled_function(source, self.globals, "rows that look alike")
