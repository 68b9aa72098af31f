"""Numbers: integers of 64 bits that wrap, floating-point ones as the hardware has them (protocol section 12.2)."""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from functools import reduce
from typing import Any, Final, TypeAlias

from ..._wire.opcodes import ExpOp, ExpType
from .building import Build, Builder, Evaluate, Node, refuse
from .scene import Scene
from .values import Marker, Value, to_int64

__all__ = ["OPERATIONS"]

_UNKNOWN = Marker.UNKNOWN
_INT = ExpType.INT
_FLOAT = ExpType.FLOAT
_NUMBERS = frozenset({_INT, _FLOAT})
_MASK: Final = (1 << 64) - 1
_LEAST: Final = -1 << 63

_NAN: Final[float] = struct.unpack(">d", bytes.fromhex("fff8000000000000"))[0]
"""What the hardware makes of an operation without a result: with the sign bit set."""

_Compute: TypeAlias = Callable[..., Value]


def _node(kind: int, arguments: list[Evaluate], compute: Callable[[list[Any]], Value]) -> Node:
    def evaluate(scene: Scene) -> Value:
        values = []
        for argument in arguments:
            value = argument(scene)
            if value is _UNKNOWN:
                return _UNKNOWN
            values.append(value)
        return compute(values)

    return Node(kind, evaluate)


def _fixed(kinds: tuple[int, ...], result: int, compute: _Compute) -> Build:
    """An operation with so many arguments of these types."""

    def build(builder: Builder, count: int) -> Node:
        if count != len(kinds):
            raise refuse()
        arguments: list[Evaluate] = []
        while len(arguments) < count:
            node = builder.node()
            arguments.append(builder.check(node, kinds[len(arguments)]))
        return _node(result, arguments, lambda values: compute(*values))

    return build


def _one_number(for_int: _Compute, for_float: _Compute) -> Build:
    def build(builder: Builder, count: int) -> Node:
        if count != 1:
            raise refuse()
        node = builder.node()
        if node.kind not in _NUMBERS:
            raise refuse()
        compute = for_int if node.kind == _INT else for_float
        return _node(node.kind, [node.evaluate], lambda values: compute(values[0]))

    return build


def _numbers(for_ints: Callable[[list[int]], Value], for_floats: Callable[[list[float]], Value]) -> Build:
    """An operation with any number of arguments, all integers or all floating-point."""

    def build(builder: Builder, count: int) -> Node:
        if count < 1:
            raise refuse()
        kinds = set()
        arguments: list[Evaluate] = []
        while len(arguments) < count:
            node = builder.node()
            kinds.add(node.kind)
            if len(kinds) > 1 or node.kind not in _NUMBERS:
                raise refuse()
            arguments.append(node.evaluate)
        kind = kinds.pop()
        return _node(kind, arguments, for_ints if kind == _INT else for_floats)

    return build


def _ints(combine: Callable[[int, int], int]) -> Build:
    """An operation with any number of integers."""

    def build(builder: Builder, count: int) -> Node:
        if count < 1:
            raise refuse()
        arguments: list[Evaluate] = []
        while len(arguments) < count:
            arguments.append(builder.check(builder.node(), _INT))
        return _node(_INT, arguments, lambda values: reduce(combine, values))

    return build


def _subtract_ints(values: list[int]) -> Value:
    return to_int64(-values[0] if len(values) == 1 else values[0] - sum(values[1:]))


def _subtract_floats(values: list[float]) -> Value:
    return reduce(operator.sub, values if len(values) > 1 else [0.0, *values])


def _multiply_ints(values: list[int]) -> int:
    return reduce(lambda product, value: to_int64(product * value), values)


def _divide_ints(values: list[int]) -> Value:
    """The first divided by the product of the others, towards zero; one value alone divides 1."""
    dividend, *rest = values if len(values) > 1 else [1, *values]
    divisor = _multiply_ints(rest)
    if divisor == 0:
        return _UNKNOWN
    quotient = abs(dividend) // abs(divisor)
    return to_int64(quotient if (dividend < 0) == (divisor < 0) else -quotient)


