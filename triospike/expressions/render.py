"""The text of an expression, as a program would write it after ``from triospike import exp``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import IntEnum, IntFlag
from typing import Final

from ..operations.context import ContextStep
from .nodes import Expression

__all__ = ["render"]

_COMPARISONS: Final = dict.fromkeys(["==", "!=", "<", "<=", ">", ">="], 1)
_BINARY: Final = {
    **_COMPARISONS,
    "|": 2,
    "^": 3,
    "&": 4,
    "<<": 5,
    ">>": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "**": 9,
}
"""How tightly operators bind in Python."""
_SIGN: Final = 8
_ATOM: Final = 10


def render(expression: Expression) -> str:
    """The text; for an expression nested too deep to be written out, the packed bytes."""
    try:
        return _text(expression)[0]
    except RecursionError:
        return f"exp.from_base64({expression.to_base64()!r})"


def _text(value: object) -> tuple[str, int]:
    """The text of an expression or of an argument, and how tightly its outermost operator binds."""
    if not isinstance(value, Expression):
        negative = isinstance(value, int | float) and math.copysign(1, value) < 0
        return _value(value), _SIGN if negative else _ATOM
    name, arguments = value.written.name, value.written.arguments
    if not name:
        return f"exp.from_bytes({value.packed!r}, exp.{type(value).__name__})", _ATOM
    if name in _BINARY and len(arguments) == 2:
        return _binary(name, *arguments), _BINARY[name]
    if name in {"-", "~"}:
        return f"{name}{_enclosed(arguments[0], _SIGN)}", _SIGN
    if name == "abs":
        return f"abs({_text(arguments[0])[0]})", _ATOM
    shown = [_text(argument)[0] for argument in arguments]
    shown += [f"{keyword}={_text(argument)[0]}" for keyword, argument in value.written.keywords.items()]
    return f"exp.{name}({', '.join(shown)})", _ATOM


def _binary(symbol: str, left: object, right: object) -> str:
    binding = _BINARY[symbol]
    # Comparisons can't be chained, powers associate to the right, all others to the left.
    loose_left = binding + (symbol in _COMPARISONS or symbol == "**")
    loose_right = binding + (symbol != "**")
    return f"{_enclosed(left, loose_left)} {symbol} {_enclosed(right, loose_right)}"


def _enclosed(value: object, least: int) -> str:
    text, binding = _text(value)
    return text if binding >= least else f"({text})"


def _value(value: object) -> str:
    if isinstance(value, type):
        return f"exp.{value.__name__}"
    if isinstance(value, IntFlag | IntEnum):
        return _member(value)
    if isinstance(value, ContextStep):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if type(value) is list:
        return f"[{', '.join(_text(item)[0] for item in value)}]"
    if isinstance(value, tuple) and type(value) is tuple:
        return f"({', '.join(_text(item)[0] for item in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping) and type(value) is dict:
        return f"{{{', '.join(f'{_value(key)}: {_text(item)[0]}' for key, item in value.items())}}}"
    return repr(value)


def _member(value: IntFlag | IntEnum) -> str:
    kind = type(value)
    name = f"exp.{kind.__name__}" if kind.__module__.startswith(__package__) else kind.__name__
    if isinstance(value, IntFlag):
        return " | ".join(f"{name}.{flag.name}" for flag in value) or f"{name}(0)"
    return f"{name}.{value.name}"
