"""And, or, not; choices; variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar, overload

from .._wire.opcodes import ExpOp
from .alike import alike
from .kinds import (
    AnyExp,
    BlobExp,
    BlobLike,
    BoolExp,
    BoolLike,
    FloatExp,
    FloatLike,
    GeoExp,
    GeoLike,
    HllExp,
    HllLike,
    IntExp,
    IntLike,
    ListExp,
    ListLike,
    MapExp,
    MapLike,
    StringExp,
    StringLike,
    kind_of,
)
from .nodes import Expression, Value, form, pack_part, pack_text, written

__all__ = ["and_", "cond", "exclusive", "let", "not_", "or_", "var"]

_Kind = TypeVar("_Kind", bound=Expression)
_Like = TypeVar("_Like")
_Case: TypeAlias = tuple[BoolLike, _Like]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@written
def and_(first: BoolLike, second: BoolLike, *more: BoolLike) -> BoolExp:
    """Whether all are true, as with ``&`` (C: ``as_exp_and``). One false decides, even if others are unknown."""
    return BoolExp(form(ExpOp.AND, *_parts(first, second, *more)))


@written
def or_(first: BoolLike, second: BoolLike, *more: BoolLike) -> BoolExp:
    """Whether any is true, as with ``|`` (C: ``as_exp_or``). One true decides, even if others are unknown."""
    return BoolExp(form(ExpOp.OR, *_parts(first, second, *more)))


@written
def not_(test: BoolLike) -> BoolExp:
    """Whether it is false, as with ``~`` (C: ``as_exp_not``)."""
    return BoolExp(form(ExpOp.NOT, *_parts(test)))


@written
def exclusive(first: BoolLike, second: BoolLike, *more: BoolLike) -> BoolExp:
    """Whether exactly one is true, as with ``^`` for two (C: ``as_exp_exclusive``)."""
    return BoolExp(form(ExpOp.EXCLUSIVE, *_parts(first, second, *more)))


@overload
def cond(*cases: _Case[BoolLike], default: BoolLike) -> BoolExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[IntLike], default: IntLike) -> IntExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[FloatLike], default: FloatLike) -> FloatExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[StringLike], default: StringLike) -> StringExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[BlobLike], default: BlobLike) -> BlobExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[ListLike], default: ListLike) -> ListExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[MapLike], default: MapLike) -> MapExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[GeoLike], default: GeoLike) -> GeoExp: ...  # type: ignore[overload-overlap]
@overload
def cond(*cases: _Case[HllLike], default: HllLike) -> HllExp: ...
@written
def cond(*cases: _Case[Value], default: Value) -> Expression:
    """The value of the first case whose test is true (C: ``as_exp_cond``).

    The values of other cases are not computed, and may be unknown.

    Args:
        cases: Pairs of a test and a value; at least one.
        default: The value if no test is true; of the same type as the others.

    Raises:
        TypeError: A case is no pair.
        ValueError: There is no case.
    """
    if not cases:
        raise ValueError("cases must not be empty")
    pairs = [_pair(case, f"cases[{number}]") for number, case in enumerate(cases)]
    values = alike([*(value for _, value in pairs), default])
    parts: list[bytes] = []
    for number, ((test, _), value) in enumerate(zip(pairs, values, strict=False)):
        parts += (pack_part(test, f"test of cases[{number}]"), pack_part(value, f"value of cases[{number}]"))
    parts.append(pack_part(values[-1], "default"))
    return _common_kind(values)(form(ExpOp.COND, *parts))


@written
def let(variables: Mapping[str, Value], result: _Kind) -> _Kind:
    """A result that uses variables (C: ``as_exp_let``, ``as_exp_def``).

    Args:
        variables: What to compute, once each, by the names that `var` calls them; a later one may use earlier
            ones. Names are made of ASCII letters, digits and underscores. The server refuses a name that a `let`
            around this one has too.
        result: The result.

    Raises:
        TypeError: The result is no expression; a constant needs `val`.
        ValueError: A name is malformed, or there is none.
    """
    if not isinstance(result, Expression):
        raise TypeError(f"result must be an expression, not {type(result).__name__}")
    if not variables:
        raise ValueError("variables must not be empty")
    parts: list[bytes] = []
    for name, value in variables.items():
        parts += (_name(name), pack_part(value, f"variables[{name!r}]"))
    return type(result)(form(ExpOp.LET, *parts, result.packed))


@overload
def var(name: str) -> AnyExp: ...
@overload
def var(name: str, kind: type[_Kind]) -> _Kind: ...
@written
def var(name: str, kind: type[Expression] = AnyExp) -> Expression:
    """A variable of the `let` around it (C: ``as_exp_var``).

    Args:
        name: Its name.
        kind: Its type, so that operators know what goes with it.

    Raises:
        TypeError: The name is no str.
        ValueError: The name is malformed.
    """
    return kind(form(ExpOp.VAR, _name(name)))


def _pair(case: object, where: str) -> tuple[object, object]:
    if not isinstance(case, tuple) or len(case) != 2:
        raise TypeError(f"{where} must be a pair of a test and a value, not {case!r:.60}")
    return case


def _parts(*tests: object) -> list[bytes]:
    return [pack_part(test, f"test {number}") for number, test in enumerate(tests, 1)]


def _name(name: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f"name of a variable must be a str, not {type(name).__name__}")
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name of a variable must be letters, digits and underscores, no digit first, not {name!r}"
        )
    return pack_text(name.encode())


def _common_kind(values: Sequence[object]) -> type[Expression]:
    return next((kind for value in values if (kind := kind_of(value)) is not AnyExp), AnyExp)
