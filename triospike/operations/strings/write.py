"""Operations that change a string; see `triospike.operations.strings` for the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

from ..._wire.flags import OpType
from ..._wire.opcodes import StringOp
from .._packing import check_flags, pack_int
from ..context import ContextLike
from ..operation import Operation
from .arguments import number, string_call, text, text_pair, texts, write_flags
from .flags import StringRegexFlags, StringWriteFlags

__all__ = [
    "append",
    "case_fold",
    "concat",
    "insert",
    "lower",
    "normalize_nfc",
    "overwrite",
    "pad_end",
    "pad_start",
    "prepend",
    "regex_replace",
    "repeat",
    "replace",
    "replace_all",
    "snip",
    "trim",
    "trim_end",
    "trim_start",
    "upper",
]


def insert(
    bin_name: str,
    index: int,
    value: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Insert another string at a position (C: ``as_operations_string_insert``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.INSERT,
        bin_name,
        [number(index, "index"), text(value, "value"), write_flags(flags)],
        context,
    )


def overwrite(
    bin_name: str,
    index: int,
    value: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Overwrite from a position on (C: ``as_operations_string_overwrite``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.OVERWRITE,
        bin_name,
        [number(index, "index"), text(value, "value"), write_flags(flags)],
        context,
    )


def concat(
    bin_name: str,
    values: Sequence[str],
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Append several strings (C: ``as_operations_string_concat``, ``…_list``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY, StringOp.CONCAT, bin_name, [texts(values), write_flags(flags)], context
    )


def append(
    bin_name: str,
    value: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Append another string (C: ``as_operations_string_append``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY, StringOp.APPEND, bin_name, [text(value, "value"), write_flags(flags)], context
    )


def prepend(
    bin_name: str,
    value: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Prepend another string (C: ``as_operations_string_prepend``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY, StringOp.PREPEND, bin_name, [text(value, "value"), write_flags(flags)], context
    )


def snip(
    bin_name: str,
    start: int,
    end: int | None = None,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Remove the characters from a position to another one, or to the end (C: ``as_operations_string_snip``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY, StringOp.SNIP, bin_name, [number(start, "start"), *_to(end, flags)], context
    )


def replace(
    bin_name: str,
    needle: str,
    replacement: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Replace the first occurrence of a string (C: ``as_operations_string_replace``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.REPLACE,
        bin_name,
        [text_pair(needle, replacement, "needle"), write_flags(flags)],
        context,
    )


def replace_all(
    bin_name: str,
    needle: str,
    replacement: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Replace all occurrences of a string (C: ``as_operations_string_replace_all``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.REPLACE_ALL,
        bin_name,
        [text_pair(needle, replacement, "needle"), write_flags(flags)],
        context,
    )


def upper(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Make it upper case (C: ``as_operations_string_upper``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.UPPER, bin_name, [write_flags(flags)], context)


def lower(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Make it lower case (C: ``as_operations_string_lower``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.LOWER, bin_name, [write_flags(flags)], context)


def case_fold(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Remove differences of case (C: ``as_operations_string_case_fold``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.CASE_FOLD, bin_name, [write_flags(flags)], context)


def normalize_nfc(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Bring it into Unicode's normal form C (C: ``as_operations_string_normalize_nfc``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.NORMALIZE_NFC, bin_name, [write_flags(flags)], context)


def trim_start(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Remove white space at the beginning (C: ``as_operations_string_trim_start``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.TRIM_START, bin_name, [write_flags(flags)], context)


def trim_end(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Remove white space at the end (C: ``as_operations_string_trim_end``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.TRIM_END, bin_name, [write_flags(flags)], context)


def trim(
    bin_name: str, *, flags: StringWriteFlags = StringWriteFlags.DEFAULT, context: ContextLike | None = None
) -> Operation:
    """Remove white space at both ends (C: ``as_operations_string_trim``).

    Result: None.
    """
    return string_call(OpType.STRING_MODIFY, StringOp.TRIM, bin_name, [write_flags(flags)], context)


def pad_start(
    bin_name: str,
    target_length: int,
    pad: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Make it longer at the beginning, up to a number of characters (C: ``as_operations_string_pad_start``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.PAD_START,
        bin_name,
        [number(target_length, "target_length"), text(pad, "pad"), write_flags(flags)],
        context,
    )


def pad_end(
    bin_name: str,
    target_length: int,
    pad: str,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Make it longer at the end, up to a number of characters (C: ``as_operations_string_pad_end``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.PAD_END,
        bin_name,
        [number(target_length, "target_length"), text(pad, "pad"), write_flags(flags)],
        context,
    )


def repeat(
    bin_name: str,
    count: int,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Repeat it (C: ``as_operations_string_repeat``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY, StringOp.REPEAT, bin_name, [number(count, "count"), write_flags(flags)], context
    )


def regex_replace(
    bin_name: str,
    pattern: str,
    replacement: str,
    regex_flags: StringRegexFlags = StringRegexFlags.DEFAULT,
    *,
    flags: StringWriteFlags = StringWriteFlags.DEFAULT,
    context: ContextLike | None = None,
) -> Operation:
    """Replace what a pattern matches (C: ``as_operations_string_regex_replace``).

    Result: None.
    """
    return string_call(
        OpType.STRING_MODIFY,
        StringOp.REGEX_REPLACE,
        bin_name,
        [
            text_pair(pattern, replacement, "pattern"),
            pack_int(check_flags(regex_flags, StringRegexFlags, "regex_flags")),
            write_flags(flags),
        ],
        context,
    )


def _to(end: int | None, flags: StringWriteFlags) -> Sequence[bytes]:
    """An end and flags; without an end there is no place for flags."""
    packed = write_flags(flags)
    if end is not None:
        return number(end, "end"), packed
    if flags:
        raise ValueError("flags need an end")
    return ()
