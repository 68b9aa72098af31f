"""Where the embedded server meets the network: listening sockets, and a task for each connection."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack

import trio

from ..clock import wall_clock as system_clock
from .config import ServerConfig
from .connection import Connection
from .indexes.building import PARTS, build_at_once, building
from .indexes.index import Index
from .indexes.kept import Storage
from .node import NodeState, ServerNode
from .queries.job import Spawn
from .server import Server

__all__ = ["serve_aerospike"]

_BACKLOG = 1024
_PORT_STEP = 100
_ACCEPTS_AT_ONCE = 64
_RECORDS_INDEXED_AT_ONCE = 200
_PAUSE_WHEN_OUT_OF_FILES = 0.1
_OUT_OF_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


async def serve_aerospike(
    config: ServerConfig,
    *,
    wall_clock: Callable[[], float] = system_clock,
    task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run an embedded cluster until cancelled.

    Args:
        config: What to run.
        wall_clock: Returns Unix seconds, by which records expire.
        task_status: Started with the `Server` once all nodes accept connections and the partition map is ready.

    Raises:
        OSError: A node can't listen on its address; the message names it.
    """
    server = Server(config, wall_clock)
    family, address = await _resolve(config.host)
    with ExitStack() as sockets:
        doors = [sockets.enter_context(_Door(node, family, address)) for node in server.nodes]
        async with trio.open_nursery() as nursery:
            for door in doors:
                door.nursery = nursery
            for node in server.nodes:
                node.jobs.spawn = _spawner(nursery, node)
            for catalog in server.catalogs.values():
                catalog.build = _builder(nursery, config.index_build_time)
            nursery.start_soon(server.migration.run)
            nursery.start_soon(_remove_expired, server)
            await server.attach(tuple(doors))
            task_status.started(server)


def _spawner(nursery: trio.Nursery, node: ServerNode) -> Spawn:
    """What runs a node's background jobs."""

    def spawn(steps: Generator[float, None, None]) -> None:
        nursery.start_soon(_run_steps, node, steps)

    return spawn


def _builder(nursery: trio.Nursery, seconds: float) -> Callable[[Storage, Index], None]:
    """What fills new indexes: at once if that takes no time, and else besides everything else."""

    def build(storage: Storage, index: Index) -> None:
        if storage.count <= _RECORDS_INDEXED_AT_ONCE and not (seconds and storage.count):
            build_at_once(storage, index)
        else:
            nursery.start_soon(_build, storage, index, seconds)

    return build


async def _build(storage: Storage, index: Index, seconds: float) -> None:
    began = trio.current_time()
    for pause in building(storage, index, seconds / PARTS):
        await trio.sleep(pause)
    index.load_ms = int(1000 * (trio.current_time() - began))


async def _run_steps(node: ServerNode, steps: Generator[float, None, None]) -> None:
    """Run a job of a node, letting time pass between its steps."""
    try:
        for pause in steps:
            await trio.sleep(pause)
            await node.wait_running()
    finally:
        steps.close()


async def _remove_expired(server: Server) -> None:
    """Remove what has expired, each namespace in its own period. A period of 0 removes nothing."""
    async with trio.open_nursery() as nursery:
        for node in server.nodes:
            for name in node.namespaces:
                nursery.start_soon(_remove_expired_of, node, name)


async def _remove_expired_of(node: ServerNode, name: str) -> None:
    namespace = node.namespaces[name]
    while True:
        await trio.sleep(namespace.config.nsup_period or 1)
        if namespace.config.nsup_period and node.state is NodeState.RUNNING:
            namespace.remove_expired()


class _Door:
    """A node's port: listened on while the node is open, and kept from others while it is not."""

    def __init__(self, node: ServerNode, family: int, address: str) -> None:
        self._node = node
        self._family = family
        self._address = address
        port = node.config.port
        self._socket = _bind(family, address, port + _PORT_STEP * node.index if port else 0)
        node.port = self._socket.getsockname()[1]
        self._scope = trio.CancelScope()
        self._closed = trio.Event()
        self._closed.set()
        self.nursery: trio.Nursery | None = None

    def __enter__(self) -> _Door:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    async def open(self) -> None:
        """Listen; return once connections are accepted."""
        assert self.nursery is not None
        await self._closed.wait()
        await self.nursery.start(self._run)

    async def close(self) -> None:
        """Stop listening and break all connections; return once they are closed."""
        self._scope.cancel()
        await self._closed.wait()

    async def _run(self, *, task_status: trio.TaskStatus[None]) -> None:
        self._scope = trio.CancelScope()
        self._closed = trio.Event()
        self._socket.listen(_BACKLOG)
        try:
            with self._scope:
                async with trio.open_nursery() as connections:
                    task_status.started()
                    await self._accept_forever(connections)
        finally:
            self._socket.close()
            if self._scope.cancelled_caught:
                # A bound socket that does not listen refuses connections, and keeps the port for this node.
                self._socket = _bind(self._family, self._address, self._node.port)
            self._closed.set()

    async def _accept_forever(self, connections: trio.Nursery) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            if self._node.state is not NodeState.RUNNING and not await self._node.wait_running():
                return
            for _ in range(_ACCEPTS_AT_ONCE):
                try:
                    accepted, address = self._socket.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    if error.errno in _OUT_OF_FILES:
                        await trio.sleep(_PAUSE_WHEN_OUT_OF_FILES)
                        break
                    continue  # this one connection is gone already
                self._admit(accepted, f"{address[0]}:{address[1]}", connections)

    def _admit(self, accepted: socket.socket, peer: str, connections: trio.Nursery) -> None:
        node = self._node
        is_full = node.counters.connections_open >= node.config.proto_fd_max
        if is_full or (node.faults and node.faults.refuses(node.index, node.node_id)):
            accepted.close()
            node.counters.connection_refused()
            return
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connections.start_soon(Connection(node, accepted, peer).run)


async def _resolve(host: str) -> tuple[int, str]:
    """Address family and numeric address of a host to listen on.

    Raises:
        OSError: The host has no address.
    """
    try:
        found = await trio.socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise OSError(error.errno, f"no address for host {host!r}: {error.strerror}") from error
    family, _, _, _, address = found[0]
    return family, str(address[0])


def _bind(family: int, address: str, port: int) -> socket.socket:
    """A socket that may listen on this address.

    Raises:
        OSError: The address can't be had; the message names it.
    """
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address, port))
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"a node can't listen on {address}:{port}: {error.strerror}") from error
    return bound
