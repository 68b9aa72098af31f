"""What functions that select elements of lists and maps give of them, and so the type of their results."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

import attrs

from .._wire.opcodes import ReturnType
from .kinds import BoolExp, IntExp, ListExp, MapExp
from .nodes import Expression

__all__ = ["Many", "One"]

_Result = TypeVar("_Result", bound=Expression, covariant=True)
_Kind = TypeVar("_Kind", bound=Expression)


@attrs.frozen(repr=False, slots=False)
class One(Generic[_Result]):
    """What to give of one selected element. Its value is what the type of the value alone stands for.

    ``exp.map_get_by_key(ages, "ada", exp.IntExp)`` is the value, an int; with ``exp.One.RANK`` it is the rank.

    Attributes:
        number: The protocol's number.
        kind: The type of the result.
        text: How a program writes it.
    """

    number: int
    kind: type[_Result]
    text: str = attrs.field(eq=False)

    INDEX: ClassVar[One[IntExp]]
    """The position: in a list, or by key in a map."""
    REVERSE_INDEX: ClassVar[One[IntExp]]
    """The position from the end."""
    RANK: ClassVar[One[IntExp]]
    """The rank of the value, 0 being the lowest."""
    REVERSE_RANK: ClassVar[One[IntExp]]
    """The rank from the highest."""
    COUNT: ClassVar[One[IntExp]]
    """By key: 1 if there is such an item, else 0. A position or rank that is not there has no result."""
    EXISTS: ClassVar[One[BoolExp]]
    """By key: whether there is such an item. A position or rank that is not there has no result."""
    KEY_VALUE: ClassVar[One[MapExp]]
    """Of a map: the item."""
    UNORDERED_MAP: ClassVar[One[MapExp]]
    """Of a map: the item, in an unordered map."""
    ORDERED_MAP: ClassVar[One[MapExp]]
    """Of a map: the item, in a key-ordered map."""

    @staticmethod
    def key(kind: type[_Kind]) -> One[_Kind]:
        """Of a map: the key.

        Args:
            kind: Its type.
        """
        return One(ReturnType.KEY, kind, f"exp.One.key(exp.{kind.__name__})")

    def __repr__(self) -> str:
        return self.text


@attrs.frozen(repr=False, slots=False)
class Many(Generic[_Result]):
    """What to give of all selected elements.

    Attributes:
        number: The protocol's number.
        kind: The type of the result.
        text: How a program writes it.
    """

    number: int
    kind: type[_Result]
    text: str = attrs.field(eq=False)

    VALUE: ClassVar[Many[ListExp]]
    """The values."""
    KEY: ClassVar[Many[ListExp]]
    """Of a map: the keys."""
    INDEX: ClassVar[Many[ListExp]]
    """The positions: in a list, or by key in a map."""
    REVERSE_INDEX: ClassVar[Many[ListExp]]
    """The positions from the end."""
    RANK: ClassVar[Many[ListExp]]
    """The ranks of the values, 0 being the lowest."""
    REVERSE_RANK: ClassVar[Many[ListExp]]
    """The ranks from the highest."""
    COUNT: ClassVar[Many[IntExp]]
    """How many were selected."""
    EXISTS: ClassVar[Many[BoolExp]]
    """Whether any was selected."""
    KEY_VALUE: ClassVar[Many[MapExp]]
    """Of a map: the items, in the order of the selection."""
    UNORDERED_MAP: ClassVar[Many[MapExp]]
    """Of a map: the items, in an unordered map."""
    ORDERED_MAP: ClassVar[Many[MapExp]]
    """Of a map: the items, in a key-ordered map."""

    def __repr__(self) -> str:
        return self.text


def _one(number: ReturnType, kind: type[_Kind]) -> One[_Kind]:
    return One(number, kind, f"exp.One.{number.name}")


def _many(number: ReturnType, kind: type[_Kind]) -> Many[_Kind]:
    return Many(number, kind, f"exp.Many.{number.name}")


One.INDEX = _one(ReturnType.INDEX, IntExp)
One.REVERSE_INDEX = _one(ReturnType.REVERSE_INDEX, IntExp)
One.RANK = _one(ReturnType.RANK, IntExp)
One.REVERSE_RANK = _one(ReturnType.REVERSE_RANK, IntExp)
One.COUNT = _one(ReturnType.COUNT, IntExp)
One.EXISTS = _one(ReturnType.EXISTS, BoolExp)
One.KEY_VALUE = _one(ReturnType.KEY_VALUE, MapExp)
One.UNORDERED_MAP = _one(ReturnType.UNORDERED_MAP, MapExp)
One.ORDERED_MAP = _one(ReturnType.ORDERED_MAP, MapExp)
Many.VALUE = _many(ReturnType.VALUE, ListExp)
Many.KEY = _many(ReturnType.KEY, ListExp)
Many.INDEX = _many(ReturnType.INDEX, ListExp)
Many.REVERSE_INDEX = _many(ReturnType.REVERSE_INDEX, ListExp)
Many.RANK = _many(ReturnType.RANK, ListExp)
Many.REVERSE_RANK = _many(ReturnType.REVERSE_RANK, ListExp)
Many.COUNT = _many(ReturnType.COUNT, IntExp)
Many.EXISTS = _many(ReturnType.EXISTS, BoolExp)
Many.KEY_VALUE = _many(ReturnType.KEY_VALUE, MapExp)
Many.UNORDERED_MAP = _many(ReturnType.UNORDERED_MAP, MapExp)
Many.ORDERED_MAP = _many(ReturnType.ORDERED_MAP, MapExp)
