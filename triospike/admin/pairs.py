"""The text of info answers: pairs of names and values, and rows of them (protocol section 6.1)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

__all__ = [
    "all_equal",
    "flag_of",
    "largest",
    "number_of",
    "parse_pairs",
    "parse_rows",
    "ratio_of",
    "smallest",
    "text_of",
    "total",
]

_MAX_DIGITS = 20


def parse_pairs(text: str, separator: str = ";") -> dict[str, str]:
    """Names and values; of what has no value, the value is empty."""
    pairs: dict[str, str] = {}
    for part in text.split(separator):
        name, _, value = part.partition("=")
        if name:
            pairs[name] = value
    return pairs


def parse_rows(text: str) -> list[dict[str, str]]:
    """Rows that semicolons part, each of pairs that colons part."""
    return [parse_pairs(row, ":") for row in text.split(";") if "=" in row]


def text_of(pairs: Mapping[str, str], *names: str) -> str | None:
    """The value of the first of these names that there is; None for none, and for "null"."""
    for name in names:
        if name in pairs:
            return None if pairs[name] == "null" else pairs[name]
    return None


def number_of(pairs: Mapping[str, str], *names: str) -> int | None:
    """The same as an int; None where there is none or it is no whole number."""
    text = (text_of(pairs, *names) or "").removesuffix("%")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS else None


def ratio_of(pairs: Mapping[str, str], *names: str) -> float | None:
    """The same as a float; None where there is none or it is no finite number."""
    try:
        found = float(text_of(pairs, *names) or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def flag_of(pairs: Mapping[str, str], *names: str) -> bool | None:
    """The same as a bool; None where there is none or it is neither."""
    return {"true": True, "yes": True, "false": False, "no": False}.get((text_of(pairs, *names) or "").lower())


# Several nodes' values made one. What a node does not tell does not count.


def total(values: Iterable[int | None]) -> int | None:
    """The sum of the values that there are."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def largest(values: Iterable[float | None]) -> float | None:
    """The largest of the values that there are."""
    return max((value for value in values if value is not None), default=None)


def smallest(values: Iterable[float | None]) -> float | None:
    """The smallest of the values that there are."""
    return min((value for value in values if value is not None), default=None)


def all_equal(values: Iterable[str | None]) -> bool:
    """All values are the same."""
    return len(set(values)) <= 1
