"""The few cells that cover a region, as a server finds them.

The largest cell that is only partly covered is divided again and again, as long as there are not too many. Which
of several equal ones comes first is a matter of the heap that they are kept in, so this is made like the server's.
A search begins with the faces of the cube, where the server begins near the region: in about one case of a hundred
that leads to other cells, which cover the region as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from .cells import MAX_LEVEL, Cell
from .regions import Region

__all__ = ["cover"]

_MAX_CELLS: Final = 12
_MIN_LEVEL: Final = 1
_QUARTERS: Final = 4
_FACES: Final = 6
_WHOLE_FACE: Final = 1 << 2 * MAX_LEVEL
"""The lowest bit of the number of a cell that is a whole face of the cube."""


@attrs.define
class _Candidate:
    """A cell that the region touches."""

    cell: Cell
    is_terminal: bool
    children: list[_Candidate] = attrs.field(factory=list)
    priority: int = 0


def cover(region: Region) -> list[int] | None:
    """Numbers of the cells, in order; None if the region takes more of them than a server allows."""
    covering = _Covering(region)
    numbers = _divided(_merged(covering.run()))
    return numbers if len(numbers) <= _MAX_CELLS else None


class _Covering:
    """One search."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._found: list[int] = []
        self._heap = _Heap()

    def run(self) -> list[int]:
        for face in range(_FACES):
            self._add(self._candidate(Cell.of_face(face)))
        while self._heap.entries:
            candidate = self._heap.pop()
            children = candidate.children
            in_all = len(self._found) + len(self._heap.entries) + len(children)
            if candidate.cell.level < _MIN_LEVEL or len(children) == 1 or in_all <= _MAX_CELLS:
                for child in children:
                    self._add(child)
            else:
                self._found.append(candidate.cell.number)
        return self._found

    def _candidate(self, cell: Cell) -> _Candidate | None:
        if not self._region.may_touch(cell):
            return None
        is_terminal = cell.level >= _MIN_LEVEL and (cell.level >= MAX_LEVEL or self._region.covers(cell))
        return _Candidate(cell, is_terminal)

    def _add(self, candidate: _Candidate | None) -> None:
        if candidate is None:
            return
        cell = candidate.cell
        if not candidate.is_terminal:
            children = [self._candidate(child) for child in cell.children()]
            candidate.children = [child for child in children if child is not None]
            if not candidate.children:
                return
            n_terminal = sum(child.is_terminal for child in candidate.children)
            if n_terminal < _QUARTERS or cell.level < _MIN_LEVEL:
                order = (cell.level * _QUARTERS + len(candidate.children)) * _QUARTERS + n_terminal
                candidate.priority = -order
                self._heap.push(candidate)
                return
        self._found.append(cell.number)


class _Heap:
    """A binary heap with the greatest priority on top; equal ones leave it as they leave the server's."""

    def __init__(self) -> None:
        self.entries: list[_Candidate] = []

    def push(self, candidate: _Candidate) -> None:
        self.entries.append(candidate)
        self._rise(len(self.entries) - 1, candidate)

    def pop(self) -> _Candidate:
        entries = self.entries
        top, last = entries[0], entries.pop()
        if entries:
            self._sink(last)
        return top

    def _rise(self, at: int, candidate: _Candidate) -> None:
        entries = self.entries
        while at and entries[(at - 1) // 2].priority < candidate.priority:
            entries[at] = entries[(at - 1) // 2]
            at = (at - 1) // 2
        entries[at] = candidate

    def _sink(self, candidate: _Candidate) -> None:
        """Let the greater child rise into every gap, down to the lowest; the candidate rises from there."""
        entries = self.entries
        at = 0
        while 2 * at + 1 < len(entries):
            child = 2 * at + 2
            if child == len(entries) or entries[child].priority < entries[child - 1].priority:
                child -= 1
            entries[at] = entries[child]
            at = child
        self._rise(at, candidate)


def _lowest_bit(number: int) -> int:
    return number & -number


def _merged(numbers: Iterable[int]) -> list[int]:
    """The cells in order, each four that make up a cell replaced by it."""
    merged: list[int] = []
    for added in sorted(numbers):
        number = added
        while len(merged) >= _QUARTERS - 1 and _lowest_bit(number) < _WHOLE_FACE:
            parent = _parent(number)
            if {*merged[1 - _QUARTERS :], number} != set(_quarters(parent)):
                break
            del merged[1 - _QUARTERS :]
            number = parent
        merged.append(number)
    return merged


def _parent(number: int) -> int:
    bit = _lowest_bit(number) << 2
    return number & -bit | bit


def _quarters(number: int) -> list[int]:
    bit = _lowest_bit(number)
    return [number - bit + (2 * place + 1) * (bit >> 2) for place in range(_QUARTERS)]


def _divided(numbers: Iterable[int]) -> list[int]:
    """The cells, whole faces divided."""
    divided = []
    for number in numbers:
        divided += _quarters(number) if _lowest_bit(number) == _WHOLE_FACE else [number]
    return divided
