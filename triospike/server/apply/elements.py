"""The port by which operations on paths evaluate expressions for elements of containers (protocol section 10.6).

Expressions call the operations on lists and maps, and these call expressions: whoever applies an operation passes
on what builds expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeAlias

import attrs

__all__ = ["BuildElementExpression", "Element", "ElementExpression", "ElementResult"]


@attrs.frozen
class Element:
    """One element, each part packed in canonical form, or None where it has no such part.

    Attributes:
        key: Its key in a map.
        value: The element itself, or the value behind the key.
        index: Its index in a list, as an integer.
    """

    key: bytes | None
    value: bytes
    index: int | None


class ElementResult(Enum):
    """Results of an expression that are no value for an element."""

    UNKNOWN = "unknown"
    """It can't be computed."""

    REMOVED = "removed"
    """The element is to be removed."""


class ElementExpression(Protocol):
    """An expression that has been built."""

    def matches(self, element: Element) -> bool | None:
        """Whether the expression holds for an element; None if that is unknown."""
        ...

    def result(self, element: Element) -> bytes | ElementResult:
        """The element's new value, packed."""
        ...


BuildElementExpression: TypeAlias = Callable[[bytes], ElementExpression]
"""Builds a packed expression. It raises `Refusal` with PARAMETER when the expression is malformed."""