def _divide_floats(values: list[float]) -> Value:
    dividend, *rest = values if len(values) > 1 else [1.0, *values]
    divisor = reduce(operator.mul, rest)
    if divisor:
        return dividend / divisor
    if dividend == 0 or math.isnan(dividend):
        return dividend if math.isnan(dividend) else _NAN
    return math.copysign(math.inf, dividend) * math.copysign(1, divisor)


def _modulo(left: int, right: int) -> Value:
    """The remainder, with the sign of the dividend."""
    if right == 0:
        return _UNKNOWN
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def _power(base: float, exponent: float) -> Value:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        if base == 0:
            return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
        return _NAN


def _logarithm(number: float, base: float) -> Value:
    return _divide_floats([_natural_logarithm(number), _natural_logarithm(base)])


def _natural_logarithm(number: float) -> float:
    if number > 0 or math.isnan(number):
        return math.log(number)
    return -math.inf if number == 0 else _NAN


def _rounded(rounding: Callable[[float], int]) -> _Compute:
    def compute(number: float) -> Value:
        return math.copysign(rounding(number), number) if math.isfinite(number) else number

    return compute


def _to_int(number: float) -> Value:
    """The number without its fraction; the least integer for what does not fit, as the hardware has it."""
    if not math.isfinite(number):
        return _LEAST
    whole = int(number)
    return whole if whole == to_int64(whole) else _LEAST


def _shift(compute: Callable[[int, int], int]) -> Build:
    """A shift by as many bits as the lowest six of the second argument tell, as the hardware has it."""
    return _fixed((_INT, _INT), _INT, lambda number, by: to_int64(compute(number, by & 63)))


def _scan(position: Callable[[int], int]) -> Build:
    """Where the first bit of a value is, counted from the left; -1 if there is none.

    Args:
        position: Finds a bit that is set.
    """

    def compute(number: int, is_set: bool) -> Value:
        sought = (number if is_set else ~number) & _MASK
        return position(sought) if sought else -1

    return _fixed((_INT, ExpType.BOOL), _INT, compute)


OPERATIONS: dict[int, Build] = {
    ExpOp.ADD: _numbers(lambda values: to_int64(sum(values)), lambda values: reduce(operator.add, values)),
    ExpOp.SUB: _numbers(_subtract_ints, _subtract_floats),
    ExpOp.MUL: _numbers(_multiply_ints, lambda values: reduce(operator.mul, values)),
    ExpOp.DIV: _numbers(_divide_ints, _divide_floats),
    ExpOp.MIN: _numbers(min, min),
    ExpOp.MAX: _numbers(max, max),
    ExpOp.POW: _fixed((_FLOAT, _FLOAT), _FLOAT, _power),
    ExpOp.LOG: _fixed((_FLOAT, _FLOAT), _FLOAT, _logarithm),
    ExpOp.MOD: _fixed((_INT, _INT), _INT, _modulo),
    ExpOp.ABS: _one_number(lambda number: to_int64(abs(number)), abs),
    ExpOp.FLOOR: _fixed((_FLOAT,), _FLOAT, _rounded(math.floor)),
    ExpOp.CEIL: _fixed((_FLOAT,), _FLOAT, _rounded(math.ceil)),
    ExpOp.TO_INT: _fixed((_FLOAT,), _INT, _to_int),
    ExpOp.TO_FLOAT: _fixed((_INT,), _FLOAT, float),
    ExpOp.INT_AND: _ints(operator.and_),
    ExpOp.INT_OR: _ints(operator.or_),
    ExpOp.INT_XOR: _ints(operator.xor),
    ExpOp.INT_NOT: _fixed((_INT,), _INT, operator.invert),
    ExpOp.INT_LSHIFT: _shift(operator.lshift),
    ExpOp.INT_RSHIFT: _shift(lambda number, by: (number & _MASK) >> by),
    ExpOp.INT_ARSHIFT: _shift(operator.rshift),
    ExpOp.INT_COUNT: _fixed((_INT,), _INT, lambda number: (number & _MASK).bit_count()),
    ExpOp.INT_LSCAN: _scan(lambda sought: 64 - sought.bit_length()),
    ExpOp.INT_RSCAN: _scan(lambda sought: 64 - (sought & -sought).bit_length()),
}
