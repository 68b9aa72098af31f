"""Strings (server 8.1.3).

Positions count characters, which are Unicode code points, from 0; below zero they count from the end. The end of a
range is not part of it. Arguments are those of `triospike.operations.strings`, with the string in the place of the
bin's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.opcodes import ExpCallSystem, ExpOp, StringOp
from ..operations._packing import check_flags, pack_int
from ..operations.strings import NumericType, StringRegexFlags
from .calls import call
from .kinds import BlobExp, BoolExp, FloatExp, IntExp, IntLike, ListExp, StringExp, StringLike
from .nodes import Value, form, pack_part, written

__all__ = [
    "string_b64_decode",
    "string_byte_length",
    "string_char_at",
    "string_contains",
    "string_ends_with",
    "string_find",
    "string_is_lower",
    "string_is_numeric",
    "string_is_upper",
    "string_regex_compare",
    "string_split",
    "string_starts_with",
    "string_strlen",
    "string_substr",
    "string_to_blob",
    "string_to_double",
    "string_to_integer",
    "to_string",
]


@written
def to_string(value: Value) -> StringExp:
    """A value as text (C: ``as_exp_to_string``)."""
    return StringExp(form(ExpOp.TO_STRING, pack_part(value, "value")))


@written
def string_strlen(text: StringLike) -> IntExp:
    """How many characters there are (C: ``as_exp_string_strlen``)."""
    return call(IntExp, ExpCallSystem.STRING, StringOp.STRLEN, [], pack_part(text, "text"))


@written
def string_substr(text: StringLike, start: IntLike, end: IntLike | None = None) -> StringExp:
    """The characters from a position to another one, or to the end (C: ``as_exp_string_substr``, ``…_range``)."""
    return call(
        StringExp,
        ExpCallSystem.STRING,
        StringOp.SUBSTR,
        [pack_part(start, "start"), *_until(end)],
        pack_part(text, "text"),
    )


@written
def string_char_at(text: StringLike, index: IntLike) -> StringExp:
    """The character at a position (C: ``as_exp_string_char_at``)."""
    return call(
        StringExp, ExpCallSystem.STRING, StringOp.CHAR_AT, [pack_part(index, "index")], pack_part(text, "text")
    )


@written
def string_find(text: StringLike, needle: StringLike, occurrence: IntLike = 1) -> IntExp:
    """Where another string is; -1 if it is not there (C: ``as_exp_string_find``, ``…_occurrence``)."""
    return call(
        IntExp,
        ExpCallSystem.STRING,
        StringOp.FIND,
        [pack_part(needle, "needle"), pack_part(occurrence, "occurrence")],
        pack_part(text, "text"),
    )


@written
def string_contains(text: StringLike, needle: StringLike) -> BoolExp:
    """Whether another string is somewhere in it (C: ``as_exp_string_contains``)."""
    return call(
        BoolExp, ExpCallSystem.STRING, StringOp.CONTAINS, [pack_part(needle, "needle")], pack_part(text, "text")
    )


@written
def string_starts_with(text: StringLike, prefix: StringLike) -> BoolExp:
    """Whether it begins with another string (C: ``as_exp_string_starts_with``)."""
    return call(
        BoolExp, ExpCallSystem.STRING, StringOp.STARTS_WITH, [pack_part(prefix, "prefix")], pack_part(text, "text")
    )


@written
def string_ends_with(text: StringLike, suffix: StringLike) -> BoolExp:
    """Whether it ends with another string (C: ``as_exp_string_ends_with``)."""
    return call(
        BoolExp, ExpCallSystem.STRING, StringOp.ENDS_WITH, [pack_part(suffix, "suffix")], pack_part(text, "text")
    )


@written
def string_to_integer(text: StringLike) -> IntExp:
    """The integer that it spells (C: ``as_exp_string_to_integer``)."""
    return call(IntExp, ExpCallSystem.STRING, StringOp.TO_INTEGER, [], pack_part(text, "text"))


@written
def string_to_double(text: StringLike) -> FloatExp:
    """The float that it spells (C: ``as_exp_string_to_double``)."""
    return call(FloatExp, ExpCallSystem.STRING, StringOp.TO_DOUBLE, [], pack_part(text, "text"))


@written
def string_byte_length(text: StringLike) -> IntExp:
    """How many bytes it has, in UTF-8 (C: ``as_exp_string_byte_length``)."""
    return call(IntExp, ExpCallSystem.STRING, StringOp.BYTE_LENGTH, [], pack_part(text, "text"))


@written
def string_is_numeric(text: StringLike, numeric_type: NumericType = NumericType.ANY) -> BoolExp:
    """Whether it spells a number (C: ``as_exp_string_is_numeric``, ``…_type``)."""
    return call(
        BoolExp,
        ExpCallSystem.STRING,
        StringOp.IS_NUMERIC,
        [pack_int(check_flags(numeric_type, NumericType, "numeric_type"))],
        pack_part(text, "text"),
    )


@written
def string_is_upper(text: StringLike) -> BoolExp:
    """Whether all of its letters are upper case (C: ``as_exp_string_is_upper``)."""
    return call(BoolExp, ExpCallSystem.STRING, StringOp.IS_UPPER, [], pack_part(text, "text"))


@written
def string_is_lower(text: StringLike) -> BoolExp:
    """Whether all of its letters are lower case (C: ``as_exp_string_is_lower``)."""
    return call(BoolExp, ExpCallSystem.STRING, StringOp.IS_LOWER, [], pack_part(text, "text"))


@written
def string_to_blob(text: StringLike) -> BlobExp:
    """Its bytes, in UTF-8 (C: ``as_exp_string_to_blob``)."""
    return call(BlobExp, ExpCallSystem.STRING, StringOp.TO_BLOB, [], pack_part(text, "text"))


@written
def string_split(text: StringLike, separator: StringLike | None = None) -> ListExp:
    """Its parts between separators, or its characters (C: ``as_exp_string_split``, ``…_separator``)."""
    return call(ListExp, ExpCallSystem.STRING, StringOp.SPLIT, [*_separator(separator)], pack_part(text, "text"))


@written
def string_b64_decode(text: StringLike) -> BlobExp:
    """The blob that it spells in base64 (C: ``as_exp_string_b64_decode``)."""
    return call(BlobExp, ExpCallSystem.STRING, StringOp.B64_DECODE, [], pack_part(text, "text"))


@written
def string_regex_compare(
    text: StringLike, pattern: StringLike, regex_flags: StringRegexFlags = StringRegexFlags.DEFAULT
) -> BoolExp:
    """Whether a pattern matches (C: ``as_exp_string_regex_compare``, ``…_flags``)."""
    return call(
        BoolExp,
        ExpCallSystem.STRING,
        StringOp.REGEX_COMPARE,
        [pack_part(pattern, "pattern"), pack_int(check_flags(regex_flags, StringRegexFlags, "regex_flags"))],
        pack_part(text, "text"),
    )


def _until(end: IntLike | None) -> Sequence[bytes]:
    return () if end is None else (pack_part(end, "end"),)


def _separator(separator: StringLike | None) -> Sequence[bytes]:
    return () if separator is None else (pack_part(separator, "separator"),)
