"""Writing one record: put, touch, and operate with any write (protocol section 7).

The order of the checks is the server's (section 7.3), since clients can tell: the first that fails decides the
result code.
"""

from __future__ import annotations

from ..._wire.flags import FieldType, Info1, Info2, Info3, OpType, ParticleType
from ..._wire.message import pack_op
from ...result_code import ResultCode
from ..apply.scalar import MODIFY, Bins
from ..evaluate.scene import Metadata
from ..ports import NodeView
from ..refusal import Refusal
from ..reply import reply, reply_with_ops
from ..request import Op, Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord, record_size
from .checks import (
    MAX_OPS,
    check_bin_name,
    check_filter,
    check_generation,
    check_stored_key,
    refuse_transaction,
    sent_key,
)
from .lifetimes import check_ttl, new_set_name, void_time_of
from .operations import Target, apply_part_op, read_bin
from .scenes import size_of

__all__ = ["write"]

_READ = int(OpType.READ)
_WRITE = int(OpType.WRITE)
_TOUCH = int(OpType.TOUCH)
_MAX_BINS = 32767
_MAX_GENERATION = 65535

_MUST_EXIST = Info3.UPDATE_ONLY | Info3.REPLACE_ONLY
_REPLACE = Info3.CREATE_OR_REPLACE | Info3.REPLACE_ONLY
_PLAIN_READS = frozenset({OpType.READ, OpType.CDT_READ, OpType.BITS_READ, OpType.HLL_READ, OpType.EXP_READ})
_NO_REPLACE = frozenset(
    {
        OpType.TOUCH,
        OpType.INCR,
        OpType.APPEND,
        OpType.PREPEND,
        OpType.DELETE_ALL,
        OpType.CDT_MODIFY,
        OpType.BITS_MODIFY,
        OpType.HLL_MODIFY,
    }
)
_MAY_ANSWER = frozenset({*_PLAIN_READS, OpType.CDT_MODIFY, OpType.HLL_MODIFY})


def write(node: NodeView, namespace: Namespace, request: Request, digest: bytes) -> bytes:
    """The answer to a write, which has then been applied and replicated, or not at all.

    Args:
        node: The node that masters the record's partition.
        namespace: That node's copy of the namespace.
        request: What the client sent.
        digest: The record's 20 bytes.
    """
    stored: StoredRecord | None = None
    try:
        must_exist = _check_ops(request)
        refuse_transaction(request)
        stored = namespace.stored(digest)
        live = stored
        if live is not None and live.void_time and namespace.is_expired(live):
            live = None
        record, answers = _apply(namespace, request, live, must_exist, digest)
    except Refusal as refusal:
        if stored is None:
            return reply(refusal.code)
        return reply(refusal.code, stored.generation, stored.void_time)
    if record is None:
        namespace.remove(digest)
        node.replicate(namespace.name, digest)
        return reply_with_ops(0, 0, answers)
    namespace.put(digest, record)
    node.replicate(namespace.name, digest)
    return reply_with_ops(record.generation, record.void_time, answers)


def _check_ops(request: Request) -> bool:
    """Refuse operations that don't go together; return whether the record must exist."""
    if not request.ops or len(request.ops) > MAX_OPS:
        raise Refusal(ResultCode.PARAMETER)
    must_exist = request.info3 & _MUST_EXIST != 0
    replace = request.info3 & _REPLACE
    answering = []
    for op in request.ops:
        kind = op[0]
        if kind == _TOUCH:
            must_exist = True
        else:
            check_bin_name(op[2])
        if replace and (kind in _NO_REPLACE or (kind == _WRITE and op[1] == ParticleType.NULL)):
            raise Refusal(ResultCode.PARAMETER)
        if kind in _MAY_ANSWER:
            answering.append(op)
    if answering or request.info1 & Info1.GET_ALL:
        _check_answering(request, answering)
    return must_exist


