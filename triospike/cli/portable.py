"""Records as lines of JSON that another cluster takes as they were: what exports write and imports read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from ..key import Key
from ..record import Record
from .values import from_json, to_json

__all__ = ["Imported", "record_from_line", "record_to_line"]


@attrs.frozen
class Imported:
    """What a line holds.

    Attributes:
        key: By user key if the line has one, else by digest.
        bins: Name to value.
        generation: As it was exported; 0 where the line has none.
        expires: Unix seconds; None for a record that never expires.
    """

    key: Key
    bins: dict[str, Any]
    generation: int
    expires: float | None


def record_to_line(record: Record, now: float) -> str:
    """A record as one line, without its end.

    Args:
        record: The record.
        now: Unix seconds, from which its ttl counts.
    """
    key = record.key
    fields: dict[str, Any] = {"set": key.set_name}
    if key.user_key is not None:
        fields["key"] = to_json(key.user_key)
    fields |= {
        "digest": key.digest.hex(),
        "generation": record.generation,
        "expires": None if record.ttl is None else round(now + record.ttl),
        "bins": {name: to_json(value, exact=True) for name, value in record.bins.items()},
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def record_from_line(line: bytes, namespace: str, set_name: str | None, clock: Callable[[], float]) -> Imported:
    """What a line holds. Lines that `triospike scan --json` printed are read too.

    Args:
        line: The line.
        namespace: Where the record goes.
        set_name: The set that it goes to; None for the one that the line names.
        clock: Unix seconds, for lines that have a ttl rather than a time.

    Raises:
        ValueError: It is no such line, or names no record.
    """
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("bins"), dict) or not fields["bins"]:
        raise ValueError('not a record: an object with "bins", at least one, is expected')
    try:
        bins = {name: from_json(value) for name, value in fields["bins"].items()}
        return Imported(
            _key(fields, namespace, set_name), bins, fields.get("generation") or 0, _end(fields, clock)
        )
    except TypeError as error:
        raise ValueError(f"not a record: {error}") from None


def _key(fields: dict[str, Any], namespace: str, set_name: str | None) -> Key:
    own_set = fields.get("set") or ""
    target_set = own_set if set_name is None else set_name
    user_key = from_json(fields.get("key"))
    digest = bytes.fromhex(fields["digest"]) if fields.get("digest") else None
    if user_key is None:
        if digest is None:
            raise ValueError('not a record: neither "key" nor "digest"')
        if target_set != own_set:
            raise ValueError(f"has no key, and its digest belongs to the set {own_set!r}: it can't go to another")
        return Key.from_digest(namespace, target_set, digest)
    key = Key(namespace, target_set, user_key)
    if digest is not None and target_set == own_set and digest != key.digest:
        raise ValueError(f"its digest is not that of its key {user_key!r}")
    return key


def _end(fields: dict[str, Any], clock: Callable[[], float]) -> float | None:
    if fields.get("expires") is not None:
        return float(fields["expires"])
    return None if fields.get("ttl") is None else clock() + float(fields["ttl"])
