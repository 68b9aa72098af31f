"""Plays recorded requests to a node, without sockets, and compares its answers with the recorded ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs
from comparing import comparable, first_difference
from lone_node import LoneNode

from triospike.server.dispatch import NO_ANSWER, Session, answer
from triospike.server.framing import RequestBuffer
from triospike.server.stream import Stream
from vectors.recorded import Hostile, Pause, Vector

__all__ = ["Outcome", "frames_of", "replay"]


@attrs.frozen
class Outcome:
    """What came of playing some vectors.

    Attributes:
        differences: Id to the first difference, for those whose answers differ.
        equal: Ids of those whose answers are all equal.
        exchanges: How many requests were answered and compared.
    """

    differences: dict[str, str]
    equal: frozenset[str]
    exchanges: int


def replay(node: LoneNode, vectors: Iterable[Vector]) -> Outcome:
    """Play vectors in order; the node's clock moves on where time passed in the recording."""
    differences: dict[str, str] = {}
    equal = set()
    exchanges = 0
    session = Session()
    for vector in vectors:
        if vector.fresh_connection:
            session = Session()
        found = _differences(node, session, vector)
        if vector.after is not None:
            found += _wait(node, vector.after)
        if vector.skip is None:
            exchanges += len(vector.exchanges) + (vector.hostile is not None)
            if found:
                differences[vector.id] = found[0]
            else:
                equal.add(vector.id)
    return Outcome(differences, frozenset(equal), exchanges)


def _differences(node: LoneNode, session: Session, vector: Vector) -> list[str]:
    found = []
    if vector.hostile is not None:
        found += _play_hostile(node, vector.hostile, vector.volatile)
    for exchange in vector.exchanges:
        given = _whole(answer(node, session, exchange.request))
        want = comparable(exchange.request, exchange.response, vector.volatile)
        got = comparable(exchange.request, list(frames_of(given or b"")), vector.volatile)
        if want != got:
            found.append(first_difference(want, got))
    return found


def frames_of(answer: bytes) -> Iterator[bytes]:
    """The frames of an answer, one after the other."""
    while answer:
        end = 8 + int.from_bytes(answer[2:8], "big")
        yield answer[:end]
        answer = answer[end:]


def _whole(given: bytes | Stream | None) -> bytes | None:
    return given.gathered() if isinstance(given, Stream) else given


def _play_hostile(node: LoneNode, hostile: Hostile, volatile: frozenset[str]) -> list[str]:
    """Bytes for a connection of their own: compare every frame that comes back, and whether it is closed."""
    session = Session()
    buffer = RequestBuffer()
    given = [_whole(answer(node, session, frame)) for frame in buffer.receive(hostile.send)]
    end = "closed" if buffer.is_broken or None in given else "open"
    want = [comparable(hostile.send, [frame], volatile) for frame in hostile.response]
    got = [comparable(hostile.send, [frame], volatile) for frame in given if frame and frame != NO_ANSWER]
    if want != got:
        return [first_difference(want, got)]
    return [] if end == hostile.end else [f"connection recorded {hostile.end}, but {end}"]


def _wait(node: LoneNode, pause: Pause) -> list[str]:
    node.calendar.now += pause.seconds
    if pause.request is None:
        return []
    given = _whole(answer(node, Session(), pause.request)) or b""
    text = given[8:].decode("utf-8", "replace")
    return [] if re.search(pause.until, text) else [f"waits for {pause.until!r}, but is told {text[:200]!r}"]
