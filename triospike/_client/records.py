"""Calls on one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._commands.delete import DeleteCommand
from .._commands.exists import ExistsCommand
from .._commands.operate import OperateCommand
from .._commands.read import ReadCommand
from .._commands.write import AddCommand, AppendCommand, PrependCommand, PutCommand, TouchCommand
from ..key import Key
from ..operations import Operation
from ..policy import OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy
from ..record import Record
from .base import Commands

__all__ = ["RecordCommands"]


class RecordCommands(Commands):
    """Calls on one record."""

    __slots__ = ()

    # Reading.

    async def get(
        self, key: Key, bins: Sequence[str] | None = None, *, policy: ReadPolicy | None = None
    ) -> Record | None:
        """Read a record (C: ``aerospike_key_get_async``, ``aerospike_key_select_async``).

        Args:
            key: The record.
            bins: Names of the bins to read; None reads all. Bins that the record lacks are left out.
            policy: How to read, instead of the client's default.

        Returns:
            The record, or None when it does not exist.
        """
        command = ReadCommand(key, bins, policy or self._defaults.read)
        return await (self._loop or self._core.event_loops.next()).run(self._core, command)

    async def get_header(self, key: Key, *, policy: ReadPolicy | None = None) -> Record | None:
        """Read a record's generation and ttl, without its bins (C: ``aerospike_key_exists_async``).

        Args:
            key: The record.
            policy: How to read, instead of the client's default.

        Returns:
            The record with no bins, or None when it does not exist.
        """
        return await self._run(ReadCommand(key, (), policy or self._defaults.read))

    async def exists(self, key: Key, *, policy: ReadPolicy | None = None) -> bool:
        """Ask whether a record exists (C: ``aerospike_key_exists_async``).

        Args:
            key: The record.
            policy: How to read, instead of the client's default.
        """
        return await self._run(ExistsCommand(key, policy or self._defaults.read))

    # Writing.

    async def put(self, key: Key, bins: Mapping[str, Any], *, policy: WritePolicy | None = None) -> None:
        """Write bins of a record, creating it if the policy allows (C: ``aerospike_key_put_async``).

        Args:
            key: The record.
            bins: Name, at most 15 bytes, to value; a value of None removes the bin. See `BinValue`.
            policy: How to write, instead of the client's default.

        Raises:
            RecordExists: It must not exist, but does.
            RecordNotFound: It must exist, but does not.
            GenerationError: Its generation is not the expected one.
        """
        defaults = self._defaults
        command = PutCommand(key, bins, defaults.write if policy is None else defaults.for_write(policy))
        await (self._loop or self._core.event_loops.next()).run(self._core, command)

    async def add(self, key: Key, bins: Mapping[str, int | float], *, policy: WritePolicy | None = None) -> None:
        """Add to numbers; a missing bin takes the number (C: ``as_operations_add_incr``).

        Args:
            key: The record; it is created if missing.
            bins: Name to what is added: ints to integer bins, floats to float bins.
            policy: How to write, instead of the client's default.

        Raises:
            BinTypeError: A bin holds something else.
        """
        await self._run(AddCommand(key, bins, self._defaults.for_write(policy)))

    async def append(
        self, key: Key, bins: Mapping[str, str | bytes], *, policy: WritePolicy | None = None
    ) -> None:
        """Append to strings or blobs; a missing bin takes the value (C: ``as_operations_add_append_str``).

        Args:
            key: The record; it is created if missing.
            bins: Name to what is appended: str to string bins, bytes to blobs.
            policy: How to write, instead of the client's default.

        Raises:
            BinTypeError: A bin holds something else.
        """
        await self._run(AppendCommand(key, bins, self._defaults.for_write(policy)))

    async def prepend(
        self, key: Key, bins: Mapping[str, str | bytes], *, policy: WritePolicy | None = None
    ) -> None:
        """Prepend to strings or blobs; a missing bin takes the value (C: ``as_operations_add_prepend_str``).

        Args:
            key: The record; it is created if missing.
            bins: Name to what is prepended: str to string bins, bytes to blobs.
            policy: How to write, instead of the client's default.

        Raises:
            BinTypeError: A bin holds something else.
        """
        await self._run(PrependCommand(key, bins, self._defaults.for_write(policy)))

    async def touch(self, key: Key, *, policy: WritePolicy | None = None) -> None:
        """Renew a record's expiry and raise its generation (C: ``as_operations_add_touch``).

        Args:
            key: The record.
            policy: How to write, instead of the client's default; its ``ttl`` is the new one.

        Raises:
            RecordNotFound: It does not exist.
        """
        await self._run(TouchCommand(key, self._defaults.for_write(policy)))

    async def delete(self, key: Key, *, policy: RemovePolicy | None = None) -> bool:
        """Delete a record (C: ``aerospike_key_remove_async``).

        Args:
            key: The record.
            policy: How to delete, instead of the client's default.

        Returns:
            True when it was deleted, False when there was none.
        """
        return await self._run(DeleteCommand(key, policy or self._defaults.remove))

    async def operate(
        self, key: Key, operations: Sequence[Operation], *, policy: OperatePolicy | None = None
    ) -> Record:
        """Carry out several operations on one record, in order, all or none (C: ``aerospike_key_operate_async``).

        Args:
            key: The record.
            operations: Made by the functions of `triospike.operations`; at least one.
            policy: How to do it, instead of the client's default.

        Returns:
            The record with the results in its bins; where several operations answered for one bin, a list of
            their results in order.

        Raises:
            RecordNotFound: It must exist, but does not.
        """
        return await self._run(OperateCommand(key, operations, self._defaults.for_operate(policy)))
