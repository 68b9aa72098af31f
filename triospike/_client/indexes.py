"""Secondary indexes, and truncation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._commands import admin_requests as requests
from ..admin import CollectionKind
from ..admin.indexes import (
    IndexInfo,
    IndexKind,
    IndexStatistics,
    merge_indexes,
    merge_statistics,
    parse_indexes,
)
from ..clock import Moment
from ..operations.context import ContextLike
from ..packed import PackedLike
from ..policy import InfoPolicy
from ..task import IndexDropTask, IndexTask
from .nodes import NodeCommands

if TYPE_CHECKING:
    from .._cluster.node import Node

__all__ = ["IndexCommands"]


class IndexCommands(NodeCommands):
    """Secondary indexes, and truncation."""

    __slots__ = ()

    async def create_index(
        self,
        namespace: str,
        set_name: str | None,
        name: str,
        *,
        bin: str | None = None,  # noqa: A002 - the word of the database
        expression: PackedLike | None = None,
        kind: IndexKind = IndexKind.INTEGER,
        collection: CollectionKind = CollectionKind.DEFAULT,
        context: ContextLike | None = None,
        policy: InfoPolicy | None = None,
    ) -> IndexTask:
        """Begin to build an index (C: ``aerospike_index_create_complex``).

        The same index again is no error; under another name, it renames the index.

        Args:
            namespace: Where the records are.
            set_name: Their set; None for records of all sets and of none.
            name: The index's, at most 63 bytes.
            bin: The bin to look in.
            expression: Gives the values instead of a bin: of `triospike.exp`, or packed (server 8.1).
            kind: The values to take in; others are left out, which is no error.
            collection: Where in the bin they are: the bin's value itself, or what a list or map there holds.
            context: Path to a value inside the bin (server 6.1).
            policy: How to ask, instead of the client's default.

        Returns:
            To wait for: queries fail with `IndexNotFound` or `IndexNotReadable` until it is done.

        Raises:
            IndexFound: There is another index of this name.
            IndexFailed: There are too many indexes.
            InvalidRequest: The server finds the definition wrong.
        """
        await self._ask_any(
            lambda node: requests.create_index_command(
                namespace,
                set_name,
                name,
                node.build,
                bin_name=bin,
                expression=expression,
                kind=kind,
                collection=collection,
                context=context,
            ),
            policy,
        )
        return IndexTask(self._core, self._info_policy(policy), namespace, name)

    async def create_set_index(
        self, namespace: str, set_name: str, name: str, *, policy: InfoPolicy | None = None
    ) -> IndexTask:
        """Begin to build an index of the records of a set, for fast scans of small sets (server 8.1.2).

        Args:
            namespace: Where the set is.
            set_name: The set.
            name: The index's, at most 63 bytes.
            policy: How to ask, instead of the client's default.

        Raises:
            IndexFound: There is another index of this name.
        """
        await self._ask_any(
            lambda node: requests.create_set_index_command(namespace, set_name, name, node.build), policy
        )
        return IndexTask(self._core, self._info_policy(policy), namespace, name)

    async def drop_index(self, namespace: str, name: str, *, policy: InfoPolicy | None = None) -> IndexTask:
        """Drop an index (C: ``aerospike_index_remove``). That there is none is no error on servers from 7.1 on.

        Args:
            namespace: Where the index is.
            name: The index's.
            policy: How to ask, instead of the client's default.

        Returns:
            To wait for, until no node knows the index any more.

        Raises:
            IndexNotFound: There is no such index, on an old server.
        """
        await self._ask_any(lambda node: requests.drop_index_command(namespace, name, node.build), policy)
        return IndexDropTask(self._core, self._info_policy(policy), namespace, name)

    async def indexes(
        self,
        namespace: str | None = None,
        *,
        node: Node | str | None = None,
        policy: InfoPolicy | None = None,
    ) -> list[IndexInfo]:
        """List the indexes, by namespace and name.

        Args:
            namespace: Only those of one namespace.
            node: Ask one node only; else all, and an index is readable where all of them have built it.
            policy: How to ask, instead of the client's default.

        Raises:
            InvalidRequest: There is no such namespace.
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(lambda one: requests.list_indexes_command(namespace, one.build), node, policy)
        return merge_indexes({one.name: parse_indexes(text) for one, text in found.items()})

    async def index_statistics(
        self,
        namespace: str,
        name: str,
        *,
        node: Node | str | None = None,
        policy: InfoPolicy | None = None,
    ) -> IndexStatistics:
        """Numbers of an index: entries, memory, how far it is built.

        Args:
            namespace: Where the index is.
            name: The index's.
            node: Ask one node only, else all.
            policy: How to ask, instead of the client's default.

        Raises:
            IndexNotFound: A node does not know the index.
            AerospikeError: A node could not be asked.
        """
        found = await self._ask_each(
            lambda one: requests.index_statistics_command(namespace, name, one.build), node, policy
        )
        return merge_statistics({one.name: text for one, text in found.items()})

    async def truncate(
        self,
        namespace: str,
        set_name: str | None = None,
        *,
        before: Moment | None = None,
        policy: InfoPolicy | None = None,
    ) -> None:
        """Remove records without looking at each (C: ``aerospike_truncate``). Nothing brings them back.

        Returns when the cluster has accepted it; the news takes a moment to reach all nodes.

        Args:
            namespace: Where the records are. A name that the cluster does not have is no error on server 8.
            set_name: Their set; None for all records of the namespace, those without a set too.
            before: Only records last written before this time: a datetime with a time zone, or Unix seconds.
                None takes all that are there.
            policy: How to ask, instead of the client's default.

        Raises:
            InvalidRequest: The time is in the future, or before 2010.
        """
        await self._ask_any(lambda node: requests.truncate_command(namespace, set_name, before), policy)
