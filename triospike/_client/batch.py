"""Calls on many records at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from .._commands.batch_rows import apply_row, check_keys, delete_row, operate_row, read_row, rows_of
from .._execution.batch_executor import BatchExecutor
from .._execution.batch_part import Sink
from .._execution.batch_plan import Batch
from .._execution.batch_sinks import FlagSink, RecordSink, ResultSink
from .._execution.batch_stream import BatchStream, StreamSink
from .._execution.service_nursery import open_service_nursery
from ..batch import BatchItem, BatchResult
from ..key import Key
from ..operations import Operation
from ..policy import BatchApplyPolicy, BatchPolicy, BatchRemovePolicy, BatchWritePolicy
from ..policy.batch import BatchPolicies
from ..policy.evolved import evolved
from ..record import Record
from .base import Commands

__all__ = ["BatchCommands"]


class BatchCommands(Commands):
    """Calls on many records at once.

    The keys are split by node, and each node gets one request for its keys, or several if they are very many;
    a key that is alone with its node goes as a plain command. Each request counts as one command in its event
    loop. Keys may repeat and stand in any order: results stand in the order of the keys.
    """

    __slots__ = ()

    async def batch_get(
        self, keys: Sequence[Key], bins: Sequence[str] | None = None, *, policy: BatchPolicy | None = None
    ) -> list[Record | None]:
        """Read records (C: ``aerospike_batch_get``, ``aerospike_batch_get_bins``).

        Args:
            keys: The records.
            bins: Names of the bins to read; None reads all, an empty sequence only generation and ttl.
            policy: How to read, instead of the client's default.

        Returns:
            For each key its record, or None when it does not exist or the filter left it out.

        Raises:
            BatchError: A record could not be read for another reason; its ``results`` hold all of them.
        """
        policies = self._batch_policies(policy)
        batch = Batch(check_keys(keys), read_row(bins, policies.batch), policies.batch)
        sink = RecordSink(batch)
        await self._run_batch(batch, sink)
        return sink.records()

    async def batch_exists(self, keys: Sequence[Key], *, policy: BatchPolicy | None = None) -> list[bool]:
        """Ask which records exist (C: ``aerospike_batch_exists``).

        Args:
            keys: The records.
            policy: How to read, instead of the client's default.

        Returns:
            For each key whether its record exists and is not left out by the filter.

        Raises:
            BatchError: It could not be told of a record; the error's ``results`` hold all of them.
        """
        policies = self._batch_policies(policy)
        batch = Batch(check_keys(keys), read_row((), policies.batch), policies.batch)
        sink = FlagSink(batch)
        await self._run_batch(batch, sink)
        return sink.flags()

    async def batch_operate(
        self,
        keys: Sequence[Key],
        operations: Sequence[Operation],
        *,
        policy: BatchPolicy | None = None,
        write_policy: BatchWritePolicy | None = None,
    ) -> list[BatchResult]:
        """Carry out the same operations on records (C: ``aerospike_batch_operate``, ``aerospike_batch_get_ops``).

        Args:
            keys: The records.
            operations: Made by the functions of `triospike.operations`; at least one. They may read, write
                or both.
            policy: How to run the batch, instead of the client's default.
            write_policy: How to write, instead of the client's default.

        Returns:
            What became of each key; a row that failed does not raise.

        Raises:
            BatchError: A node could not be asked or failed; the error's ``results`` hold all rows.
        """
        policies = self._batch_policies(policy, write=write_policy)
        batch = Batch(check_keys(keys), operate_row(operations, policies), policies.batch)
        return await self._results(batch)

    async def batch_delete(
        self,
        keys: Sequence[Key],
        *,
        policy: BatchPolicy | None = None,
        remove_policy: BatchRemovePolicy | None = None,
    ) -> list[BatchResult]:
        """Delete records (C: ``aerospike_batch_remove``).

        Args:
            keys: The records.
            policy: How to run the batch, instead of the client's default.
            remove_policy: How to delete, instead of the client's default.

        Returns:
            What became of each key; the result code is NOT_FOUND where there was no record.

        Raises:
            BatchError: A node could not be asked or failed; the error's ``results`` hold all rows.
        """
        policies = self._batch_policies(policy, remove=remove_policy)
        return await self._results(Batch(check_keys(keys), delete_row(policies.remove), policies.batch))

    async def batch_apply(
        self,
        keys: Sequence[Key],
        module: str,
        function: str,
        args: Sequence[Any] = (),
        *,
        policy: BatchPolicy | None = None,
        apply_policy: BatchApplyPolicy | None = None,
    ) -> list[BatchResult]:
        """Apply a function of a Lua module to records (C: ``aerospike_batch_apply``).

        Args:
            keys: The records.
            module: Name of the module, without ``.lua``.
            function: Name of the function in it.
            args: Its arguments behind the record.
            policy: How to run the batch, instead of the client's default.
            apply_policy: How to apply it, instead of the client's default.

        Returns:
            What became of each key; `BatchResult.value` is what the function returned.

        Raises:
            BatchError: A node could not be asked or failed; the error's ``results`` hold all rows.
        """
        policies = self._batch_policies(policy, apply=apply_policy)
        row = apply_row(module, function, args, policies.apply)
        return await self._results(Batch(check_keys(keys), row, policies.batch))

    async def batch(self, items: Sequence[BatchItem], *, policy: BatchPolicy | None = None) -> list[BatchResult]:
        """Do to each record what its item says (C: ``aerospike_batch_read``, ``aerospike_batch_write``).

        Args:
            items: Any of `BatchRead`, `BatchWrite`, `BatchDelete` and `BatchApply`. They are not carried out
                in their order; what must follow something else belongs into another batch, or into one
                item's operations.
            policy: How to run the batch, instead of the client's default.

        Returns:
            What became of each item; a row that failed does not raise.

        Raises:
            BatchError: A node could not be asked or failed; the error's ``results`` hold all rows.
        """
        return await self._results(self._batch_of(items, self._batch_policies(policy)))

    def batch_stream(
        self, items: Sequence[Key] | Sequence[BatchItem], *, policy: BatchPolicy | None = None
    ) -> AbstractAsyncContextManager[BatchStream]:
        """Run a batch and take its results as they arrive, in an ``async with`` block.

        Results that nobody takes hold up the connections, not the memory. Leaving the block ends the batch;
        what was sent by then may still be carried out.

        Args:
            items: Keys, whose records are read, or items as `batch` takes them.
            policy: How to run the batch, instead of the client's default without its ``total_timeout``: that
                would bound the time that the program takes with the results, too.

        Returns:
            A context manager that gives a `BatchStream`, to be iterated: ``async for result in results``.
        """
        if policy is None:
            policy = evolved(self._defaults.batch.batch, total_timeout=0.0)
        policies = self._batch_policies(policy)
        if len(items) and isinstance(items[0], Key):
            batch = Batch(check_keys(items), read_row(None, policies.batch), policies.batch)
        else:
            batch = self._batch_of(items, policies)  # type: ignore[arg-type]  # whether they are is looked at there
        return self._stream(batch)

    @asynccontextmanager
    async def _stream(self, batch: Batch) -> AsyncIterator[BatchStream]:
        sink = StreamSink(batch)
        executor = BatchExecutor(self._pick(), self._core, batch, sink)

        async def run() -> None:
            await executor.run()
            sink.end()

        async with open_service_nursery() as nursery:
            nursery.start_soon(run)
            yield BatchStream(sink)

    async def _results(self, batch: Batch) -> list[BatchResult]:
        sink = ResultSink(batch)
        await self._run_batch(batch, sink)
        return sink.results()

    def _run_batch(self, batch: Batch, sink: Sink) -> Awaitable[None]:
        return BatchExecutor(self._pick(), self._core, batch, sink).run()

    def _batch_of(self, items: Sequence[BatchItem], policies: BatchPolicies) -> Batch:
        keys, rows = rows_of(items, policies)
        return Batch(keys, rows, policies.batch, "items")

    def _batch_policies(
        self,
        policy: BatchPolicy | None,
        *,
        write: BatchWritePolicy | None = None,
        remove: BatchRemovePolicy | None = None,
        apply: BatchApplyPolicy | None = None,
    ) -> BatchPolicies:
        return self._defaults.batch.with_policies(policy, write, remove, apply)
