"""A server in a thread of its own, for tests that run one command line after the other against it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import trio

from triospike.embedded import open_embedded_server
from triospike.server import ServerConfig

__all__ = ["serving"]


@contextmanager
def serving(config: ServerConfig) -> Iterator[str]:
    """Run an embedded cluster for the length of the block; gives its addresses, as --host takes them."""
    started: queue.SimpleQueue[tuple[str, trio.lowlevel.TrioToken, trio.CancelScope]] = queue.SimpleQueue()

    async def main() -> None:
        with trio.CancelScope() as scope:
            async with open_embedded_server(config) as server:
                hosts = ",".join(str(host) for host in server.hosts)
                started.put((hosts, trio.lowlevel.current_trio_token(), scope))
                await trio.sleep_forever()

    thread = threading.Thread(target=trio.run, args=(main,))
    thread.start()
    hosts, token, scope = started.get(timeout=10)
    try:
        yield hosts
    finally:
        token.run_sync_soon(scope.cancel)
        thread.join(10)
