"""What every expression is: its packed bytes, and how it was written.

An expression is packed when it is made, so a value that can't be packed is refused where it stands. How it was
written is kept beside the bytes, as a tree: the name of a function or operator and its arguments, of which some
are expressions again. Only `repr` reads it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, NoReturn, TypeAlias, TypeVar, cast

import attrs

from .._wire import msgpack
from .._wire.opcodes import ExpOp, ExpType
from ..operations._packing import pack_array, pack_int, pack_text
from ..values import ArgumentMark, BinValue

__all__ = ["Expression", "Value", "Written", "as_float", "form", "pack_part", "pack_text", "written"]


@attrs.frozen
class Written:
    """How an expression was written.

    Attributes:
        name: Of a function of `triospike.exp`, or an operator like ``+``.
        arguments: Given by position; expressions, values, enumerations, types of results, paths.
        keywords: Given by name.
    """

    name: str
    arguments: tuple[object, ...] = ()
    keywords: Mapping[str, object] = attrs.field(factory=dict)


@attrs.frozen(eq=False, repr=False)
class Expression:
    """Something that the server computes from a record; made by the functions of `triospike.exp`.

    What ``==`` and the other operators give is an expression again, not a bool: it can't be asked for its truth
    here.

    Attributes:
        packed: The expression as it travels.
        written: How it was written.
    """

    packed: bytes
    written: Written = attrs.field(factory=lambda: Written(""))

    type_code: ClassVar[ExpType]
    literals: ClassVar[tuple[type, ...]] = ()

    def to_base64(self) -> str:
        """The packed expression as text, as other clients read it and as commands that create indexes take it."""
        return base64.b64encode(self.packed).decode()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"the truth of {self!r} is known to the server only: "
            "write & | ~ or exp.and_, exp.or_, exp.not_ for and, or, not, and exp.in_list for in"
        )

    def __repr__(self) -> str:
        from .render import render  # it knows about all the rest

        return render(self)


Value: TypeAlias = Expression | BinValue | ArgumentMark
"""What a function takes where the type does not matter."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


def written(function: _Function) -> _Function:
    """Let a function note in its result how that was written: by calling the function with these arguments."""

    @wraps(function)
    def noted(*arguments: Any, **keywords: Any) -> Any:
        made = function(*arguments, **keywords)
        return type(made)(made.packed, Written(function.__name__, arguments, keywords))

    return cast("_Function", noted)


def form(operation: ExpOp, *parts: bytes) -> bytes:
    """An array of an operation's number and its parts, which are packed already."""
    return pack_array([pack_int(operation), *parts])


def pack_part(value: object, where: str) -> bytes:
    """A part of an expression: another expression, or a value.

    Args:
        value: Values are packed as they are stored, but a list would be taken for an operation: it is quoted.
        where: What it is, for messages.

    Raises:
        TypeError: It has no Aerospike type.
        ValueError: An int does not fit in 64 bits.
    """
    if isinstance(value, Expression):
        return value.packed
    packed = msgpack.pack_argument(value, where)
    return form(ExpOp.QUOTE, packed) if isinstance(value, list | tuple) else packed


def as_float(value: object, where: str) -> object:
    """A float in the place of a plain int; anything else as it is.

    Raises:
        ValueError: The int is greater than any float.
    """
    if type(value) is not int:
        return value
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{where} is too great for a float") from None
