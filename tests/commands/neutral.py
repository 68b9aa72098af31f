"""Values of the recorded calls: from tagged JSON to Python, and to a form that compares types too."""

from __future__ import annotations

import math
from typing import Any

from triospike.values import HLL, GeoJSON, KeyOrderedMap, infinity, wildcard

__all__ = ["exact", "to_python"]


def to_python(value: Any) -> Any:
    """The value that a piece of the recording's JSON stands for; its README lists the tags."""
    if isinstance(value, list):
        return [to_python(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, content),) = value.items()
        if tag in _TAGS:
            return _TAGS[tag](content)
    return {key: to_python(item) for key, item in value.items()}


def _pairs(content: list[list[Any]]) -> list[tuple[Any, Any]]:
    return [(to_python(key), to_python(value)) for key, value in content]


_TAGS: dict[str, Any] = {
    "$bytes": bytes.fromhex,
    "$tuple": lambda content: tuple(to_python(item) for item in content),
    "$map": lambda content: dict(_pairs(content)),
    "$ordered_map": lambda content: KeyOrderedMap(_pairs(content)),
    "$geo": GeoJSON,
    "$hll": lambda content: HLL(bytes.fromhex(content)),
    "$int": int,
    "$float": float,
    "$null": lambda content: None,
    "$infinite": lambda content: infinity,
    "$wildcard": lambda content: wildcard,
}


def exact(value: Any) -> Any:
    """A value that equals another one's only if all types are equal too: True is not 1, -0.0 is not 0.0.

    The order of a plain dict does not count, that of a `KeyOrderedMap` does.
    """
    kind = type(value).__name__
    if isinstance(value, list):
        return kind, [exact(item) for item in value]
    if isinstance(value, dict):
        items = [(exact(key), exact(item)) for key, item in value.items()]
        return kind, items if isinstance(value, KeyOrderedMap) else sorted(items, key=repr)
    if isinstance(value, float) and math.isnan(value):
        return kind, "nan"
    return kind, repr(value)
