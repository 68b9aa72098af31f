"""Checks that name the policy's field when a value is out of range."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import attrs

from ..packed import FilterLike, packed_filter_bytes

__all__ = ["count", "filter_expression", "flag", "member", "seconds"]

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def seconds(instance: object, attribute: attrs.Attribute[float], value: object) -> None:
    """A time in seconds: a finite number, zero or more."""
    name = f"{type(instance).__name__}.{attribute.name}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be a finite number of seconds, zero or more, not {value!r}")


def count(low: int, high: int | None = None, *, none: bool = False) -> Validator:
    """An int from low to high, both included; None too where none is given."""

    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        name = f"{type(instance).__name__}.{attribute.name}"
        if value is None and none:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} must be an int, not {type(value).__name__}")
        if value < low or (high is not None and value > high):
            bound = f"{low} to {high}" if high is not None else f"at least {low}"
            raise ValueError(f"{name} must be {bound}, not {value}")

    return check


def flag(instance: object, attribute: attrs.Attribute[bool], value: object) -> None:
    """A bool, and nothing that merely looks like one."""
    if not isinstance(value, bool):
        name = f"{type(instance).__name__}.{attribute.name}"
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")


def member(choices: Iterable[object]) -> Validator:
    """One of the choices; an enum class offers its members."""
    allowed = list(choices)

    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        # An enum's number is not its member: nobody would notice that it is never met.
        if value not in allowed or type(value) is not type(allowed[0]):
            name = f"{type(instance).__name__}.{attribute.name}"
            raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")

    return check


def filter_expression(
    instance: object, attribute: attrs.Attribute[FilterLike | None], value: FilterLike | None
) -> None:
    """An expression that is true or false, or packed bytes; None for no filter."""
    if value is not None:
        packed_filter_bytes(value, f"{type(instance).__name__}.{attribute.name}")
