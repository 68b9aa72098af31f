"""Numbers that stand beside each other: the server mixes ints and floats in no operation."""

from __future__ import annotations

from collections.abc import Sequence

from .kinds import FloatExp, kind_of
from .nodes import as_float

__all__ = ["alike"]


def alike(values: Sequence[object]) -> Sequence[object]:
    """The values, but if one of them is a float, plain ints are made floats.

    Raises:
        ValueError: An int is greater than any float.
    """
    if not any(kind_of(value) is FloatExp for value in values):
        return values
    return [as_float(value, f"number {position}") for position, value in enumerate(values, 1)]
