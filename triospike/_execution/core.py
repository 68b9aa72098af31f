"""What the parts of one client share: its cluster, its event loops, and whether it may still be used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import trio

from .._cluster.cluster import Cluster
from ..errors import ClientClosed, ForkedClient

if TYPE_CHECKING:
    from .event_loops import EventLoops

__all__ = ["ClientCore"]


class _Forks:
    """Counts the forks that led to this process: one comparison tells a client that it is a copy."""

    count = 0

    @classmethod
    def forked(cls) -> None:
        cls.count += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Forks.forked)


class ClientCore:
    """The shared heart of a client and its views.

    Attributes:
        cluster: Nodes and partition map.
        event_loops: Where its commands run.
        closed: The client's block was left.
        retries: Attempts after the first, of all commands so far.
    """

    __slots__ = ("_forks", "_nothing_submitted", "_submitted", "closed", "cluster", "event_loops", "retries")

    def __init__(self, cluster: Cluster, event_loops: EventLoops) -> None:
        self.cluster = cluster
        self.event_loops = event_loops
        self.closed = False
        self.retries = 0
        self._forks = _Forks.count
        self._submitted = 0
        self._nothing_submitted: trio.Event | None = None

    def check_usable(self) -> None:
        """Raise unless commands may be run.

        Raises:
            ClientClosed: The client's block was left.
            ForkedClient: This process was forked from the one that opened the client.
        """
        if self.closed:
            raise ClientClosed("the client is closed: its `async with` block was left")
        if self._forks != _Forks.count:
            raise ForkedClient(
                "this client was opened before fork(): its sockets belong to the parent process; "
                "open a client of its own in the child"
            )

    def submitted_begun(self) -> None:
        """A command was submitted."""
        self._submitted += 1

    def submitted_ended(self) -> None:
        """A submitted command has ended."""
        self._submitted -= 1
        if not self._submitted and self._nothing_submitted is not None:
            self._nothing_submitted.set()

    async def wait_nothing_submitted(self) -> None:
        """Wait until every submitted command of this client has ended."""
        while self._submitted:
            self._nothing_submitted = trio.Event()
            await self._nothing_submitted.wait()
        await trio.lowlevel.checkpoint()
