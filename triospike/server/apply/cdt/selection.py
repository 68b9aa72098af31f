"""What a selector selects, apart from what is then done with it.

The same selection serves for reading, for removing, and for each return type. Numbers are told in runs, since a
server that counts them from the end turns round whole runs: indexes 0, 1, 2 of five, reversed, are 2, 3, 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import attrs

from ....result_code import ResultCode
from ...refusal import Refusal

__all__ = [
    "ALL",
    "Run",
    "Runs",
    "Selection",
    "Want",
    "clip",
    "each",
    "inverted_range",
    "nothing_at",
    "others",
    "outside",
    "relative",
]

ALL: Final = 0xFFFFFFFF
"""Count of a range whose end is not told."""

_INVERTED = 0x10000
_RETURN_TYPE = 0xFFFF

Run: TypeAlias = tuple[int, int]
"""First number, and how many of them."""

Runs: TypeAlias = Sequence[Run]


@attrs.frozen
class Want:
    """What is asked of a selection.

    Attributes:
        kind: Return type.
        inverted: Everything else is wanted.
        single: One element is selected, and its value alone returned instead of a list.
    """

    kind: int
    inverted: bool
    single: bool

    @classmethod
    def of(cls, return_type: int, *, single: bool = False) -> Want:
        """Take a return type with its flag apart."""
        return cls(return_type & _RETURN_TYPE, bool(return_type & _INVERTED), single)

    def refuse_inverted_single(self) -> None:
        """Refuse to return everything but one element as one element."""
        if self.inverted and self.single:
            raise Refusal(ResultCode.OP_NOT_APPLICABLE)


@attrs.frozen(eq=False)
class Selection:
    """Some elements of a list or map.

    Attributes:
        total: How many elements there are.
        positions: The elements, in the order in which their values are told.
        indexes: Their indexes, in the order in which these are told; made when asked for.
        ranks: Their ranks likewise; None if they can't be asked for.
        index_range: The only run of indexes; None if it can't be asked for.
        rank_range: The only run of ranks likewise.
        exists: Whether anything is told to be selected.
        turns: Ranges turn round when they are counted from the end.
    """

    total: int
    positions: Sequence[int]
    indexes: Callable[[], Runs]
    ranks: Callable[[], Runs] | None
    index_range: Run | None = None
    rank_range: Run | None = None
    exists: bool = False
    turns: bool = True


def nothing_at(total: int, at: int, *, index_range: bool = True, rank_range: bool = True) -> Selection:
    """No element.

    Args:
        total: How many elements there are.
        at: Where the range without elements begins.
        index_range: A range of indexes may be asked for.
        rank_range: A range of ranks may be asked for.
    """
    return Selection(
        total,
        (),
        tuple,
        tuple,
        index_range=(at, 0) if index_range else None,
        rank_range=(at, 0) if rank_range else None,
        turns=False,
    )


def each(numbers: Iterable[int]) -> Runs:
    """Numbers that are turned round one by one."""
    return [(number, 1) for number in numbers]


def others(total: int, positions: Iterable[int]) -> list[int]:
    """All positions but some."""
    gone = set(positions)
    return [at for at in range(total) if at not in gone]


def outside(start: int, count: int, total: int) -> list[Run]:
    """The runs in front of a run and behind it."""
    return [(0, start), (start + count, total - start - count)]


def inverted_range(start: int, count: int, total: int) -> list[Run]:
    """What is left without a range: two runs only if it lies in the middle."""
    if count == 0:
        return [(0, total)]
    if start == 0:
        return [(count, total - count)]
    if start + count >= total:
        return [(0, start)]
    return outside(start, count, total)


def clip(index: int, count: int, total: int, *, single: bool) -> Run:
    """The part of a range that is inside the container.

    Args:
        index: First index or rank; negative from the end.
        count: How many.
        total: How many elements there are.
        single: The range is one element, which must be there.

    Raises:
        Refusal: It is not.
    """
    if single:
        at = index + total if index < 0 else index
        if not 0 <= at < total:
            raise Refusal(ResultCode.OP_NOT_APPLICABLE)
        return at, min(count, total - at)
    if index >= total:
        return total, 0
    at = index + total if index < 0 else index
    if at < 0:
        return 0, min(max(count + at, 0), total)
    return at, min(count, total - at)


def relative(index: int, count: int, origin: int) -> Run:
    """A range counted from another place: what lies before the first element is cut off."""
    at = index + origin
    return (at, count) if at >= 0 else (0, max(count + at, 0))