def _check_answering(request: Request, ops: list[Op]) -> None:
    """Reading needs the bit for it; reading all bins excludes every other answer."""
    get_all = request.info1 & Info1.GET_ALL
    reads_all = sum(kind == _READ and not name for kind, _, name, _ in ops) if get_all else 0
    if get_all and (reads_all != 1 or len(ops) > 1 or request.info2 & Info2.RESPOND_ALL_OPS):
        raise Refusal(ResultCode.PARAMETER)
    if not request.info1 & Info1.READ and any(op[0] in _PLAIN_READS for op in ops):
        raise Refusal(ResultCode.PARAMETER)


def _apply(
    namespace: Namespace, request: Request, live: StoredRecord | None, must_exist: bool, digest: bytes
) -> tuple[StoredRecord | None, list[bytes]]:
    """The record's next version, or None if it is gone now, and the packed answers of operations."""
    set_name, user_key = _check_record(namespace, request, live, must_exist, digest)
    void_time, now = void_time_of(namespace, request.ttl, live)
    bins: Bins = {} if live is None or request.info3 & _REPLACE else dict(live.bins)
    had_bins = bool(bins)

    def describe() -> Metadata:
        is_key_stored = live is not None and live.user_key is not None
        return Metadata(digest, set_name, user_key, is_key_stored, void_time, now, size_of(live), now)

    answers = _apply_ops(
        request, Target(bins, describe, request.info2 & Info2.RESPOND_ALL_OPS != 0, is_write=True)
    )
    if not bins:
        # What is not there can't be deleted, nor is it by a replacement without bins; but other datacenters may.
        if not had_bins and not request.info1 & Info1.XDR:
            raise Refusal(ResultCode.NOT_FOUND)
        if request.info2 & Info2.DURABLE_DELETE:
            raise Refusal(ResultCode.ENTERPRISE_ONLY)
        return None, answers
    generation = 1 if live is None or live.generation == _MAX_GENERATION else live.generation + 1
    record = StoredRecord(set_name, user_key, bins, generation, void_time, now)
    if record_size(record) > namespace.config.max_record_size:
        raise Refusal(ResultCode.RECORD_TOO_BIG)
    return record, answers


def _check_record(
    namespace: Namespace, request: Request, live: StoredRecord | None, must_exist: bool, digest: bytes
) -> tuple[bytes, bytes | None]:
    """Refuse a write that the record's state forbids; return the set name and user key to store."""
    if live is None:
        if must_exist:
            raise Refusal(ResultCode.NOT_FOUND)
        check_generation(request, 0)
        set_name = new_set_name(request)
        user_key = sent_key(request)
    else:
        if request.info2 & Info2.CREATE_ONLY:
            raise Refusal(ResultCode.RECORD_EXISTS)
        check_generation(request, live.generation)
        set_name = live.set_name
        if request.fields.get(FieldType.SET, b"") != set_name:
            raise Refusal(ResultCode.PARAMETER)
        check_filter(namespace, request, live, digest)
        check_stored_key(request, live)
        user_key = live.user_key or sent_key(request)
    check_ttl(namespace, request.ttl, live)
    return set_name, user_key


def _apply_ops(request: Request, target: Target) -> list[bytes]:
    """Run the operations on a copy of the bins; return the packed answers."""
    answers: list[bytes] = []
    bins, answer_all = target.bins, target.answer_all
    get_all = request.info1 & Info1.GET_ALL
    for op in request.ops:
        kind, particle_type, name, value = op
        modify = MODIFY.get(kind)
        if modify is not None:
            modify(bins, name, particle_type, value)
            if answer_all:
                answers.append(pack_op(kind, name))
        elif kind == _READ:
            if get_all and not name:
                answers += [pack_op(_READ, found, *particle) for found, particle in bins.items()]
            else:
                read_bin(bins, name, answer_all, answers)
        elif kind != _TOUCH:
            apply_part_op(target, op, answers)
    if len(bins) > _MAX_BINS:
        raise Refusal(ResultCode.PARAMETER)
    return answers
