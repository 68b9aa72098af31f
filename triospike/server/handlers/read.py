"""Reading one record: all bins, some bins, none (protocol section 7)."""

from __future__ import annotations

import attrs

from ..._wire.flags import Info1, Info2, Info3, OpType
from ..._wire.message import pack_op
from ...result_code import ResultCode
from ..ports import NodeView
from ..refusal import Refusal
from ..reply import reply, reply_with_ops
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from .checks import MAX_OPS, check_bin_name, check_filter, check_set_if_sent, check_stored_key, refuse_transaction
from .operations import Target, apply_part_op, read_bin
from .scenes import metadata_of

__all__ = ["read"]

_READ = OpType.READ
_NEVER_TOUCH = 0xFFFFFFFF
_USE_DEFAULT = 0


def read(node: NodeView, namespace: Namespace, request: Request, digest: bytes) -> bytes:
    """The answer to a read.

    Args:
        node: The node that masters the record's partition.
        namespace: That node's copy of the namespace.
        request: What the client sent.
        digest: The record's 20 bytes.
    """
    record: StoredRecord | None = None
    try:
        _refuse_enterprise(request)
        record = namespace.stored(digest)
        if record is None:
            raise Refusal(ResultCode.NOT_FOUND)
        answers = _read_record(namespace, request, record, digest)
        if record.void_time and _wants_touch(namespace, request, record):
            _touch(node, namespace, record, digest)
    except Refusal as refusal:
        if record is None:
            return reply(refusal.code)
        return reply(refusal.code, record.generation, record.void_time)
    return reply_with_ops(record.generation, record.void_time, answers)


def _refuse_enterprise(request: Request) -> None:
    """Refuse what only the Enterprise Edition does: transactions, and the strictest of consistent reads."""
    refuse_transaction(request)
    if request.info3 & (Info3.SC_READ_TYPE | Info3.SC_READ_RELAX) == Info3.SC_READ_TYPE:
        raise Refusal(ResultCode.ENTERPRISE_ONLY)


def _read_record(namespace: Namespace, request: Request, record: StoredRecord, digest: bytes) -> list[bytes]:
    """Check a read in the server's order; return the packed bins."""
    check_set_if_sent(request, record)
    if record.void_time:
        if namespace.is_expired(record):
            raise Refusal(ResultCode.NOT_FOUND)
        if request.ttl > 100 and request.ttl != _NEVER_TOUCH:
            raise Refusal(ResultCode.PARAMETER)
    check_filter(namespace, request, record, digest)
    check_stored_key(request, record)
    if request.info1 & Info1.GET_NO_BINS:
        return []
    if len(request.ops) > MAX_OPS:
        raise Refusal(ResultCode.PARAMETER)
    if request.info1 & Info1.GET_ALL:
        return [pack_op(_READ, name, kind, value) for name, (kind, value) in record.bins.items()]
    return _read_ops(namespace, request, record, digest)


def _read_ops(namespace: Namespace, request: Request, record: StoredRecord, digest: bytes) -> list[bytes]:
    if not request.ops:
        raise Refusal(ResultCode.PARAMETER)
    answer_missing = request.info2 & Info2.RESPOND_ALL_OPS != 0
    answers: list[bytes] = []
    bins = record.bins
    target = Target(bins, lambda: metadata_of(namespace, record, digest), answer_missing, is_write=False)
    for op in request.ops:
        check_bin_name(op[2])
        if op[0] == _READ:
            read_bin(bins, op[2], answer_missing, answers)
        else:
            apply_part_op(target, op, answers)
    return answers


def _wants_touch(namespace: Namespace, request: Request, record: StoredRecord) -> bool:
    """Whether so little is left of the record's time to live that this read renews it (protocol section 2.6)."""
    percent = request.ttl
    if percent == _NEVER_TOUCH:
        return False
    if percent == _USE_DEFAULT:
        percent = namespace.config.default_read_touch_ttl_pct
    written_for = record.void_time - record.last_update // 1000
    return percent != 0 and namespace.now_ms() // 1000 >= record.void_time - written_for * percent // 100


def _touch(node: NodeView, namespace: Namespace, record: StoredRecord, digest: bytes) -> None:
    """Give the record its whole time to live again. Its generation stays: a reader must not disturb a writer."""
    now = namespace.now_ms()
    void_time = now // 1000 + record.void_time - record.last_update // 1000
    if void_time > record.void_time:
        namespace.put(digest, attrs.evolve(record, void_time=void_time, last_update=now))
        node.replicate(namespace.name, digest)
