"""The client: one thin method per command. What happens in them happens in the rooms below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ._commands.base import Command
from ._commands.delete import DeleteCommand
from ._commands.exists import ExistsCommand
from ._commands.info import InfoCommand
from ._commands.operate import OperateCommand
from ._commands.read import ReadCommand
from ._commands.write import AddCommand, AppendCommand, PrependCommand, PutCommand, TouchCommand
from ._execution.event_loop import EventLoop
from ._execution.info_executor import ask_all, ask_node
from ._execution.statistics import EventLoopStatistics
from .defaults import DefaultPolicies, check_policy
from .errors import AerospikeError
from .key import Key
from .operations import Operation
from .policy import InfoPolicy, OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy
from .prepare import Prepare
from .record import Record

if TYPE_CHECKING:
    from ._cluster.health import ClientHealth
    from ._cluster.node import Node, NodeStatistics
    from ._execution.core import ClientCore
    from ._execution.event_loops import EventLoops
    from ._execution.prepared import Prepared
    from ._execution.submitted import Submitted

__all__ = ["Client", "ClientStatistics"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class ClientStatistics:
    """A client at one moment.

    Attributes:
        nodes: Its nodes, with their pools.
        event_loops: Its event loops; they count the commands of all clients that share them.
        retries: Attempts after the first, since the client was opened.
    """

    nodes: tuple[NodeStatistics, ...]
    event_loops: tuple[EventLoopStatistics, ...]
    retries: int


class Client:
    """A connection to one cluster, made by `open_client`; any number of tasks may use it at once.

    Every command runs in the caller's task, in the caller's cancel scopes, under the limits of an event loop
    that is chosen in turn or by `on`. A command raises `AerospikeError` when it fails, `ValueError` or
    `TypeError` for arguments that can't be right, and in that case nothing was sent.
    """

    __slots__ = ("_core", "_defaults", "_loop", "prepare")

    prepare: Prepare
    """Makes commands to be submitted: ``client.prepare.put(key, bins)``."""

    def __init__(self, core: ClientCore, defaults: DefaultPolicies, loop: EventLoop | None = None) -> None:
        self._core = core
        self._defaults = defaults
        self._loop = loop
        self.prepare = Prepare(core, defaults)

    def __repr__(self) -> str:
        nodes = ", ".join(f"{node.name} at {node.host}" for node in self.nodes) or "no nodes"
        return f"<Client of {nodes}{'' if self._core.usable else ', closed'}>"

    # Views.

    def on(self, event_loop: EventLoop) -> Client:
        """This client, with its commands on one event loop. Costs next to nothing.

        Args:
            event_loop: One of `event_loops`.
        """
        if not isinstance(event_loop, EventLoop):
            raise TypeError(f"event_loop must be an EventLoop, not {type(event_loop).__name__}")
        return Client(self._core, self._defaults, event_loop)

    def with_policy(
        self,
        *,
        read: ReadPolicy | None = None,
        write: WritePolicy | None = None,
        operate: OperatePolicy | None = None,
        remove: RemovePolicy | None = None,
        info: InfoPolicy | None = None,
    ) -> Client:
        """This client, with other default policies. Costs next to nothing.

        Args:
            read: For `get`, `get_header` and `exists`.
            write: For `put`, `add`, `append`, `prepend` and `touch`.
            operate: For `operate`.
            remove: For `delete`.
            info: For `info` and `info_all`.
        """
        old = self._defaults
        defaults = DefaultPolicies(
            read or old.read,
            old.for_write(write),
            old.for_operate(operate),
            remove or old.remove,
            info or old.info,
        )
        return Client(self._core, defaults, self._loop)

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
        await self._run(PutCommand(key, bins, self._defaults.for_write(policy)))

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

    # Submitting.

    def submit(self, prepared: Prepared[T]) -> Submitted[T]:
        """Queue a prepared command on an event loop; see `EventLoop.submit`.

        Args:
            prepared: Made by `prepare`.

        Raises:
            QueueFull: The loop's queue is full.
        """
        return (self._loop or self._core.event_loops.next()).submit(prepared)

    # The cluster.

    async def info(self, command: str, *, node: Node | str | None = None, policy: InfoPolicy | None = None) -> str:
        """Ask one node an info command (C: ``aerospike_info_node``).

        Args:
            command: The command, one line: ``namespaces``, ``sets/test``, ``get-config:context=service``.
            node: The node or its name; None takes any.
            policy: How to ask, instead of the client's default.

        Returns:
            The command's value.

        Raises:
            InvalidNode: There is no node of that name, or none at all.
            AerospikeError: The server answered with an error.
        """
        asked = InfoCommand(command)
        policy = self._info_policy(policy)
        self._core.check_usable()
        cluster = self._core.cluster
        if node is None:
            chosen = cluster.random_node()
        else:
            chosen = cluster.node_named(node) if isinstance(node, str) else node
        return await ask_node(chosen, asked, policy)

    async def info_all(self, command: str, *, policy: InfoPolicy | None = None) -> dict[str, str | AerospikeError]:
        """Ask every node an info command, side by side (C: ``aerospike_info_foreach``).

        Args:
            command: The command, one line.
            policy: How to ask, instead of the client's default.

        Returns:
            Name of the node to its answer, or to the error that it answered with or met.
        """
        asked = InfoCommand(command)
        policy = self._info_policy(policy)
        self._core.check_usable()
        return await ask_all(self._core.cluster.nodes, asked, policy)

    def _info_policy(self, policy: InfoPolicy | None) -> InfoPolicy:
        if policy is None:
            return self._defaults.info
        check_policy(policy, InfoPolicy)
        return policy

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes known now."""
        return self._core.cluster.nodes

    @property
    def event_loops(self) -> EventLoops:
        """The event loops that the commands run on."""
        return self._core.event_loops

    def health(self) -> ClientHealth:
        """What is known of each node and partition: last look, last error, pool, breaker, ownerless partitions."""
        return self._core.cluster.health()

    def statistics(self) -> ClientStatistics:
        """Numbers of nodes, pools and event loops."""
        return ClientStatistics(
            nodes=tuple(node.statistics() for node in self.nodes),
            event_loops=self._core.event_loops.statistics(),
            retries=self._core.retries,
        )

    async def _run(self, command: Command[T]) -> T:
        return await (self._loop or self._core.event_loops.next()).run(self._core, command)
