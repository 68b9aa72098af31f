r"""Bin values as JSON, and back.

JSON has no bytes, GeoJSON, sketches, not-a-number or maps with other keys than text. Those are objects with one
name that begins with a dollar sign::

    {"$bytes": "c0ffee"}                  bytes, in hexadecimal
    {"$geojson": "{\"type\": ...}"}       GeoJSON, as its text (an object is read too)
    {"$hll": "0c00..."}                   a HyperLogLog sketch, in hexadecimal
    {"$float": "nan"}                     nan, inf or -inf
    {"$map": [[1, "one"], [2, "two"]]}    a map, by its pairs of key and value
    {"$ordered": {"a": 1}}                a map that the server keeps in the order of its keys; pairs as in $map
                                          where its keys are not all text
    {"$blob": "8004...", "type": 9}       a blob in another language's own serialization

What `to_json` writes, `from_json` reads back. For people a key-ordered map is shown as a plain one; where nothing
may get lost, in exports, ``exact`` marks it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ..values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob

__all__ = ["bins_from_text", "from_json", "to_json"]


def to_json(value: object, *, exact: bool = False) -> Any:
    """A bin value as what `json.dumps` takes.

    Args:
        value: The value.
        exact: Mark key-ordered maps as such, rather than show them as plain ones.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": bytes(value).hex()}
    if isinstance(value, GeoJSON):
        return {"$geojson": value.text}
    if isinstance(value, HLL):
        return {"$hll": value.data.hex()}
    if isinstance(value, OpaqueBlob):
        return {"$blob": value.data.hex(), "type": value.particle_type}
    if isinstance(value, Mapping):
        return _map_to_json(value, exact)
    if isinstance(value, list | tuple):
        return [to_json(item, exact=exact) for item in value]
    return {"$other": repr(value)}


def _map_to_json(value: Mapping[Any, Any], exact: bool) -> Any:
    ordered = exact and isinstance(value, KeyOrderedMap)
    if all(isinstance(key, str) and not key.startswith("$") for key in value):
        plain = {key: to_json(item, exact=exact) for key, item in value.items()}
        return {"$ordered": plain} if ordered else plain
    pairs = [[to_json(key), to_json(item, exact=exact)] for key, item in value.items()]
    return {"$ordered" if ordered else "$map": pairs}


def from_json(value: Any) -> Any:
    """The bin value that a decoded JSON value stands for.

    Raises:
        ValueError: An object with a name that begins with a dollar sign is none of those above.
    """
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    tags = [name for name in value if name.startswith("$")]
    if not tags:
        return {name: from_json(item) for name, item in value.items()}
    try:
        return _tagged(tags[0], value)
    except (TypeError, ValueError, KeyError):
        raise ValueError(f"not a value that {tags[0]} can stand for: {json.dumps(value)}") from None


def _tagged(tag: str, value: dict[str, Any]) -> Any:
    if set(value) != ({"$blob", "type"} if tag == "$blob" else {tag}):
        raise ValueError(value)
    content = value[tag]
    match tag:
        case "$bytes":
            return bytes.fromhex(content)
        case "$geojson":
            return GeoJSON(content if isinstance(content, str) else json.dumps(content))
        case "$hll":
            return HLL(bytes.fromhex(content))
        case "$float":
            return float(content)
        case "$map":
            return _pairs(content)
        case "$ordered":
            return KeyOrderedMap(from_json(content) if isinstance(content, dict) else _pairs(content))
        case "$blob":
            return OpaqueBlob(int(value["type"]), bytes.fromhex(content))
    raise ValueError(value)


def _pairs(content: list[list[Any]]) -> dict[Any, Any]:
    return {from_json(key): from_json(item) for key, item in content}


def bins_from_text(text: str) -> dict[str, Any]:
    """The bins that a JSON object holds: name to value; null removes a bin.

    Raises:
        ValueError: The text is not JSON, or not an object.
    """
    try:
        decoded = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise ValueError(f"a record is a JSON object of bins, not {type(decoded).__name__}")  # noqa: TRY004 - the text is wrong
    return {name: from_json(value) for name, value in decoded.items()}
