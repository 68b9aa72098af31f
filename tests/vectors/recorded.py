"""Reads the recorded vectors: one JSON object per line, each relying on the state that the earlier ones left.

A vector holds what the official client was called with, the frames that then went to and fro, and what the client
returned; or bytes made by hand, for what the client can't be made to send.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import attrs

__all__ = ["Exchange", "Hostile", "Pause", "Vector", "load"]

_HERE = Path(__file__).parent


@attrs.frozen
class Exchange:
    """One request and the frames that answered it.

    Attributes:
        request: The whole frame.
        response: Whole frames, in order.
        poll: The client repeated the request until it liked the answer; this is the last one.
    """

    request: bytes
    response: tuple[bytes, ...]
    poll: bool


@attrs.frozen
class Hostile:
    """Bytes on a connection of their own, and what became of it.

    Attributes:
        send: Not always whole frames.
        response: The frames that came back.
        end: ``closed`` by the server, or still ``open``.
    """

    send: bytes
    response: tuple[bytes, ...]
    end: str


@attrs.frozen
class Pause:
    """What happened before the next vector: time passed, or a request was repeated until its answer matched."""

    seconds: float
    request: bytes | None
    until: str


@attrs.frozen
class Vector:
    """One recorded call, or one request made by hand.

    Attributes:
        id: Unique in its group.
        origin: ``official`` or ``crafted``.
        call: The call in neutral JSON, for official ones.
        exchanges: In order; empty if the client refused the call itself.
        hostile: Set instead of exchanges in the group of that name.
        result: What the client returned.
        error: Code and name of what it raised.
        volatile: Masks: what may differ between two recordings.
        request_volatile: What the client draws at random in the request.
        after: What to do before the next vector.
        fresh_connection: It wants a connection of its own.
        skip: Reason why its answer can't be compared.
        expression_b64: The packed expression of a read operation, as the official client writes it.
    """

    id: str
    origin: str
    call: dict[str, Any]
    exchanges: tuple[Exchange, ...]
    hostile: Hostile | None
    result: Any
    error: dict[str, Any] | None
    volatile: frozenset[str]
    request_volatile: frozenset[str]
    after: Pause | None
    fresh_connection: bool
    skip: str | None
    expression_b64: str | None


@cache
def load(group: str) -> tuple[Vector, ...]:
    """The vectors of a group, in the order in which they were recorded."""
    with gzip.open(_HERE / f"{group}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(_vector(json.loads(line)) for line in lines)


def _frames(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)


def _vector(raw: dict[str, Any]) -> Vector:
    exchanges = [
        Exchange(bytes.fromhex(each["request"]), _frames(each["response"]), bool(each.get("poll")))
        for each in raw.get("exchanges", ())
    ]
    return Vector(
        id=raw["id"],
        origin=raw.get("origin", "crafted"),
        call=raw.get("call", {}),
        exchanges=tuple(exchanges),
        hostile=_hostile(raw.get("hostile")),
        result=raw.get("result"),
        error=raw.get("error"),
        volatile=_names(raw.get("volatile")),
        request_volatile=_names(raw.get("request_volatile")),
        after=_pause(raw.get("after")),
        fresh_connection=bool(raw.get("fresh_connection")),
        skip=raw.get("skip_replay"),
        expression_b64=raw.get("expression_b64"),
    )


def _names(raw: list[str] | str | None) -> frozenset[str]:
    return frozenset([raw] if isinstance(raw, str) else raw or ())


def _hostile(raw: dict[str, Any] | None) -> Hostile | None:
    return None if raw is None else Hostile(bytes.fromhex(raw["send"]), _frames(raw["response"]), raw["end"])


def _pause(raw: dict[str, Any] | None) -> Pause | None:
    if raw is None:
        return None
    request = raw.get("request")
    return Pause(
        seconds=raw.get("sleep_ms", 0) / 1000,
        request=None if request is None else bytes.fromhex(request),
        until=raw.get("until", ""),
    )
