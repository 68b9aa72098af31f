"""What a recorded answer gave the official client, and what triospike makes of it, in one form to compare."""

from __future__ import annotations

import struct
from typing import Any

from commands.neutral import exact, to_python
from commands.official_calls import command_for
from triospike._commands.record_parser import parse_bins
from triospike.errors import AerospikeError
from triospike.record import Record
from vectors.recorded import Vector, load
from wire.plain_reader import plain_bins

__all__ = ["check_all_answers", "expected", "official", "outcome"]


def official(group: str) -> dict[str, Vector]:
    """The calls of the official client, by id."""
    return {vector.id: vector for vector in load(group) if vector.origin == "official"}


def outcome(vector: Vector) -> Any:
    """What triospike's command makes of the recorded answer."""
    command = command_for(vector)
    (frame,) = vector.exchanges[0].response
    try:
        result = command.parse(frame)
    except AerospikeError as error:
        return f"error {error.result_code}"
    if not isinstance(result, Record):
        return result
    bins = _last(frame) if vector.call["method"] == "operate" else result.bins
    return result.generation, result.ttl is None, exact(bins)


def _last(frame: bytes) -> dict[str, Any]:
    """Of several results for a bin, `operate` of the official client keeps the last."""
    return dict(plain_bins(frame))


def expected(vector: Vector) -> Any:
    """What the official client made of it, as triospike should have it."""
    method = vector.call["method"]
    if vector.error is not None:
        return f"error {vector.error['code']}"
    if not isinstance(vector.result, dict):
        return None  # writes
    record = vector.result["record"]
    meta = record["meta"]
    if method == "exists":
        return meta is not None
    bins = to_python(record["bins"])
    return meta["gen"], meta["ttl"] == 0xFFFFFFFF, exact(bins if isinstance(bins, dict) else _gathered(bins))


def _gathered(results: list[tuple[str, Any]]) -> dict[str, Any]:
    gathered: dict[str, list[Any]] = {}
    for name, value in results:
        gathered.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in gathered.items()}


def check_all_answers(group: str) -> int:
    """Read every recorded answer as the plain reader reads it; how many there are."""
    seen = 0
    for vector in load(group):
        for exchange in vector.exchanges:
            for frame in exchange.response:
                n_fields, n_ops = struct.unpack_from(">HH", frame, 8 + 18)
                found = [(name, exact(value)) for name, value in parse_bins(frame, n_fields, n_ops)]
                assert found == [(name, exact(value)) for name, value in plain_bins(frame)], vector.id
                seen += 1
    return seen
