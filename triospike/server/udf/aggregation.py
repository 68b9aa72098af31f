"""Streams of records through functions, on the server's side (protocol section 9.6).

A server runs a function anew for every partition in which it finds records; the client puts together what comes of
that.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable, Iterator
from typing import Final

from ..._lua.engine import LuaMissing
from ..._lua.state import LuaState, Scope, Step
from ..ports import NodeView
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from .call import NO_LUA, Call, failure_bin, parse_call, success_bin
from .record import FoundRecord

__all__ = ["AggregationFailed", "aggregate"]

_NO_STATE: Final = b"UDF: Execution Error 1"
_FAILED: Final = b"UDF: Execution Error 2"
_HEADER = struct.Struct(">BBBBBBIIIHH").pack(22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)


class AggregationFailed(Exception):
    """The function failed. The row that tells why was given already; the job ends with result code 1."""


def aggregate(
    node: NodeView, namespace: Namespace, request: Request, records: Iterable[tuple[bytes, StoredRecord]]
) -> Iterator[bytes]:
    """Run a function over the records that were found in one partition.

    Args:
        node: The node that works.
        namespace: Its copy of the namespace.
        request: What the client sent; it names the function.
        records: Digest and record. They are taken one by one, as the function asks for them.

    Yields:
        Messages with a value each, without a frame around them. Without records there are none.

    Raises:
        Refusal: The request names no function.
        AggregationFailed: The function failed, of which the last message tells.
    """
    found = iter(records)
    first = next(found, None)
    if first is None:
        return
    call = parse_call(request)
    modules = node.modules
    try:
        borrowed = modules.borrow(call.module)
    except LuaMissing:
        yield _HEADER + failure_bin(NO_LUA)
        raise AggregationFailed from None
    if borrowed is None:
        yield _HEADER + failure_bin(_NO_STATE)
        raise AggregationFailed
    state, version = borrowed
    is_done = yield from _run(state, namespace, call, first, found)
    if not is_done:
        raise AggregationFailed
    modules.give_back(call.module, state, version)


def _run(
    state: LuaState,
    namespace: Namespace,
    call: Call,
    first: tuple[bytes, StoredRecord] | None,
    rest: Iterator[tuple[bytes, StoredRecord]],
) -> Generator[bytes, None, bool]:
    """Feed the function; return whether it came to its end."""
    step, kind, content = state.begin_stream(call.function, Scope.SERVER, call.arguments)
    while step is not Step.END:
        if step is Step.FAILED:
            yield _HEADER + failure_bin(_FAILED + b" : " + content)
            return False
        if step is Step.WRITE:
            yield _HEADER + success_bin(kind, content)
            step, kind, content = state.go_on()
            continue
        entry = first or next(rest, None)
        first = None
        record = None if entry is None else FoundRecord(namespace, *entry)
        step, kind, content = state.feed_record(record)
    return True
