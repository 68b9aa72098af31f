"""Constants, and expressions that come packed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, TypeVar, overload

from .._wire import msgpack
from .._wire.opcodes import ExpOp
from ..operations._packing import pack_array
from ..values import HLL, ArgumentMark, GeoJSON
from .kinds import (
    AnyExp,
    BlobExp,
    BoolExp,
    FloatExp,
    GeoExp,
    HllExp,
    IntExp,
    ListExp,
    MapExp,
    NilExp,
    StringExp,
    kind_of,
)
from .nodes import Expression, form, pack_part, written

__all__ = ["from_base64", "from_bytes", "infinity", "unknown", "val", "wildcard"]

_Kind = TypeVar("_Kind", bound=Expression)


@overload
def val(value: bool) -> BoolExp: ...  # type: ignore[overload-overlap]
@overload
def val(value: int) -> IntExp: ...
@overload
def val(value: float) -> FloatExp: ...
@overload
def val(value: str) -> StringExp: ...
@overload
def val(value: bytes | bytearray | memoryview) -> BlobExp: ...
@overload
def val(value: list[Any] | tuple[Any, ...]) -> ListExp: ...
@overload
def val(value: Mapping[Any, Any]) -> MapExp: ...
@overload
def val(value: GeoJSON) -> GeoExp: ...
@overload
def val(value: HLL) -> HllExp: ...
@overload
def val(value: None) -> NilExp: ...
@written
def val(value: Any) -> Expression:
    """A constant (C: ``as_exp_val`` and ``as_exp_int``, ``_float``, ``_str``, ``_bytes``, ``_geo``, ``_nil`` ...).

    Functions and operators take values as they are; this is for places without a function around it.

    Args:
        value: What can be stored in a bin, or None.

    Raises:
        TypeError: It can't be stored; the message names the path to the culprit.
        ValueError: An int does not fit in 64 bits.
    """
    return kind_of(value)(pack_part(value, "value"))


@overload
def unknown() -> AnyExp: ...
@overload
def unknown(kind: type[_Kind]) -> _Kind: ...
@written
def unknown(kind: type[Expression] = AnyExp) -> Expression:
    """No result (C: ``as_exp_unknown``): a filter lets no such record pass, an operation fails.

    Args:
        kind: The type of the result that it stands in for.
    """
    return kind(form(ExpOp.UNKNOWN))


@written
def infinity() -> Expression:
    """Above any value (C: ``as_exp_inf``): the end of a range, as an argument of list and map functions."""
    return Expression(msgpack.pack_argument(ArgumentMark.INFINITY, "infinity"))


@written
def wildcard() -> Expression:
    """Equals any value (C: ``as_exp_wildcard``), as an argument of list and map functions."""
    return Expression(msgpack.pack_argument(ArgumentMark.WILDCARD, "wildcard"))


@overload
def from_bytes(packed: bytes) -> AnyExp: ...
@overload
def from_bytes(packed: bytes, kind: type[_Kind]) -> _Kind: ...
@written
def from_bytes(packed: bytes, kind: type[Expression] = AnyExp) -> Expression:
    """An expression that comes packed, without the base64 of ``as_exp_from_base64``.

    Args:
        packed: The bytes; that they are one packed value is all that is checked.
        kind: The type of the result.

    Raises:
        TypeError: These are no bytes.
        ValueError: They are not one packed value.
    """
    return kind(_checked(packed, "packed"))


@overload
def from_base64(text: str) -> AnyExp: ...
@overload
def from_base64(text: str, kind: type[_Kind]) -> _Kind: ...
@written
def from_base64(text: str, kind: type[Expression] = AnyExp) -> Expression:
    """An expression that `to_base64`, here or of another client, wrote (C: ``as_exp_from_base64``).

    Args:
        text: The packed expression in base64; that it is one packed value is all that is checked.
        kind: The type of the result.

    Raises:
        TypeError: The text is no str.
        ValueError: It is not base64 of one packed value.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")
    try:
        packed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"text must be base64: {error}") from error
    return kind(_checked(packed, "text"))


def _checked(packed: bytes, argument: str) -> bytes:
    if not isinstance(packed, bytes):
        raise TypeError(f"{argument} must be bytes, not {type(packed).__name__}")
    try:
        msgpack.split_array(pack_array([packed]))
    except ValueError as error:
        raise ValueError(f"{argument} must hold one packed expression of {len(packed)} bytes") from error
    return packed
