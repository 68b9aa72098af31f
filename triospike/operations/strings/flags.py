"""Flags and kinds of operations on strings (protocol section 11)."""

from __future__ import annotations

from enum import STRICT, IntEnum, IntFlag

__all__ = ["NumericType", "StringRegexFlags", "StringWriteFlags"]


class StringWriteFlags(IntFlag, boundary=STRICT):
    """What to make of a refusal (C: ``as_string_write_flags``)."""

    DEFAULT = 0
    NO_FAIL = 4
    """Do nothing instead of failing."""


class NumericType(IntEnum):
    """What kind of number a string is asked to spell (C: ``as_string_numeric_type``)."""

    ANY = 0
    INT = 1
    FLOAT = 2


class StringRegexFlags(IntFlag, boundary=STRICT):
    """How to read a pattern (C: ``as_string_regex_flags``)."""

    DEFAULT = 0
    CASE_INSENSITIVE = 1
    MULTILINE = 2
    """``^`` and ``$`` match at each newline."""
    DOTALL = 4
    """``.`` matches a newline too."""
    UNIX_LINES = 8
    """Only a line feed ends a line."""
    GLOBAL = 16
    """Replace all that matches, not only the first."""
