"""What scans, queries and background jobs send (protocol sections 9.1 to 9.3)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import attrs

from .._wire import msgpack
from .._wire.flags import FieldType, Info1, Info2, Info3, OpType
from .._wire.message import pack_field, pack_message, pack_op
from .._wire.opcodes import CollectionKind
from .._wire.units import milliseconds, wire_ttl
from ..operations.operation import Operation
from ..packed import packed_filter_bytes
from ..policy.base import BasePolicy
from ..policy.enums import GenerationPolicy, QueryDuration
from ..policy.query import QueryPolicy
from ..policy.write import WritePolicy
from ..query.filter import Filter
from ..query.statement import Statement
from ..values import encode_text
from .header_flags import write_bits

__all__ = ["FunctionCall", "QueryRequest", "UdfOp", "background_request"]

_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_LE64 = "<{}Q"
_NEVER_TOUCH = wire_ttl(-1)
_DURATION_BITS = {
    QueryDuration.LONG: (0, 0),
    QueryDuration.SHORT: (Info1.SHORT_QUERY, 0),
    QueryDuration.LONG_RELAX_AP: (0, Info2.RELAX_AP_LONG_QUERY),
}


class UdfOp(IntEnum):
    """What a query calls a function for (protocol section 3, field 33)."""

    AGGREGATE = 1
    BACKGROUND = 2


@attrs.frozen
class FunctionCall:
    """A Lua function that the servers call with the records of a query.

    Attributes:
        op: What for.
        module: Name of the module, without ``.lua``.
        function: Name of the function.
        arguments: Its further arguments, packed.
    """

    op: UdfOp
    module: str
    function: str
    arguments: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, op: UdfOp, module: str, function: str, args: Sequence[Any]) -> FunctionCall:
        """Check and pack a call.

        Raises:
            TypeError: A name is no str, or the arguments are no sequence of values that can be sent.
        """
        for argument, name in (("module", module), ("function", function)):
            if not isinstance(name, str):
                raise TypeError(f"{argument} must be a str, not {type(name).__name__}")
        if isinstance(args, str | bytes) or not isinstance(args, Sequence):
            raise TypeError(f"args must be a sequence of values, not {type(args).__name__}")
        return cls(op, module, function, msgpack.pack(list(args), "args"))

    def fields(self) -> list[bytes]:
        """The four fields of the call."""
        return [
            pack_field(FieldType.UDF_OP, bytes([self.op])),
            pack_field(FieldType.UDF_FILENAME, encode_text(self.module, "module")),
            pack_field(FieldType.UDF_FUNCTION, encode_text(self.function, "function")),
            pack_field(FieldType.UDF_ARGLIST, self.arguments),
        ]


class QueryRequest:
    """The requests of one scan, query or aggregation; partitions, job id and limits differ from one to the next.

    Args:
        statement: Which records.
        policy: How.
        function: The stream function of an aggregation, which returns values instead of records.
    """

    def __init__(self, statement: Statement, policy: QueryPolicy, function: FunctionCall | None = None) -> None:
        self.statement = statement
        self._info1, self._info2 = _bits(statement, policy)
        silence = min(policy.socket_timeout or math.inf, policy.total_timeout or math.inf)
        silence = 0.0 if silence == math.inf else silence
        self._head, self._filters = _fields(statement, policy, silence, policy.records_per_second, function)
        self._ops = _ops(statement)
        self._has_index = statement.filter is not None

    def pack(
        self,
        task_id: int,
        whole: bytes = b"",
        begun: Sequence[tuple[bytes, int]] = (),
        *,
        max_records: int = 0,
        seconds: float = 0.0,
    ) -> bytes:
        """One request.

        Args:
            task_id: Number of the job, unique among those that the server works on.
            whole: Partitions to go through from their beginning, packed by `pack_partitions`.
            begun: Digest, and value in the index, of the last record of each partition to go on with.
            max_records: Most records that the node shall return; 0 is no limit.
            seconds: What is left of the total timeout; 0 is no limit.
        """
        fields = [*self._head, pack_field(FieldType.TASK_ID, _U64.pack(task_id)), *self._filters]
        if whole:
            fields.append(pack_field(FieldType.PARTITION_IDS, whole))
        if begun:
            fields.append(pack_field(FieldType.DIGESTS, b"".join([digest for digest, _ in begun])))
            if self._has_index:
                values = struct.pack(_LE64.format(len(begun)), *[value for _, value in begun])
                fields.append(pack_field(FieldType.BIN_VALUES, values))
        if max_records:
            fields.append(pack_field(FieldType.MAX_RECORDS, _U64.pack(max_records)))
        return pack_message(
            self._info1,
            self._info2,
            Info3.PARTITION_DONE,
            record_ttl=_NEVER_TOUCH,
            transaction_ttl=milliseconds(seconds),
            n_fields=len(fields),
            n_ops=len(self._ops),
            body=b"".join([*fields, *self._ops]),
        )


def background_request(
    statement: Statement,
    policy: WritePolicy,
    task_id: int,
    operations: Sequence[Operation] = (),
    function: FunctionCall | None = None,
    *,
    records_per_second: int = 0,
) -> bytes:
    """What makes the servers change records by themselves: with write operations, or with a function.

    Args:
        statement: Which records; it must name no bins.
        policy: How to write.
        task_id: Number of the job.
        operations: Write operations, at least one, unless there is a function.
        function: The function.
        records_per_second: Most records that each node goes through in a second; 0 is no limit.

    Raises:
        TypeError: An argument has another type.
        ValueError: The statement reads bins, an operation does not write, or the policy asks for a generation.
    """
    if not isinstance(statement, Statement):
        raise TypeError(f"statement must be a Statement, not {type(statement).__name__}")
    if statement.bins is not None or statement.operations:
        raise ValueError("statement must not name bins or operations to read: nothing is returned")
    if policy.gen is not GenerationPolicy.IGNORE:
        raise ValueError("WritePolicy.gen must be IGNORE for records that are not known one by one")
    if function is None:
        _check_writes(operations)
    head, filters = _fields(statement, policy, policy.socket_timeout, records_per_second, function)
    fields = [*head, pack_field(FieldType.TASK_ID, _U64.pack(task_id)), *filters]
    bits = write_bits(policy)
    return pack_message(
        0,
        bits.info2,
        bits.info3,
        record_ttl=bits.record_ttl,
        transaction_ttl=milliseconds(policy.total_timeout),
        n_fields=len(fields),
        n_ops=len(operations),
        body=b"".join([*fields, *map(_op, operations)]),
    )


def _check_writes(operations: Sequence[Operation]) -> None:
    if not operations:
        raise ValueError("operations must not be empty")
    for operation in operations:
        if not isinstance(operation, Operation):
            raise TypeError(f"operations must be made by triospike.operations, not {type(operation).__name__}")
        if not operation.is_write:
            raise ValueError(f"operations in the background must write, which {operation} does not")


def _bits(statement: Statement, policy: QueryPolicy) -> tuple[int, int]:
    info1, info2 = _DURATION_BITS[policy.expected_duration]
    info1 |= Info1.READ
    if not policy.include_bin_data or statement.bins == ():
        info1 |= Info1.GET_NO_BINS
    if any(operation.kind is OpType.READ and not operation.bin_name for operation in statement.operations):
        info1 |= Info1.GET_ALL
    elif statement.operations:
        info2 |= Info2.RESPOND_ALL_OPS
    return info1, info2


def _fields(
    statement: Statement,
    policy: BasePolicy,
    socket_timeout: float,
    records_per_second: int,
    function: FunctionCall | None,
) -> tuple[list[bytes], list[bytes]]:
    """The fields before the job's id, and those behind it, in the C client's order."""
    head = [pack_field(FieldType.NAMESPACE, statement.namespace.encode())]
    if statement.set_name:
        head.append(pack_field(FieldType.SET, statement.set_name.encode()))
    if records_per_second:
        head.append(pack_field(FieldType.RECORDS_PER_SECOND, _U32.pack(records_per_second)))
    head.append(pack_field(FieldType.SOCKET_TIMEOUT, _U32.pack(milliseconds(socket_timeout))))
    behind = [] if statement.filter is None else _index_fields(statement.filter)
    if function is not None:
        behind += function.fields()
    if policy.filter_exp is not None:
        behind.append(pack_field(FieldType.FILTER_EXP, packed_filter_bytes(policy.filter_exp, "filter_exp")))
    return head, behind


def _index_fields(found_by: Filter) -> list[bytes]:
    name = found_by.bin_name.encode()
    packed = b"".join(
        [
            bytes([1, len(name)]),
            name,
            bytes([found_by.particle_type]),
            _U32.pack(len(found_by.begin)),
            found_by.begin,
            _U32.pack(len(found_by.end)),
            found_by.end,
        ]
    )
    fields = [pack_field(FieldType.INDEX_RANGE, packed)]
    if found_by.collection is not CollectionKind.DEFAULT:
        fields.insert(0, pack_field(FieldType.INDEX_TYPE, bytes([found_by.collection])))
    if found_by.context is not None:
        fields.append(pack_field(FieldType.INDEX_CONTEXT, found_by.context))
    if found_by.index is not None:
        fields.append(pack_field(FieldType.INDEX_NAME, found_by.index.encode()))
    if found_by.expression is not None:
        fields.append(pack_field(FieldType.INDEX_EXPRESSION, found_by.expression))
    return fields


def _ops(statement: Statement) -> list[bytes]:
    if statement.operations:
        return [_op(operation) for operation in statement.operations]
    return [pack_op(OpType.READ, name.encode()) for name in statement.bins or ()]


def _op(operation: Operation) -> bytes:
    return pack_op(operation.kind, operation.bin_name.encode(), operation.particle_type, operation.operand)
