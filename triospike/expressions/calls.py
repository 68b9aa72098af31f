"""Calls: operations on lists, maps, blobs and sketches inside expressions (protocol section 12.3).

A call works on what another expression gives, mostly a bin. One that modifies gives a changed copy of it; nothing
is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from .._wire.opcodes import ContextType, ExpCallSystem, ExpOp, ReturnType
from ..operations._packing import check_bool, pack_call, pack_int
from ..operations.context import ContextLike, pack_context
from .kinds import AnyExp, IntLike, ListExp, ListLike, MapExp, MapLike, kind_of
from .nodes import Expression, form, pack_part
from .returns import Many, One

__all__ = [
    "Container",
    "ContainerLike",
    "call",
    "cdt_modify",
    "cdt_read",
    "counted",
    "interval",
    "removal",
    "selection_of_many",
    "selection_of_one",
]

Container = TypeVar("Container", ListExp, MapExp, AnyExp)
ContainerLike: TypeAlias = ListLike | MapLike

_Kind = TypeVar("_Kind", bound=Expression)
_INVERTED: Final = ReturnType.INVERTED
_MAP_RETURNS: Final = frozenset(
    {ReturnType.KEY, ReturnType.KEY_VALUE, ReturnType.UNORDERED_MAP, ReturnType.ORDERED_MAP}
)


def call(
    kind: type[_Kind],
    system: int,
    number: int,
    arguments: Iterable[bytes],
    subject: bytes,
    context: bytes | None = None,
) -> _Kind:
    """A call.

    Args:
        kind: The type of the result.
        system: Whose operation: of lists and maps, blobs, or sketches; maybe one that modifies.
        number: The operation's number.
        arguments: Each packed.
        subject: The packed expression that is worked on.
        context: The packed path to what is nested in it.
    """
    packed = pack_call(number, arguments, context)
    return kind(form(ExpOp.CALL, pack_int(kind.type_code), pack_int(system), packed, subject))


def cdt_read(
    kind: type[_Kind],
    own: type[Expression],
    number: int,
    arguments: Iterable[bytes],
    subject: ContainerLike,
    context: ContextLike | None,
) -> _Kind:
    """A call that reads from a list or map.

    Args:
        kind: The type of the result.
        own: What the operation is made for, `ListExp` or `MapExp`.
        number: The operation's number.
        arguments: Each packed.
        subject: The list or map, or that in which it is nested.
        context: The path to it, if it is nested.
    """
    path = pack_context(context)
    _check_container(own, subject, context)
    return call(kind, ExpCallSystem.CDT, number, arguments, pack_part(subject, "subject"), path)


def cdt_modify(
    own: type[Expression],
    number: int,
    arguments: Iterable[bytes],
    subject: Container,
    context: ContextLike | None,
) -> Container:
    """A call that gives a changed copy of a list or map; arguments as for `cdt_read`."""
    path = pack_context(context)
    kind = _check_container(own, subject, context)
    system = ExpCallSystem.CDT | ExpCallSystem.MODIFY
    made = call(kind, system, number, arguments, pack_part(subject, "subject"), path)
    return type(subject)(made.packed)


def _check_container(
    own: type[Expression], subject: object, context: ContextLike | None
) -> type[ListExp] | type[MapExp]:
    """The type of the outermost container, which the first step of a path tells.

    Raises:
        TypeError: The subject is of another type.
    """
    outermost: type[ListExp] | type[MapExp] = ListExp if own is ListExp else MapExp
    if context:
        outermost = ListExp if context[0].kind & ContextType.LIST_INDEX else MapExp
    given = kind_of(subject)
    if given not in {outermost, AnyExp}:
        path = "the context's first step" if context else "this function without a context"
        raise TypeError(f"{path} needs a {outermost.__name__}, not {given.__name__}: {subject!r:.60}")
    return outermost


# Arguments.


def selection_of_one(returns: One[_Kind] | type[_Kind], own: type[Expression]) -> tuple[type[_Kind], bytes]:
    """The type of the result and the packed number of what to give of one element.

    Raises:
        TypeError: It is none of these.
        ValueError: It is for maps only.
    """
    if isinstance(returns, type) and issubclass(returns, Expression):
        if not hasattr(returns, "type_code"):
            raise TypeError(f"returns must be the type of the value, not {returns.__name__}")
        return returns, pack_int(ReturnType.VALUE)
    if not isinstance(returns, One):
        raise TypeError(f"returns must be a type of expressions or one of exp.One, not {returns!r:.60}")
    _check_own(returns, own)
    return returns.kind, pack_int(returns.number)


def selection_of_many(returns: Many[_Kind], inverted: bool, own: type[Expression]) -> tuple[type[_Kind], bytes]:
    """The type of the result and the packed number of what to give of selected elements.

    Raises:
        TypeError: It is none of these, or inverted is no bool.
        ValueError: It is for maps only.
    """
    if not isinstance(returns, Many):
        raise TypeError(f"returns must be one of exp.Many, not {returns!r:.60}")
    _check_own(returns, own)
    return returns.kind, pack_int(returns.number | _flag(inverted))


def _check_own(returns: One[Any] | Many[Any], own: type[Expression]) -> None:
    if own is ListExp and returns.number in _MAP_RETURNS:
        raise ValueError(f"returns must be something that lists have, not {returns!r}")


def removal(inverted: bool = False) -> bytes:
    """The packed number of "give nothing of the elements", for functions that remove them."""
    return pack_int(ReturnType.NONE | _flag(inverted))


def _flag(inverted: bool) -> int:
    return _INVERTED if check_bool(inverted, "inverted") else 0


def counted(count: IntLike | None) -> Sequence[bytes]:
    """How many; nothing at all for "up to the end"."""
    return () if count is None else (pack_part(count, "count"),)


def interval(begin: object, end: object) -> Sequence[bytes]:
    """The bounds of a range of values: no begin is nil, the lowest value, and no end is nothing at all."""
    lower = pack_part(begin, "begin")
    return (lower,) if end is None else (lower, pack_part(end, "end"))
