"""Runs of rows that look alike and have the same size too, of which ``struct`` makes one tuple each.

Where the values of variable size have the same size in one row after the other, as numbers always have, and many
codes, dates and identifiers, much of what `alike_rows` does for each of them need not be done: a third of a row. A
run is tried behind each row that was read, until that was in vain a few times.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .row_look import FIXED, SIZED, Look, Piece, Role

__all__ = ["IN_VAIN", "uniform_run"]

IN_VAIN = 3
"""How many runs of no row are tried in a frame."""


def uniform_run(
    look: Look, spans: Sequence[tuple[str, str]], end: str, last: Sequence[str], most: str
) -> tuple[list[str], dict[str, Any]]:
    """The lines that read a run behind a row, and what they use by name.

    They stand in a loop, behind what becomes of a row that begins at ``at0``; that is where the next begins then.

    Args:
        look: How the rows look.
        spans: For each value of variable size the variables that hold where it begins and ends in that row.
        end: The variable that holds where that row ends.
        last: What becomes of each row.
        most: How many rows there may be at most, that one included; of ``size`` bytes each.
    """
    run = _Run()
    for at, piece in enumerate(look):
        run.add(at, piece)
    run.end_same()
    lengths = ", ".join(f"{behind} - {begin}" for begin, behind in spans)
    lines = [
        f"size = {end} - at0",
        f"if tries and size <= whole - {end}:",
        f"    run = rows_of({lengths}).iter_unpack(memoryview(frame)[at0 : at0 + {most} * size])",
        f"    {', '.join(run.first)}, = next(run)",
        f"    at0 = before = {end}",
        f"    for {', '.join(run.targets)}, in run:",
        f"        if {' or '.join(run.checks)}: break",
        *(f"        {line}" for line in [*run.lines, *last]),
        "        at0 += size",
        "    tries = IN_VAIN if at0 > before else tries - 1",
        "else:",
        f"    at0 = {end}",
    ]
    return lines, {"rows_of": run.rows_of(), "IN_VAIN": IN_VAIN}


class _Run:
    """A row as one call of ``struct`` takes it, piece by piece.

    Attributes:
        first: What the row before the run is unpacked into: what is the same in all that follow.
        targets: What each of these is unpacked into.
        checks: That the same is the same.
        lines: What makes values of bytes.
    """

    def __init__(self) -> None:
        self.first: list[str] = []
        self.targets: list[str] = []
        self.checks: list[str] = []
        self.lines: list[str] = []
        self._format = ">"
        self._same = 0  # bytes

    def add(self, at: int, piece: Piece) -> None:
        """One more piece of the look."""
        self._same += len(piece.head)
        if piece.role is Role.SAME or piece.letter == "n":
            return  # nothing at all stays nothing
        variable = piece.role.value or f"value{at}"
        if piece.letter in FIXED:
            self._take(FIXED[piece.letter], variable)
        else:
            self._same += 4  # its size
            self._take("{}s", variable)
            value = SIZED[piece.letter].format(at=at, value=variable)
            if value != variable:
                self.lines.append(f"{variable} = {value}")

    def _take(self, code: str, variable: str) -> None:
        self.end_same()
        self._format += code
        self.first.append("_")
        self.targets.append(variable)

    def end_same(self) -> None:
        """What has been the same so far is compared at once."""
        if self._same:
            number = len(self.first)
            self._format += f"{self._same}s"
            self.first.append(f"first{number}")
            self.targets.append(f"now{number}")
            self.checks.append(f"now{number} != first{number}")
            self._same = 0

    def rows_of(self) -> Any:
        """A function from the sizes of the values to what unpacks such rows."""
        layout = self._format

        @lru_cache(maxsize=64)
        def rows_of(*sizes: int) -> struct.Struct:
            return struct.Struct(layout.format(*sizes))

        return rows_of
