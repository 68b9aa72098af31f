"""A Lua function carried out on one record (protocol section 7.5)."""

from __future__ import annotations

from typing import Final

from ..._lua.engine import LuaMissing
from ..._lua.state import Outcome
from ..._wire.flags import FieldType, Info2, Info3
from ..._wire.message import pack_message
from ...result_code import ResultCode
from ..ports import NodeView
from ..refusal import Refusal
from ..reply import reply, reply_with_ops
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord, record_size
from ..udf.call import NO_LUA, Call, failure_bin, parse_call, success_bin
from ..udf.record import UdfRecord
from .checks import check_filter, check_stored_key, refuse_transaction
from .lifetimes import check_ttl, void_time_of

__all__ = ["apply"]

_FORBIDDEN2 = Info2.GENERATION | Info2.GENERATION_GT | Info2.CREATE_ONLY
_FORBIDDEN3 = Info3.UPDATE_ONLY | Info3.CREATE_OR_REPLACE | Info3.REPLACE_ONLY
_MAX_GENERATION = 65535
_STRING = 3
_NO_MODULE: Final = Outcome(False, _STRING, b"UDF: Execution Error 1")
_NO_INTERPRETER: Final = Outcome(False, _STRING, NO_LUA)
_NOT_A_STRING: Final = b"result value type unexpected"


def apply(node: NodeView, namespace: Namespace, request: Request, digest: bytes) -> bytes:
    """The answer to a request that carries a function's name: what it returned, or how it failed.

    Args:
        node: The node that masters the record's partition.
        namespace: That node's copy of the namespace.
        request: What the client sent.
        digest: The record's 20 bytes.
    """
    generation = void_time = 0
    try:
        refuse_transaction(request)
        call = parse_call(request)
        if request.info2 & _FORBIDDEN2 or request.info3 & _FORBIDDEN3:
            raise Refusal(ResultCode.PARAMETER)
        stored = namespace.stored(digest)
        if stored is not None:
            generation, void_time = stored.generation, stored.void_time
        live = None if stored is None or namespace.is_expired(stored) else stored
        if live is not None:
            _check(namespace, request, live, digest)
        record = UdfRecord(namespace, request, digest, live)
        outcome = _call(node, call, record)
        if not outcome.is_success:
            return _failed(outcome, generation, void_time)
        if record.code:
            raise Refusal(record.code)
        if record.has_updates:
            generation, void_time = _store(node, namespace, request, digest, live, record)
    except Refusal as refusal:
        return reply(refusal.code, generation, void_time)
    return reply_with_ops(generation, void_time, [success_bin(outcome.kind, outcome.content)])


def _check(namespace: Namespace, request: Request, live: StoredRecord, digest: bytes) -> None:
    """Refuse a call that the record's state forbids."""
    if request.fields.get(FieldType.SET, b"") != live.set_name:
        raise Refusal(ResultCode.PARAMETER)
    check_filter(namespace, request, live, digest)
    check_stored_key(request, live)


def _call(node: NodeView, call: Call, record: UdfRecord) -> Outcome:
    modules = node.modules
    try:
        borrowed = modules.borrow(call.module)
    except LuaMissing:
        return _NO_INTERPRETER
    if borrowed is None:
        return _NO_MODULE
    state, version = borrowed
    outcome = state.apply(call.function, record, call.arguments)
    modules.give_back(call.module, state, version)
    return outcome


def _failed(outcome: Outcome, generation: int, void_time: int) -> bytes:
    message = outcome.content if outcome.kind == _STRING else _NOT_A_STRING
    return pack_message(
        0,
        0,
        0,
        result_code=ResultCode.UDF,
        generation=generation,
        record_ttl=void_time,
        n_ops=1,
        body=failure_bin(message),
    )


def _store(
    node: NodeView,
    namespace: Namespace,
    request: Request,
    digest: bytes,
    live: StoredRecord | None,
    record: UdfRecord,
) -> tuple[int, int]:
    """Store what a function made of a record; return its generation and void-time."""
    check_ttl(namespace, record.ttl, live)
    void_time, now = void_time_of(namespace, record.ttl, live)
    generation = 1 if live is None or live.generation == _MAX_GENERATION else live.generation + 1
    if record.bins:
        new = StoredRecord(record.set_name, record.user_key, record.bins, generation, void_time, now)
        if record_size(new) > namespace.config.max_record_size:
            raise Refusal(ResultCode.RECORD_TOO_BIG)
        namespace.put(digest, new)
    else:
        if live is None or not record.had_bins:
            raise Refusal(ResultCode.NOT_FOUND)
        if request.info2 & Info2.DURABLE_DELETE:
            raise Refusal(ResultCode.ENTERPRISE_ONLY)
        namespace.remove(digest)
    node.replicate(namespace.name, digest)
    return generation, void_time
