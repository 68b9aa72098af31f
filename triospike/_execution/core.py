"""What the parts of one client share: its cluster, its event loops, and whether it may still be used."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

import trio

from .._cluster.cluster import Cluster
from ..errors import ClientClosed, ForkedClient

if TYPE_CHECKING:
    from .event_loops import EventLoops
    from .submitted import Submitted

__all__ = ["ClientCore"]


_cores: weakref.WeakSet[ClientCore] = weakref.WeakSet()


def _forked() -> None:
    """This process is a copy: the sockets of its clients belong to its parent."""
    for core in _cores:
        core.usable = False
        core.forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class ClientCore:
    """The shared heart of a client and its views.

    Attributes:
        cluster: Nodes and partition map.
        event_loops: Where its commands run.
        usable: Commands may be run; else `check_usable` says why not.
        forked: This process was forked from the one that opened the client.
        retries: Attempts after the first, of all commands so far.
    """

    __slots__ = (
        "__weakref__",
        "_nothing_submitted",
        "_submitted",
        "cluster",
        "event_loops",
        "forked",
        "retries",
        "usable",
    )

    def __init__(self, cluster: Cluster, event_loops: EventLoops) -> None:
        self.cluster = cluster
        self.event_loops = event_loops
        self.usable = True
        self.forked = False
        self.retries = 0
        self._submitted: dict[Submitted[Any], None] = {}  # in the order of their coming
        self._nothing_submitted: trio.Event | None = None
        _cores.add(self)

    def check_usable(self) -> None:
        """Raise unless commands may be run.

        Raises:
            ClientClosed: The client's block was left.
            ForkedClient: This process was forked from the one that opened the client.
        """
        if self.forked:
            raise ForkedClient(
                "this client was opened before fork(): its sockets belong to the parent process; "
                "open a client of its own in the child"
            )
        if not self.usable:
            raise ClientClosed("the client is closed: its `async with` block was left")

    def submitted_begun(self, handle: Submitted[Any]) -> None:
        """A command was submitted."""
        self._submitted[handle] = None

    def submitted_ended(self, handle: Submitted[Any]) -> None:
        """A submitted command has ended."""
        del self._submitted[handle]
        if not self._submitted and self._nothing_submitted is not None:
            self._nothing_submitted.set()

    async def wait_nothing_submitted(self) -> None:
        """Wait until every submitted command of this client has ended."""
        while self._submitted:
            self._nothing_submitted = trio.Event()
            await self._nothing_submitted.wait()
        await trio.lowlevel.checkpoint()

    async def close(self) -> None:
        """Refuse further use, cancel what was submitted, and see it end; not to be cancelled itself."""
        self.usable = False
        for handle in list(self._submitted):
            handle.cancel()
        with trio.CancelScope(shield=True):  # short: all of them have been cancelled
            while self._submitted:
                self._nothing_submitted = trio.Event()
                await self._nothing_submitted.wait()
