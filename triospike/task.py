"""Work that the servers do by themselves, after they have accepted it: building an index, passing a module on.

A task is asked about node by node until each one is done. It holds nothing, neither a connection nor a task of
Trio: it may be dropped, waited for later, or waited for by several.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

import attrs
import trio

from ._cluster.node import Node
from ._commands.admin_requests import abort_job_command, get_module_command, index_statistics_command
from ._commands.info import InfoCommand
from ._execution.core import ClientCore
from ._execution.info_executor import ask_node
from .admin.indexes import parse_load
from .admin.jobs import parse_jobs
from .admin.modules import UdfModule, parse_module, parse_modules
from .errors import (
    AerospikeError,
    CommandTimeout,
    ConnectionFailed,
    IndexNotFound,
    InvalidNode,
    MaxErrorRate,
    NoMoreConnections,
    RecordNotFound,
    UdfError,
    error_for,
)
from .policy.info import InfoPolicy
from .result_code import ResultCode

__all__ = [
    "FIRST_POLL",
    "LONGEST_POLL",
    "PATIENCE",
    "ExecuteTask",
    "IndexDropTask",
    "IndexTask",
    "Task",
    "TaskProgress",
    "UdfRemovalTask",
    "UdfTask",
]

FIRST_POLL = 0.05
"""Seconds between the first and the second look."""
LONGEST_POLL = 1.0
"""Seconds that no pause between looks is longer than, unless the caller says so."""
PATIENCE = 10.0
"""Seconds that a node may not know an index that was created: the news travels from node to node."""
_GROWTH = 1.5
_NOT_ASKED = (ConnectionFailed, CommandTimeout, InvalidNode, MaxErrorRate, NoMoreConnections)


@attrs.frozen
class TaskProgress:
    """How far the nodes are.

    Attributes:
        nodes: Name of each node of the cluster to the share that it has done, from 0 to 1; None for a node that
            could not be asked.
        errors: Name of each node that could not be asked, to why.
    """

    nodes: Mapping[str, float | None]
    errors: Mapping[str, AerospikeError] = attrs.field(factory=dict)

    @property
    def done(self) -> bool:
        """Every node has done its share, and there is at least one."""
        return bool(self.nodes) and all(share is not None and share >= 1 for share in self.nodes.values())

    @property
    def fraction(self) -> float:
        """The mean of all nodes, from 0 to 1; a node that could not be asked counts as one that did nothing."""
        return math.fsum(share or 0.0 for share in self.nodes.values()) / (len(self.nodes) or 1)


class Task(ABC):
    """What the nodes of a cluster do by themselves; a subclass knows how to ask one of them.

    The nodes asked are those that the client knows at that moment: one that joins has to do its share too, one
    that leaves is waited for no more. A node that can't be asked is asked again, until it answers or leaves.

    Args:
        core: The client.
        policy: How to ask; its timeout is for each question.
    """

    __slots__ = ("_core", "_policy")

    def __init__(self, core: ClientCore, policy: InfoPolicy) -> None:
        self._core = core
        self._policy = policy

    @abstractmethod
    async def _look(self, node: Node) -> float:
        """Ask a node, by `_ask`, for the share that it has done, from 0 to 1.

        Raises:
            AerospikeError: The task has failed; but an error that says that the node could not be asked only
                means that nothing is known of it.
        """

    async def _ask(self, node: Node, command: str) -> str:
        """A node's answer to an info command.

        Raises:
            AerospikeError: The node answered with an error, or could not be asked.
        """
        return await ask_node(node, InfoCommand(command), self._policy)

    async def progress(self) -> TaskProgress:
        """Ask each node once how far it is.

        Raises:
            AerospikeError: The task has failed.
            ClientClosed: The client was closed.
        """
        self._core.check_usable()
        looks: dict[Node, float | AerospikeError] = {}

        async def look(node: Node) -> None:
            try:
                looks[node] = await self._look(node)
            except AerospikeError as error:
                looks[node] = error

        async with trio.open_nursery() as nursery:
            for node in self._core.cluster.nodes:
                nursery.start_soon(look, node)
        self._core.check_usable()
        return self._summed_up(looks)

    def _summed_up(self, looks: Mapping[Node, float | AerospikeError]) -> TaskProgress:
        """Of those asked, some may have left; others have joined, and nothing is known of them."""
        shares: dict[str, float | None] = {}
        errors: dict[str, AerospikeError] = {}
        for node in self._core.cluster.nodes:
            found = looks.get(node)
            if isinstance(found, _NOT_ASKED):
                errors[node.name] = found
            elif isinstance(found, AerospikeError):
                raise found
            shares[node.name] = found if isinstance(found, float) else None
        return TaskProgress(MappingProxyType(shares), MappingProxyType(errors))

    async def is_done(self) -> bool:
        """Whether all nodes are done.

        Raises:
            AerospikeError: The task has failed.
        """
        return (await self.progress()).done

    async def wait(self, *, poll: float = FIRST_POLL, longest_poll: float = LONGEST_POLL) -> None:
        """Wait until all nodes are done. Nothing but the caller ends it: ``with trio.fail_after(30): ...``.

        Args:
            poll: Seconds from the first look to the second; each pause is half as long again as the last.
            longest_poll: Seconds that no pause is longer than, unless ``poll`` is.

        Raises:
            AerospikeError: The task has failed.
            ClientClosed: The client was closed.
        """
        pause = _seconds(poll, "poll")
        longest = max(pause, _seconds(longest_poll, "longest_poll"))
        while not (await self.progress()).done:
            await trio.sleep(pause)
            pause = min(pause * _GROWTH, longest)


def _seconds(value: float, argument: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{argument} must be a number of seconds, not {type(value).__name__}")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{argument} must be a finite number of seconds above zero, not {value!r}")
    return float(value)


class IndexTask(Task):
    """The building of an index: done when queries can use it on all nodes.

    It fails with `IndexNotFound` when a node does not know the index for 10 seconds, as when somebody drops it.

    Args:
        core: The client.
        policy: How to ask.
        namespace: Where the index is.
        name: The index's.

    Attributes:
        namespace: Where the index is.
        name: The index's.
    """

    __slots__ = ("_unknown", "name", "namespace")

    def __init__(self, core: ClientCore, policy: InfoPolicy, namespace: str, name: str) -> None:
        super().__init__(core, policy)
        self.namespace = namespace
        self.name = name
        self._unknown: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.name!r} in {self.namespace!r}>"

    async def _ask_for_statistics(self, node: Node) -> str:
        return await self._ask(node, index_statistics_command(self.namespace, self.name, node.build))

    async def _look(self, node: Node) -> float:
        try:
            answer = await self._ask_for_statistics(node)
        except IndexNotFound:
            now = trio.current_time()
            if now - self._unknown.setdefault(node.name, now) > PATIENCE:
                raise
            return 0.0
        self._unknown.pop(node.name, None)
        return parse_load(answer)


class IndexDropTask(IndexTask):
    """The dropping of an index: done when no node knows it any more."""

    __slots__ = ()

    async def _look(self, node: Node) -> float:
        try:
            await self._ask_for_statistics(node)
        except IndexNotFound:
            return 1.0
        return 0.0


class UdfTask(Task):
    """The registration of a module: done when all nodes have this very version of it.

    Args:
        core: The client.
        policy: How to ask.
        module: What was registered.

    Attributes:
        module: What was registered.
    """

    __slots__ = ("module",)

    def __init__(self, core: ClientCore, policy: InfoPolicy, module: UdfModule) -> None:
        super().__init__(core, policy)
        self.module = module

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.module.name!r}>"

    async def _look(self, node: Node) -> float:
        listed = parse_modules(await self._ask(node, "udf-list"))
        found = next((module for module in listed if module.name == self.module.name), None)
        if found is None:
            return 0.0
        if found.hash == self.module.hash:
            return 1.0
        # An earlier version, or a server that hashes in another way: the content itself decides.
        try:
            answer = await self._ask(node, get_module_command(self.module.name))
        except UdfError:
            return 0.0  # it was removed in between
        return float(parse_module(self.module.name, answer).content == self.module.content)


class UdfRemovalTask(UdfTask):
    """The removal of a module: done when no node has it any more."""

    __slots__ = ()

    async def _look(self, node: Node) -> float:
        listed = parse_modules(await self._ask(node, "udf-list"))
        return float(all(module.name != self.module.name for module in listed))


class ExecuteTask(Task):
    """A background job: done when every node has gone through its records.

    That a node is done does not mean that each record could be changed: `Client.jobs` tells how many could.

    Args:
        core: The client.
        policy: How to ask; its timeout is for each question.
        job_id: The job's number.

    Attributes:
        id: The job's number, as `Client.jobs` and the server's log have it.
    """

    __slots__ = ("id",)

    def __init__(self, core: ClientCore, policy: InfoPolicy, job_id: int) -> None:
        super().__init__(core, policy)
        self.id = job_id

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    async def abort(self) -> bool:
        """End the job on all nodes; what it has changed stays changed.

        Returns:
            Whether it was at work anywhere.

        Raises:
            AerospikeError: A node could not be asked.
        """
        self._core.check_usable()
        aborted: list[Node] = []
        errors: list[AerospikeError] = []

        async def abort(node: Node) -> None:
            try:
                await self._ask(node, abort_job_command(self.id, node.build))
                aborted.append(node)
            except RecordNotFound:
                pass  # done already, or it has never had a part in it
            except AerospikeError as error:
                errors.append(error)

        async with trio.open_nursery() as nursery:
            for node in self._core.cluster.nodes:
                nursery.start_soon(abort, node)
        if errors:
            raise errors[0]
        return bool(aborted)

    async def _look(self, node: Node) -> float:
        word = "id" if node.build >= (8, 1) else "trid"
        try:
            jobs = parse_jobs(await self._ask(node, f"query-show:{word}={self.id}"))
        except RecordNotFound:
            return 1.0  # forgotten since, or the node has joined since
        for job in jobs:
            if job.active:
                return min(job.progress, 0.99)
            if job.status != "done(ok)":
                raise error_for(ResultCode.SCAN_ABORTED, f"the job ended as {job.status!r}", node=node.name)
        return 1.0
