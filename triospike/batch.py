"""Batches: what to do to each record, and what became of each (C: ``as_batch_records``).

An item names a record and what to do to it; the items of one batch may differ in all respects. They are looked
at when the batch is run: what can't be right raises then, before anything is sent, and the message names the
item by its index.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from .errors import AerospikeError, error_for
from .key import Key
from .operations.operation import Operation
from .policy.batch import BatchApplyPolicy, BatchReadPolicy, BatchRemovePolicy, BatchWritePolicy
from .record import Record
from .result_code import ResultCode

__all__ = [
    "BatchApply",
    "BatchDelete",
    "BatchError",
    "BatchItem",
    "BatchRead",
    "BatchResult",
    "BatchWrite",
]

_OK = ResultCode.OK


@attrs.frozen
class BatchRead:
    """Read a record, or carry out operations that only read (C: ``as_batch_read_record``).

    Attributes:
        key: The record.
        bins: Names of the bins to read; None reads all, an empty sequence only generation and ttl.
        operations: Operations that read, instead of bins.
        policy: How to read this record; None leaves it to the batch's policy.
    """

    key: Key
    bins: Sequence[str] | None = None
    operations: Sequence[Operation] | None = attrs.field(default=None, kw_only=True)
    policy: BatchReadPolicy | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class BatchWrite:
    """Write bins of a record, or carry out operations of which at least one writes (C: ``as_batch_write_record``).

    Attributes:
        key: The record.
        bins: Name to value, as `put` takes them.
        operations: Operations, at least one that writes, instead of bins.
        policy: How to write this record, instead of the client's default.
    """

    key: Key
    bins: Mapping[str, Any] | None = None
    operations: Sequence[Operation] | None = attrs.field(default=None, kw_only=True)
    policy: BatchWritePolicy | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class BatchDelete:
    """Delete a record (C: ``as_batch_remove_record``).

    Attributes:
        key: The record.
        policy: How to delete this record, instead of the client's default.
    """

    key: Key
    policy: BatchRemovePolicy | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class BatchApply:
    """Apply a function of a Lua module to a record (C: ``as_batch_apply_record``).

    Attributes:
        key: The record.
        module: Name of the module, without ``.lua``.
        function: Name of the function in it.
        args: Its arguments behind the record.
        policy: How to do it, instead of the client's default.
    """

    key: Key
    module: str
    function: str
    args: Sequence[Any] = ()
    policy: BatchApplyPolicy | None = attrs.field(default=None, kw_only=True)


BatchItem: TypeAlias = BatchRead | BatchWrite | BatchDelete | BatchApply


@attrs.define(eq=False)
class BatchResult:
    """What became of one row of a batch.

    Attributes:
        index: Place of its key or item in the batch.
        key: The record.
        result_code: 0, or why it failed; negative ones are this client's.
        record: What was read, or answered by operations; for a function, its value in the bin ``SUCCESS``.
            None for deletes and for rows that failed.
        in_doubt: The row may have written although it failed.
        node: Name of the node that answered, or that was asked last; None for a success that went as a plain
            command, since its key was alone with its node.
    """

    index: int
    key: Key
    result_code: int
    record: Record | None = None
    in_doubt: bool = False
    node: str | None = None
    _failure: AerospikeError | str | None = attrs.field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """True when the row did what it should."""
        return self.result_code == _OK

    @property
    def value(self) -> Any:
        """What the function of a `BatchApply` returned; None for other rows and for failures."""
        return None if self.record is None else self.record.bins.get("SUCCESS")

    @property
    def error(self) -> AerospikeError | None:
        """What a call on this record alone would have raised, or None when the row did what it should.

        Rows that were lost together, since their node failed, share the error of their node.
        """
        if self.ok:
            return None
        failure = self._failure
        if isinstance(failure, AerospikeError):
            if failure.in_doubt == self.in_doubt:
                return failure
            own = copy.copy(
                failure
            )  # the node's error is about writes, this row only reads, or the other way round
            own.in_doubt = self.in_doubt
            return own
        error = error_for(self.result_code, failure or "", node=self.node)
        error.in_doubt = self.in_doubt
        return error


class BatchError(AerospikeError):
    """Some rows of a batch could not be had: their node failed, or a read was refused.

    Attributes:
        results: What became of each row, in the order of the keys; the others are as good as without the error.
        sub_errors: What the nodes failed with.
    """

    default_code = ResultCode.BATCH_FAILED

    def __init__(
        self, message: str, results: Sequence[BatchResult] = (), sub_errors: Sequence[AerospikeError] = ()
    ) -> None:
        super().__init__(
            message, in_doubt=any(result.in_doubt for result in results), sub_errors=tuple(sub_errors)
        )
        self.results = tuple(results)
