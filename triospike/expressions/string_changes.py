"""Strings that are changed; see `triospike.expressions.strings` for the vocabulary. They give a changed copy."""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.opcodes import ExpCallSystem, ExpOp, StringOp
from ..operations._packing import check_flags, pack_array, pack_int
from ..operations.strings import StringRegexFlags, StringWriteFlags
from .calls import call
from .kinds import IntLike, ListLike, StringExp, StringLike
from .nodes import form, pack_part, written

__all__ = [
    "string_append",
    "string_case_fold",
    "string_concat",
    "string_insert",
    "string_lower",
    "string_normalize_nfc",
    "string_overwrite",
    "string_pad_end",
    "string_pad_start",
    "string_prepend",
    "string_regex_replace",
    "string_repeat",
    "string_replace",
    "string_replace_all",
    "string_snip",
    "string_trim",
    "string_trim_end",
    "string_trim_start",
    "string_upper",
]


@written
def string_insert(
    text: StringLike, index: IntLike, value: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT
) -> StringExp:
    """The string with another string inserted at a position (C: ``as_exp_string_insert``)."""
    return _modify(StringOp.INSERT, [pack_part(index, "index"), pack_part(value, "value"), _flags(flags)], text)


@written
def string_overwrite(
    text: StringLike, index: IntLike, value: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT
) -> StringExp:
    """The string overwritten by another string from a position on (C: ``as_exp_string_overwrite``)."""
    return _modify(StringOp.OVERWRITE, [pack_part(index, "index"), pack_part(value, "value"), _flags(flags)], text)


@written
def string_concat(
    text: StringLike, values: ListLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT
) -> StringExp:
    """The string with several strings at the end (C: ``as_exp_string_concat``, ``…_list``)."""
    return _modify(StringOp.CONCAT, [pack_part(values, "values"), _flags(flags)], text)


@written
def string_append(
    text: StringLike, value: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT
) -> StringExp:
    """The string with another string at the end (C: ``as_exp_string_append``)."""
    return _modify(StringOp.APPEND, [pack_part(value, "value"), _flags(flags)], text)


@written
def string_prepend(
    text: StringLike, value: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT
) -> StringExp:
    """The string with another string at the beginning (C: ``as_exp_string_prepend``)."""
    return _modify(StringOp.PREPEND, [pack_part(value, "value"), _flags(flags)], text)


@written
def string_snip(
    text: StringLike,
    start: IntLike,
    end: IntLike | None = None,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
) -> StringExp:
    """The string without characters from a position to another one, or to the end (C: ``as_exp_string_snip``)."""
    return _modify(StringOp.SNIP, [pack_part(start, "start"), *_to(end, flags)], text)


@written
def string_replace(
    text: StringLike,
    needle: StringLike,
    replacement: StringLike,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
) -> StringExp:
    """The string with the first occurrence of a string replaced (C: ``as_exp_string_replace``)."""
    return _modify(StringOp.REPLACE, [_pair(needle, replacement, "needle"), _flags(flags)], text)


@written
def string_replace_all(
    text: StringLike,
    needle: StringLike,
    replacement: StringLike,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
) -> StringExp:
    """The string with all occurrences of a string replaced (C: ``as_exp_string_replace_all``)."""
    return _modify(StringOp.REPLACE_ALL, [_pair(needle, replacement, "needle"), _flags(flags)], text)


@written
def string_upper(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string in upper case (C: ``as_exp_string_upper``)."""
    return _modify(StringOp.UPPER, [_flags(flags)], text)


@written
def string_lower(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string in lower case (C: ``as_exp_string_lower``)."""
    return _modify(StringOp.LOWER, [_flags(flags)], text)


@written
def string_case_fold(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string without differences of case (C: ``as_exp_string_case_fold``)."""
    return _modify(StringOp.CASE_FOLD, [_flags(flags)], text)


@written
def string_normalize_nfc(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string in Unicode's normal form C (C: ``as_exp_string_normalize_nfc``)."""
    return _modify(StringOp.NORMALIZE_NFC, [_flags(flags)], text)


@written
def string_trim_start(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string without white space at the beginning (C: ``as_exp_string_trim_start``)."""
    return _modify(StringOp.TRIM_START, [_flags(flags)], text)


@written
def string_trim_end(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string without white space at the end (C: ``as_exp_string_trim_end``)."""
    return _modify(StringOp.TRIM_END, [_flags(flags)], text)


@written
def string_trim(text: StringLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT) -> StringExp:
    """The string without white space at both ends (C: ``as_exp_string_trim``)."""
    return _modify(StringOp.TRIM, [_flags(flags)], text)


@written
def string_pad_start(
    text: StringLike,
    target_length: IntLike,
    pad: StringLike,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
) -> StringExp:
    """The string made longer at the beginning, up to a number of characters (C: ``as_exp_string_pad_start``)."""
    return _modify(
        StringOp.PAD_START, [pack_part(target_length, "target_length"), pack_part(pad, "pad"), _flags(flags)], text
    )


@written
def string_pad_end(
    text: StringLike,
    target_length: IntLike,
    pad: StringLike,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
) -> StringExp:
    """The string made longer at the end, up to a number of characters (C: ``as_exp_string_pad_end``)."""
    return _modify(
        StringOp.PAD_END, [pack_part(target_length, "target_length"), pack_part(pad, "pad"), _flags(flags)], text
    )


@written
def string_repeat(
    text: StringLike, count: IntLike, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT
) -> StringExp:
    """The string repeated (C: ``as_exp_string_repeat``)."""
    return _modify(StringOp.REPEAT, [pack_part(count, "count"), _flags(flags)], text)


@written
def string_regex_replace(
    text: StringLike,
    pattern: StringLike,
    replacement: StringLike,
    regex_flags: StringRegexFlags = StringRegexFlags.DEFAULT,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
) -> StringExp:
    """The string with what a pattern matches replaced (C: ``as_exp_string_regex_replace``)."""
    return _modify(
        StringOp.REGEX_REPLACE,
        [
            _pair(pattern, replacement, "pattern"),
            pack_int(check_flags(regex_flags, StringRegexFlags, "regex_flags")),
            _flags(flags),
        ],
        text,
    )


def _modify(number: StringOp, arguments: Sequence[bytes], text: StringLike) -> StringExp:
    system = ExpCallSystem.STRING | ExpCallSystem.MODIFY
    return call(StringExp, system, number, arguments, pack_part(text, "text"))


def _pair(first: StringLike, replacement: StringLike, argument: str) -> bytes:
    pair = pack_array([pack_part(first, argument), pack_part(replacement, "replacement")])
    return form(ExpOp.QUOTE, pair)


def _to(end: IntLike | None, flags: StringWriteFlags) -> Sequence[bytes]:
    """An end and flags; without an end there is no place for flags."""
    packed = _flags(flags)
    if end is not None:
        return pack_part(end, "end"), packed
    if flags:
        raise ValueError("flags need an end")
    return ()


def _flags(flags: StringWriteFlags) -> bytes:
    return pack_int(check_flags(flags, StringWriteFlags, "flags"))
