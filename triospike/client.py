"""The client: one thin method per command. What happens in them happens in the rooms below."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from ._client.admin import AdminCommands
from ._client.batch import BatchCommands
from ._client.query import QueryCommands
from ._client.records import RecordCommands
from ._client.udf import UdfCommands
from ._execution.event_loop import EventLoop
from ._execution.statistics import EventLoopStatistics
from .defaults import DefaultPolicies
from .policy import (
    ApplyPolicy,
    BatchApplyPolicy,
    BatchPolicy,
    BatchRemovePolicy,
    BatchWritePolicy,
    InfoPolicy,
    OperatePolicy,
    QueryPolicy,
    ReadPolicy,
    RemovePolicy,
    WritePolicy,
)
from .prepare import Prepare

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


class Client(RecordCommands, BatchCommands, QueryCommands, UdfCommands, AdminCommands):
    """A connection to one cluster, made by `open_client`; any number of tasks may use it at once.

    Every command runs in the caller's task, in the caller's cancel scopes, under the limits of an event loop
    that is chosen in turn or by `on`. A command raises `AerospikeError` when it fails, `ValueError` or
    `TypeError` for arguments that can't be right, and in that case nothing was sent.
    """

    __slots__ = ("prepare",)

    prepare: Prepare
    """Makes commands to be submitted: ``client.prepare.put(key, bins)``."""

    def __init__(self, core: ClientCore, defaults: DefaultPolicies, loop: EventLoop | None = None) -> None:
        super().__init__(core, defaults, loop)
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
        query: QueryPolicy | None = None,
        apply: ApplyPolicy | None = None,
        batch: BatchPolicy | None = None,
        batch_write: BatchWritePolicy | None = None,
        batch_remove: BatchRemovePolicy | None = None,
        batch_apply: BatchApplyPolicy | None = None,
    ) -> Client:
        """This client, with other default policies. Costs next to nothing.

        Args:
            read: For `get`, `get_header` and `exists`.
            write: For `put`, `add`, `append`, `prepend` and `touch`.
            operate: For `operate`.
            remove: For `delete`.
            info: For `info` and `info_all`.
            query: For `query` and `aggregate`.
            apply: For `apply`.
            batch: For batches.
            batch_write: For rows that write in a batch.
            batch_remove: For rows that delete in a batch.
            batch_apply: For rows that apply a function in a batch.
        """
        old = self._defaults
        defaults = DefaultPolicies(
            read or old.read,
            old.for_write(write),
            old.for_operate(operate),
            remove or old.remove,
            info or old.info,
            query or old.query,
            old.for_apply(apply),
            old.batch.with_policies(batch, batch_write, batch_remove, batch_apply),
        )
        return Client(self._core, defaults, self._loop)

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
