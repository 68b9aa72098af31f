"""What nodes tell of themselves: namespaces, sets, statistics, settings, racks, jobs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from .._commands import admin_requests as requests
from ..admin.jobs import JobInfo, merge_jobs, parse_jobs
from ..admin.namespaces import (
    NamespaceInfo,
    SetInfo,
    merge_namespaces,
    merge_sets,
    parse_namespace,
    parse_sets,
)
from ..admin.nodes import Configuration, NodeInfo, parse_node, parse_racks
from ..admin.pairs import number_of, parse_pairs
from ..errors import RecordNotFound
from ..packed import PackedLike
from ..policy import InfoPolicy
from .nodes import NodeCommands

if TYPE_CHECKING:
    from .._cluster.node import Node

__all__ = ["MonitoringCommands"]


class MonitoringCommands(NodeCommands):
    """What nodes tell of themselves.

    Those that ask all nodes raise the error of a node that can't be asked: a sum without it would be wrong. Name
    a node to ask one only.
    """

    __slots__ = ()

    async def namespaces(
        self, *, node: Node | str | None = None, policy: InfoPolicy | None = None
    ) -> list[NamespaceInfo]:
        """The namespaces with their numbers, by name.

        Args:
            node: Ask one node only; else all, and the numbers are sums.
            policy: How to ask, instead of the client's default.

        Raises:
            AerospikeError: A node could not be asked.
        """
        listed = await self._ask_each(lambda one: "namespaces", node, policy)
        names = sorted({name for text in listed.values() for name in text.split(";") if name})
        merged = []
        for name in names:
            told = await self._ask_each(partial(_namespace_command, name), node, policy)
            found = {one.name: info for one, text in told.items() if (info := parse_namespace(name, text))}
            if found:
                merged.append(merge_namespaces(found))
        return merged

    async def sets(
        self,
        namespace: str | None = None,
        *,
        node: Node | str | None = None,
        policy: InfoPolicy | None = None,
    ) -> list[SetInfo]:
        """The sets with their numbers, by namespace and name.

        Args:
            namespace: Only those of one namespace; one that the cluster does not have has none.
            node: Ask one node only; else all, and the numbers are sums.
            policy: How to ask, instead of the client's default.

        Raises:
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(lambda one: requests.sets_command(namespace), node, policy)
        return merge_sets({one.name: parse_sets(text) for one, text in found.items()})

    async def node_statistics(
        self, *, node: Node | str | None = None, policy: InfoPolicy | None = None
    ) -> dict[str, NodeInfo]:
        """What the nodes say of themselves: name of each to its statistics.

        Args:
            node: Ask one node only, else all.
            policy: How to ask, instead of the client's default.

        Raises:
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(lambda one: "statistics", node, policy)
        return {one.name: parse_node(one.name, ".".join(map(str, one.build)), text) for one, text in found.items()}

    async def get_config(
        self,
        context: str = "service",
        namespace: str | None = None,
        *,
        node: Node | str | None = None,
        policy: InfoPolicy | None = None,
    ) -> Configuration:
        """The nodes' settings.

        Args:
            context: "service", "network", "namespace", "security" or "xdr".
            namespace: The namespace, for the context "namespace".
            node: Ask one node only, else all.
            policy: How to ask, instead of the client's default.

        Raises:
            InvalidRequest: There is no such context, or no such namespace.
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(
            lambda one: requests.get_config_command(context, namespace, one.build), node, policy
        )
        return Configuration(context, namespace, {one.name: parse_pairs(text) for one, text in found.items()})

    async def set_config(
        self,
        context: str,
        settings: Mapping[str, str | int | bool],
        *,
        namespace: str | None = None,
        set_name: str | None = None,
        node: Node | str | None = None,
        policy: InfoPolicy | None = None,
    ) -> None:
        """Change settings of running nodes, one after the other; they last until a node's next start.

        Args:
            context: "service", "network", "namespace", "security" or "xdr".
            settings: Name to value. Names are the server's: ``{"default-ttl": 3600}``.
            namespace: The namespace, for the context "namespace".
            set_name: A set of it, for settings that sets have.
            node: Change one node only, else all.
            policy: How to ask, instead of the client's default.

        Raises:
            InvalidRequest: A setting can't be changed; those before it were, and it may have been on other nodes.
            AerospikeError: A node could not be asked.
        """
        if not settings:
            raise ValueError("settings must name at least one")

        def question(name: str, one: Node) -> str:
            return requests.set_config_command(context, name, settings[name], namespace, set_name, one.build)

        for name in settings:  # before any of them is sent
            question(name, self._chosen(node)[0])
        for name in settings:
            await self._ask_each(partial(question, name), node, policy)

    async def racks(self, *, policy: InfoPolicy | None = None) -> dict[str, dict[int, tuple[str, ...]]]:
        """The racks of the cluster: namespace to number of a rack to the names of its nodes.

        Args:
            policy: How to ask, instead of the client's default.

        Raises:
            EnterpriseOnly: The server is of the Community Edition.
        """
        return parse_racks(await self._ask_any(lambda node: "racks:", policy))

    async def set_xdr_filter(
        self,
        data_center: str,
        namespace: str,
        expression: PackedLike | None,
        *,
        policy: InfoPolicy | None = None,
    ) -> None:
        """Set the filter of what XDR ships (Python: ``Client.set_xdr_filter``).

        Args:
            data_center: Where it ships to, as the server's configuration calls it.
            namespace: Whose records.
            expression: True for records to be shipped: of `triospike.exp`, or packed. None takes the filter away.
            policy: How to ask, instead of the client's default.

        Raises:
            EnterpriseOnly: The server is of the Community Edition.
            InvalidRequest: There is no such data center or namespace.
        """
        await self._ask_any(lambda node: requests.set_filter_command(data_center, namespace, expression), policy)

    async def jobs(self, *, node: Node | str | None = None, policy: InfoPolicy | None = None) -> list[JobInfo]:
        """Scans, queries and background jobs that are at work, and those that lately were (server 6.0).

        Args:
            node: Ask one node only; else all, and the numbers are sums.
            policy: How to ask, instead of the client's default.

        Returns:
            Those at work first, then the others from the latest to the oldest.

        Raises:
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(lambda one: "query-show", node, policy)
        return merge_jobs({one.name: parse_jobs(text) for one, text in found.items()})

    async def abort_job(
        self, job_id: int, *, node: Node | str | None = None, policy: InfoPolicy | None = None
    ) -> bool:
        """Abort a scan, query or background job (server 6.0).

        Args:
            job_id: Its number, as `jobs` and a query's task tell it.
            node: Abort it on one node only, else on all.
            policy: How to ask, instead of the client's default.

        Returns:
            Whether it was at work anywhere.

        Raises:
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(
            lambda one: requests.abort_job_command(job_id, one.build), node, policy, tolerated=(RecordNotFound,)
        )
        return bool(found)

    async def abort_all_jobs(self, *, node: Node | str | None = None, policy: InfoPolicy | None = None) -> int:
        """Abort all scans, queries and background jobs (server 6.0).

        Args:
            node: Abort those of one node only, else of all.
            policy: How to ask, instead of the client's default.

        Returns:
            How many there were; one that was at work on several nodes counts on each.

        Raises:
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(lambda one: "query-abort-all:", node, policy)
        # "number-of-queries-killed:3"; before server 8.1 "OK - number of queries killed: 3"
        return sum(number_of({"": text.rpartition(":")[2].strip()}, "") or 0 for text in found.values())


def _namespace_command(name: str, node: Node) -> str:
    return f"namespace/{name}"
