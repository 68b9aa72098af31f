"""Operations that read from a string; see `triospike.operations.strings` for the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

from ..._wire.flags import OpType
from ..._wire.opcodes import StringOp
from .._packing import check_flags, pack_int
from ..context import ContextLike
from ..operation import Operation, check_bin_name
from .arguments import number, string_call, text
from .flags import NumericType, StringRegexFlags

__all__ = [
    "b64_decode",
    "byte_length",
    "char_at",
    "contains",
    "ends_with",
    "find",
    "is_lower",
    "is_numeric",
    "is_upper",
    "regex_compare",
    "split",
    "starts_with",
    "strlen",
    "substr",
    "to_blob",
    "to_double",
    "to_integer",
    "to_string",
]


def strlen(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Count the characters (C: ``as_operations_string_strlen``).

    Result: int.
    """
    return string_call(OpType.STRING_READ, StringOp.STRLEN, bin_name, [], context)


def substr(bin_name: str, start: int, end: int | None = None, *, context: ContextLike | None = None) -> Operation:
    """Read characters from a position to another one, or to the end (C: ``as_operations_string_substr``).

    Result: str.
    """
    return string_call(
        OpType.STRING_READ, StringOp.SUBSTR, bin_name, [number(start, "start"), *_until(end)], context
    )


def char_at(bin_name: str, index: int, *, context: ContextLike | None = None) -> Operation:
    """Read the character at a position (C: ``as_operations_string_char_at``).

    Result: str.
    """
    return string_call(OpType.STRING_READ, StringOp.CHAR_AT, bin_name, [number(index, "index")], context)


def find(bin_name: str, needle: str, occurrence: int = 1, *, context: ContextLike | None = None) -> Operation:
    """Find another string (C: ``as_operations_string_find``, ``…_occurrence``).

    Result: int, -1 if it is not there.
    """
    return string_call(
        OpType.STRING_READ,
        StringOp.FIND,
        bin_name,
        [text(needle, "needle"), number(occurrence, "occurrence")],
        context,
    )


def contains(bin_name: str, needle: str, *, context: ContextLike | None = None) -> Operation:
    """Ask whether another string is somewhere in it (C: ``as_operations_string_contains``).

    Result: bool.
    """
    return string_call(OpType.STRING_READ, StringOp.CONTAINS, bin_name, [text(needle, "needle")], context)


def starts_with(bin_name: str, prefix: str, *, context: ContextLike | None = None) -> Operation:
    """Ask whether it begins with another string (C: ``as_operations_string_starts_with``).

    Result: bool.
    """
    return string_call(OpType.STRING_READ, StringOp.STARTS_WITH, bin_name, [text(prefix, "prefix")], context)


def ends_with(bin_name: str, suffix: str, *, context: ContextLike | None = None) -> Operation:
    """Ask whether it ends with another string (C: ``as_operations_string_ends_with``).

    Result: bool.
    """
    return string_call(OpType.STRING_READ, StringOp.ENDS_WITH, bin_name, [text(suffix, "suffix")], context)


def to_integer(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Read the integer that it spells (C: ``as_operations_string_to_integer``).

    Result: int.
    """
    return string_call(OpType.STRING_READ, StringOp.TO_INTEGER, bin_name, [], context)


def to_double(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Read the float that it spells (C: ``as_operations_string_to_double``).

    Result: float.
    """
    return string_call(OpType.STRING_READ, StringOp.TO_DOUBLE, bin_name, [], context)


def to_string(bin_name: str) -> Operation:
    """Read a bin of any type as text (C: ``as_operations_to_string``).

    Result: str.
    """
    check_bin_name(bin_name)
    return Operation(OpType.TO_STRING, bin_name, description=f"strings.to_string({bin_name!r})")


def byte_length(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Count the bytes, in UTF-8 (C: ``as_operations_string_byte_length``).

    Result: int.
    """
    return string_call(OpType.STRING_READ, StringOp.BYTE_LENGTH, bin_name, [], context)


def is_numeric(
    bin_name: str, numeric_type: NumericType = NumericType.ANY, *, context: ContextLike | None = None
) -> Operation:
    """Ask whether it spells a number (C: ``as_operations_string_is_numeric``, ``…_type``).

    Result: bool.
    """
    return string_call(
        OpType.STRING_READ,
        StringOp.IS_NUMERIC,
        bin_name,
        [pack_int(check_flags(numeric_type, NumericType, "numeric_type"))],
        context,
    )


def is_upper(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Ask whether all of its letters are upper case (C: ``as_operations_string_is_upper``).

    Result: bool.
    """
    return string_call(OpType.STRING_READ, StringOp.IS_UPPER, bin_name, [], context)


def is_lower(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Ask whether all of its letters are lower case (C: ``as_operations_string_is_lower``).

    Result: bool.
    """
    return string_call(OpType.STRING_READ, StringOp.IS_LOWER, bin_name, [], context)


def to_blob(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Read its bytes, in UTF-8 (C: ``as_operations_string_to_blob``).

    Result: bytes.
    """
    return string_call(OpType.STRING_READ, StringOp.TO_BLOB, bin_name, [], context)


def split(bin_name: str, separator: str | None = None, *, context: ContextLike | None = None) -> Operation:
    """Read its parts between separators, or its characters (C: ``as_operations_string_split``, ``…_separator``).

    Result: a list of str.
    """
    return string_call(OpType.STRING_READ, StringOp.SPLIT, bin_name, [*_separator(separator)], context)


def b64_decode(bin_name: str, *, context: ContextLike | None = None) -> Operation:
    """Read the blob that it spells in base64 (C: ``as_operations_string_b64_decode``).

    Result: bytes.
    """
    return string_call(OpType.STRING_READ, StringOp.B64_DECODE, bin_name, [], context)


def regex_compare(
    bin_name: str,
    pattern: str,
    regex_flags: StringRegexFlags = StringRegexFlags.DEFAULT,
    *,
    context: ContextLike | None = None,
) -> Operation:
    """Ask whether a pattern matches (C: ``as_operations_string_regex_compare``, ``…_flags``).

    Result: bool.
    """
    return string_call(
        OpType.STRING_READ,
        StringOp.REGEX_COMPARE,
        bin_name,
        [text(pattern, "pattern"), pack_int(check_flags(regex_flags, StringRegexFlags, "regex_flags"))],
        context,
    )


def _until(end: int | None) -> Sequence[bytes]:
    return () if end is None else (number(end, "end"),)


def _separator(separator: str | None) -> Sequence[bytes]:
    return () if separator is None else (text(separator, "separator"),)
