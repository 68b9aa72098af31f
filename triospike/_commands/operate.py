"""operate: several operations on one record, in order, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._wire.flags import Info1, Info2, OpType
from .._wire.message import pack_message, read_header
from ..errors import error_for
from ..key import Key
from ..operations.operation import Operation
from ..policy.write import OperatePolicy
from ..record import Record
from .base import Command, check_answer, check_arguments, extra_fields, server_timeout
from .header_flags import HeaderBits, read_bits, write_bits
from .record_parser import parse_bins, parse_ttl

__all__ = ["OperateCommand", "answers_each", "gather"]

# With one of these, one on a map, or by policy, the server answers every operation (C client's rule, protocol
# section 7.1).
_RESPOND_ALL = frozenset(
    {
        OpType.EXP_READ,
        OpType.EXP_MODIFY,
        OpType.BITS_READ,
        OpType.BITS_MODIFY,
        OpType.HLL_READ,
        OpType.HLL_MODIFY,
        OpType.STRING_READ,
        OpType.STRING_MODIFY,
        OpType.TO_STRING,
    }
)


class OperateCommand(Command[Record]):
    """Carry out operations on one record.

    Args:
        key: The record.
        operations: What to do, in order; at least one.
        policy: How to do it.

    Raises:
        TypeError: An operation is none.
        ValueError: There is no operation.
    """

    __slots__ = ("is_write",)

    def __init__(self, key: Key, operations: Sequence[Operation], policy: OperatePolicy) -> None:
        if not operations:
            raise ValueError("operations must not be empty")
        for operation in operations:
            if not isinstance(operation, Operation):
                raise TypeError(f"operations must be made by triospike.operations, not {type(operation).__name__}")
        check_arguments(key, policy, OperatePolicy)
        self.key = key
        self.policy = policy
        self.replica = policy.replica
        self.is_write = any(operation.is_write for operation in operations)
        self.sc_mode = None if self.is_write else policy.read_mode_sc
        bits = _bits(operations, policy, writes=self.is_write)
        n_extra, extra = extra_fields(key, policy, policy.key)
        self.request = pack_message(
            bits.info1,
            bits.info2,
            bits.info3,
            info4=bits.info4,
            generation=bits.generation,
            record_ttl=bits.record_ttl,
            transaction_ttl=server_timeout(policy),
            n_fields=3 + n_extra,
            n_ops=len(operations),
            body=b"".join([key.wire_fields, extra, *[operation.packed for operation in operations]]),
        )

    def parse(self, frame: bytes) -> Record:
        """The record with the results; several results for one bin are a list, in the order of the operations."""
        code = check_answer(frame)
        if code:
            raise error_for(code)
        header = read_header(frame)
        results = tuple(parse_bins(frame, header[9], header[10]))
        return Record(self.key, gather(results), header[6], parse_ttl(header[7]), results)


def gather(results: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Name to result; where a bin has several, a list of them, in their order."""
    bins: dict[str, Any] = dict(results)
    if len(bins) == len(results):
        return bins
    bins = {}
    repeated: set[str] = set()
    for name, value in results:
        if name not in bins:
            bins[name] = value
        elif name in repeated:
            bins[name].append(value)
        else:
            bins[name] = [bins[name], value]
            repeated.add(name)
    return bins


def answers_each(operation: Operation) -> bool:
    """Whether the server is asked to answer every operation of a request because of this one."""
    return operation.is_map or operation.kind in _RESPOND_ALL


def _bits(operations: Sequence[Operation], policy: OperatePolicy, *, writes: bool) -> HeaderBits:
    info1 = 0
    respond_all = policy.respond_all_ops
    for operation in operations:
        if not operation.is_write:
            info1 |= Info1.READ
            if operation.kind is OpType.READ and not operation.bin_name:
                info1 |= Info1.GET_ALL
        respond_all = respond_all or answers_each(operation)
    base = write_bits(policy) if writes else read_bits(policy)
    if info1:
        reading = read_bits(policy)
        info1 |= reading.info1
    info2 = base.info2
    if respond_all and not info1 & Info1.GET_ALL:
        info2 |= Info2.RESPOND_ALL_OPS
    info3 = base.info3 | (read_bits(policy).info3 if info1 else 0)
    return HeaderBits(info1, info2, info3, base.info4, base.generation, base.record_ttl)
