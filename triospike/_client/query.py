"""Scans and queries, and jobs that change what they find."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from .._commands.query import FunctionCall, UdfOp, background_request
from .._execution.background import start_job
from .._execution.query_executor import QueryPlan, new_task_id, open_query
from ..defaults import check_policy
from ..policy import QueryPolicy, WritePolicy
from ..task import ExecuteTask
from .base import Commands

if TYPE_CHECKING:
    from .._execution.query_records import QueryRecords
    from ..operations import Operation
    from ..query import Cursor, PartitionFilter, Statement

__all__ = ["QueryCommands"]


class QueryCommands(Commands):
    """Scans and queries, and jobs that change what they find."""

    __slots__ = ()

    def query(
        self,
        statement: Statement,
        *,
        partitions: PartitionFilter | Cursor | None = None,
        policy: QueryPolicy | None = None,
    ) -> AbstractAsyncContextManager[QueryRecords]:
        """Go through the records of a set or namespace, all or those that an index finds (C: ``aerospike_query``).

        Use it as ``async with client.query(...) as records: async for record in records: ...``. Leaving the block,
        in whatever way, ends the work in the servers. See `QueryRecords`.

        Args:
            statement: Which records, and what of them.
            partitions: Where to look: some partitions, or from a cursor on; None for everywhere.
            policy: How, instead of the client's default.

        Returns:
            The context of the query. Entering it raises ValueError if the cluster has no such namespace.

        Raises:
            TypeError: An argument has another type.
            ValueError: The arguments do not go together.
        """
        policy = policy or self._defaults.query
        check_policy(policy, QueryPolicy)
        return open_query(self._pick(), self._core, QueryPlan.of(statement, policy, partitions))

    async def query_execute(
        self,
        statement: Statement,
        operations: Sequence[Operation],
        *,
        records_per_second: int = 0,
        policy: WritePolicy | None = None,
    ) -> ExecuteTask:
        """Let the servers carry out operations on all records found (C: ``aerospike_query_background``).

        Args:
            statement: Which records; it must name no bins.
            operations: Operations that write, made by the functions of `triospike.operations`.
            records_per_second: Most records that each node goes through in a second; 0 is no limit.
            policy: How to write, instead of the client's default; its times are those until the job has begun.

        Returns:
            A task to wait for the end of the job, follow or abort it.

        Raises:
            AerospikeError: A node did not accept the job; where ``in_doubt``, others have begun with it.
        """
        policy = self._defaults.for_write(policy)
        task_id = new_task_id()
        request = background_request(statement, policy, task_id, operations, records_per_second=records_per_second)
        return await self._start(statement, request, policy, task_id)

    async def query_apply(
        self,
        statement: Statement,
        module: str,
        function: str,
        args: Sequence[Any] = (),
        *,
        records_per_second: int = 0,
        policy: WritePolicy | None = None,
    ) -> ExecuteTask:
        """Let the servers apply a Lua function to all records found (C: ``aerospike_query_background``).

        Args:
            statement: Which records; it must name no bins.
            module: Name of the registered module, without ``.lua``.
            function: Name of the function; it gets the record and the further arguments.
            args: The further arguments: any values that bins can hold.
            records_per_second: Most records that each node goes through in a second; 0 is no limit.
            policy: How to write, instead of the client's default; its times are those until the job has begun.

        Returns:
            A task to wait for the end of the job, follow or abort it.

        Raises:
            AerospikeError: A node did not accept the job; where ``in_doubt``, others have begun with it.
        """
        policy = self._defaults.for_write(policy)
        call = FunctionCall.of(UdfOp.BACKGROUND, module, function, args)
        task_id = new_task_id()
        request = background_request(
            statement, policy, task_id, function=call, records_per_second=records_per_second
        )
        return await self._start(statement, request, policy, task_id)

    async def _start(self, statement: Statement, request: bytes, policy: WritePolicy, task_id: int) -> ExecuteTask:
        await start_job(self._pick(), self._core, statement.namespace, request, policy)
        return ExecuteTask(self._core, self._defaults.info, task_id)
