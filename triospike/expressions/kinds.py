"""Expressions by the type of their result, with the operators that read well for it.

The operators take expressions of their own type, values of the Python type that corresponds to it, and expressions
whose type is not known here. Anything else is refused by type checkers, and by TypeError when the program runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, overload

from .._wire.opcodes import ExpOp, ExpType
from ..values import HLL, GeoJSON
from .nodes import Expression, Value, Written, as_float, form, pack_part

__all__ = [
    "AnyExp",
    "BlobExp",
    "BlobLike",
    "BoolExp",
    "BoolLike",
    "FloatExp",
    "FloatLike",
    "GeoExp",
    "GeoLike",
    "HllExp",
    "HllLike",
    "Incomparable",
    "IntExp",
    "IntLike",
    "ListExp",
    "ListLike",
    "MapExp",
    "MapLike",
    "NilExp",
    "NilLike",
    "StringExp",
    "StringLike",
    "kind_of",
]

_Other = TypeVar("_Other", contravariant=True)
_Kind = TypeVar("_Kind", bound=Expression)


class Incomparable:
    """What ``==`` gives, to type checkers, between results that can't be compared; nothing takes it.

    When the program runs there is no such object, but a TypeError. (All of Python's objects can be compared by
    ``==``, so without this type checkers would find a bool.)
    """

    __slots__ = ()


class _Compared(Expression, Generic[_Other]):
    """Has ``==`` and ``!=``."""

    __slots__ = ()

    @overload  # type: ignore[override]
    def __eq__(self, other: _Other) -> BoolExp: ...
    @overload
    def __eq__(self, other: object) -> Incomparable: ...
    def __eq__(self, other: object) -> BoolExp | Incomparable:
        return _binary(BoolExp, ExpOp.EQ, "==", self, _right("==", self, other))

    @overload  # type: ignore[override]
    def __ne__(self, other: _Other) -> BoolExp: ...
    @overload
    def __ne__(self, other: object) -> Incomparable: ...
    def __ne__(self, other: object) -> BoolExp | Incomparable:
        return _binary(BoolExp, ExpOp.NE, "!=", self, _right("!=", self, other))

    __hash__ = Expression.__hash__


class _Ordered(_Compared[_Other]):
    """Has ``<`` and its siblings too."""

    __slots__ = ()

    def __lt__(self, other: _Other) -> BoolExp:
        return _binary(BoolExp, ExpOp.LT, "<", self, _right("<", self, other))

    def __le__(self, other: _Other) -> BoolExp:
        return _binary(BoolExp, ExpOp.LE, "<=", self, _right("<=", self, other))

    def __gt__(self, other: _Other) -> BoolExp:
        return _binary(BoolExp, ExpOp.GT, ">", self, _right(">", self, other))

    def __ge__(self, other: _Other) -> BoolExp:
        return _binary(BoolExp, ExpOp.GE, ">=", self, _right(">=", self, other))


class _Filter(Expression):
    """Can filter records (`triospike.packed.PackedFilter`)."""

    __slots__ = ()

    @property
    def packed_filter(self) -> bytes:
        """The same bytes as `packed`."""
        return self.packed


class BoolExp(_Filter, _Compared["BoolLike"]):
    """True or false: a filter is one. ``&``, ``|``, ``~`` mean and, or, not; ``^`` means exactly one of two."""

    __slots__ = ()
    type_code: ClassVar = ExpType.BOOL
    literals: ClassVar = (bool,)

    def __and__(self, other: BoolLike) -> BoolExp:
        return _binary(BoolExp, ExpOp.AND, "&", self, _right("&", self, other))

    def __rand__(self, other: BoolLike) -> BoolExp:
        return _binary(BoolExp, ExpOp.AND, "&", _right("&", self, other), self)

    def __or__(self, other: BoolLike) -> BoolExp:
        return _binary(BoolExp, ExpOp.OR, "|", self, _right("|", self, other))

    def __ror__(self, other: BoolLike) -> BoolExp:
        return _binary(BoolExp, ExpOp.OR, "|", _right("|", self, other), self)

    def __xor__(self, other: BoolLike) -> BoolExp:
        return _binary(BoolExp, ExpOp.EXCLUSIVE, "^", self, _right("^", self, other))

    def __rxor__(self, other: BoolLike) -> BoolExp:
        return _binary(BoolExp, ExpOp.EXCLUSIVE, "^", _right("^", self, other), self)

    def __invert__(self) -> BoolExp:
        return _unary(BoolExp, ExpOp.NOT, "~", self)


class IntExp(_Ordered["IntLike"]):
    """An integer of 64 bits, signed; sums and products wrap around.

    There is no ``/``, ``//`` or ``%``: the server rounds quotients towards zero, Python down. See `div` and `mod`.
    ``>>`` keeps the sign, as in Python; `int_rshift` does not.
    """

    __slots__ = ()
    type_code: ClassVar = ExpType.INT
    literals: ClassVar = (int,)

    def __add__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.ADD, "+", self, _right("+", self, other))

    def __radd__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.ADD, "+", _right("+", self, other), self)

    def __sub__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.SUB, "-", self, _right("-", self, other))

    def __rsub__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.SUB, "-", _right("-", self, other), self)

    def __mul__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.MUL, "*", self, _right("*", self, other))

    def __rmul__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.MUL, "*", _right("*", self, other), self)

    def __and__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_AND, "&", self, _right("&", self, other))

    def __rand__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_AND, "&", _right("&", self, other), self)

    def __or__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_OR, "|", self, _right("|", self, other))

    def __ror__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_OR, "|", _right("|", self, other), self)

    def __xor__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_XOR, "^", self, _right("^", self, other))

    def __rxor__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_XOR, "^", _right("^", self, other), self)

    def __lshift__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_LSHIFT, "<<", self, _right("<<", self, other))

    def __rlshift__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_LSHIFT, "<<", _right("<<", self, other), self)

    def __rshift__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_ARSHIFT, ">>", self, _right(">>", self, other))

    def __rrshift__(self, other: IntLike) -> IntExp:
        return _binary(IntExp, ExpOp.INT_ARSHIFT, ">>", _right(">>", self, other), self)

    def __neg__(self) -> IntExp:
        return _unary(IntExp, ExpOp.SUB, "-", self)

    def __invert__(self) -> IntExp:
        return _unary(IntExp, ExpOp.INT_NOT, "~", self)

    def __abs__(self) -> IntExp:
        return _unary(IntExp, ExpOp.ABS, "abs", self)


class FloatExp(_Ordered["FloatLike"]):
    """A float; ints that stand beside it are made floats, since the server mixes them in no operation."""

    __slots__ = ()
    type_code: ClassVar = ExpType.FLOAT
    literals: ClassVar = (float, int)

    def __add__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.ADD, "+", self, _right("+", self, other))

    def __radd__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.ADD, "+", _right("+", self, other), self)

    def __sub__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.SUB, "-", self, _right("-", self, other))

    def __rsub__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.SUB, "-", _right("-", self, other), self)

    def __mul__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.MUL, "*", self, _right("*", self, other))

    def __rmul__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.MUL, "*", _right("*", self, other), self)

    def __truediv__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.DIV, "/", self, _right("/", self, other))

    def __rtruediv__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.DIV, "/", _right("/", self, other), self)

    def __pow__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.POW, "**", self, _right("**", self, other))

    def __rpow__(self, other: FloatLike) -> FloatExp:
        return _binary(FloatExp, ExpOp.POW, "**", _right("**", self, other), self)

    def __neg__(self) -> FloatExp:
        return _unary(FloatExp, ExpOp.SUB, "-", self)

    def __abs__(self) -> FloatExp:
        return _unary(FloatExp, ExpOp.ABS, "abs", self)


class StringExp(_Ordered["StringLike"]):
    """A string; strings are compared byte by byte, in UTF-8."""

    __slots__ = ()
    type_code: ClassVar = ExpType.STRING
    literals: ClassVar = (str,)


class BlobExp(_Ordered["BlobLike"]):
    """A blob; blobs are compared byte by byte."""

    __slots__ = ()
    type_code: ClassVar = ExpType.BLOB
    literals: ClassVar = (bytes, bytearray, memoryview)


class ListExp(_Ordered["ListLike"]):
    """A list; lists are compared element by element."""

    __slots__ = ()
    type_code: ClassVar = ExpType.LIST
    literals: ClassVar = (list, tuple)


class MapExp(_Ordered["MapLike"]):
    """A map. Only key-ordered ones can be compared: the server knows no result for others."""

    __slots__ = ()
    type_code: ClassVar = ExpType.MAP
    literals: ClassVar = (Mapping,)


class NilExp(_Compared["NilLike"]):
    """No value."""

    __slots__ = ()
    type_code: ClassVar = ExpType.NIL
    literals: ClassVar = (type(None),)


class _Uncompared(Expression):
    """Has no ``==``, not even the one of every Python object."""

    __slots__ = ()

    def __eq__(self, other: object) -> Incomparable:  # type: ignore[override]
        raise TypeError(f"{type(self).__name__} has no ==: servers refuse it")

    def __ne__(self, other: object) -> Incomparable:  # type: ignore[override]
        raise TypeError(f"{type(self).__name__} has no !=: servers refuse it")

    __hash__ = Expression.__hash__


class GeoExp(_Uncompared):
    """A geospatial point or region. See `geo_compare`; there is no ``==``: servers refuse it."""

    __slots__ = ()
    type_code: ClassVar = ExpType.GEOJSON
    literals: ClassVar = (GeoJSON,)


class HllExp(_Uncompared):
    """A HyperLogLog sketch. There is no ``==``: servers refuse it."""

    __slots__ = ()
    type_code: ClassVar = ExpType.HLL
    literals: ClassVar = (HLL,)


class AnyExp(_Filter, _Ordered[Value]):
    """An expression whose type only the server knows: a variable, an imported expression.

    It is taken wherever another one is. Say the type where you can: ``exp.var("x", exp.IntExp)``.
    """

    __slots__ = ()


BoolLike: TypeAlias = BoolExp | AnyExp | bool
IntLike: TypeAlias = IntExp | AnyExp | int
FloatLike: TypeAlias = FloatExp | AnyExp | float
StringLike: TypeAlias = StringExp | AnyExp | str
BlobLike: TypeAlias = BlobExp | AnyExp | bytes | bytearray | memoryview
ListLike: TypeAlias = ListExp | AnyExp | list[Any] | tuple[Any, ...]
MapLike: TypeAlias = MapExp | AnyExp | Mapping[Any, Any]
GeoLike: TypeAlias = GeoExp | AnyExp | GeoJSON
HllLike: TypeAlias = HllExp | AnyExp | HLL
NilLike: TypeAlias = NilExp | AnyExp | None

_KINDS: Sequence[type[Expression]] = (
    BoolExp,  # before ints: a bool is one in Python
    IntExp,
    FloatExp,
    StringExp,
    BlobExp,
    ListExp,
    MapExp,
    GeoExp,
    HllExp,
    NilExp,
)


def kind_of(value: object) -> type[Expression]:
    """The type of an expression's or a value's result; `AnyExp` if it is not known here."""
    if isinstance(value, Expression):
        return type(value)
    for kind in _KINDS:
        if isinstance(value, kind.literals):
            return kind
    return AnyExp


def _right(symbol: str, left: Expression, right: object) -> object:
    """The other operand, if it is of a type that goes with the first.

    Raises:
        TypeError: It is not.
    """
    kind = type(left)
    other = kind_of(right)
    if other is kind or AnyExp in (kind, other):
        return right
    if kind is FloatExp and type(right) is int:
        return as_float(right, f"right of {symbol}")
    names = " or ".join([kind.__name__, *(literal.__name__ for literal in kind.literals)])
    raise TypeError(f"{symbol} of {kind.__name__} needs {names}, not {type(right).__name__}: {right!r:.60}")


def _binary(kind: type[_Kind], operation: ExpOp, symbol: str, left: object, right: object) -> _Kind:
    packed = form(operation, pack_part(left, f"left of {symbol}"), pack_part(right, f"right of {symbol}"))
    return kind(packed, Written(symbol, (left, right)))


def _unary(kind: type[_Kind], operation: ExpOp, symbol: str, operand: Expression) -> _Kind:
    return kind(form(operation, operand.packed), Written(symbol, (operand,)))
