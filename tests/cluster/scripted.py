"""Servers that answer info commands from a script, without sockets."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence

import attrs
import trio

from triospike._cluster.node import Node
from triospike._cluster.node_validator import Network
from triospike._net.connection import Connection
from triospike._net.connection_pool import ConnectionPool
from triospike.errors import ConnectionFailed, ProtocolError
from triospike.host import Host


def bitmap(partitions: Iterable[int]) -> bytes:
    """Bit 4095 of one big number is partition 0."""
    word = 0
    for partition in partitions:
        word |= 1 << (4095 - partition)
    return word.to_bytes(512, "big")


def replicas_text(claims: Mapping[str, Sequence[Iterable[int]]], regime: int = 0) -> str:
    parts = []
    for namespace, columns in claims.items():
        maps = ",".join(base64.b64encode(bitmap(column)).decode() for column in columns)
        parts.append(f"{namespace}:{regime},{len(columns)},{maps}")
    return ";".join(parts)


def a_node(name: str, *, host: str = "10.0.0.1", racks: Mapping[str, int] | None = None) -> Node:
    where = Host(host)
    pool = ConnectionPool(where, limit=1, name=name)
    node = Node(name, where, pool, build=(8, 1), max_error_rate=100, connection=None)
    node.racks = dict(racks or {})
    return node


@attrs.define(eq=False)
class ScriptedServer:
    """One server.

    `behaviour` is "up", "refused", "hangs" or "black hole"; any other text is an answer of another protocol.
    `refusals` is the number of connections that are refused before that.
    """

    name: str
    host: Host
    behaviour: str = "up"
    answers: dict[str, str] = attrs.field(factory=dict)
    peers: list[ScriptedServer] = attrs.field(factory=list)
    peers_generation: int = 1
    partition_generation: int = 1
    claims: dict[str, list[Iterable[int]]] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    dials: int = 0
    refusals: int = 0
    connections: list[Connection] = attrs.field(factory=list)

    def answer(self, command: str) -> str:
        if command in self.answers:
            return self.answers[command]
        values = {
            "node": self.name,
            "build": "8.1.2.0",
            "cluster-name": "prod",
            "peers-generation": str(self.peers_generation),
            "partition-generation": str(self.partition_generation),
            "rebalance-generation": "1",
            "service-clear-std": str(self.host),
            "service-clear-alt": "",
            "peers-clear-std": self._peers(),
            "peers-clear-alt": f"{self.peers_generation},3000,[]",
            "replicas": replicas_text(self.claims),
            "rack-ids": "ERROR:25:enterprise only",
        }
        if command.startswith("user-agent-set:"):
            return "ok"
        return values.get(command, "ERROR:4:unrecognized command")

    def _peers(self) -> str:
        peers = ",".join(f"[{peer.name},,[{peer.host}]]" for peer in self.peers)
        return f"{self.peers_generation},3000,[{peers}]"

    def open_connections(self) -> int:
        return sum(not connection.closed for connection in self.connections)

    def stop(self) -> None:
        self.behaviour = "refused"
        for connection in self.connections:
            connection.close()


class ScriptedNetwork:
    def __init__(self, *servers: ScriptedServer) -> None:
        self.names: dict[str, list[str]] = {}
        self.servers = {server.host: server for server in servers}
        self.lookups: list[str] = []
        self.network = Network(open_connection=self._open, info=self._info, resolve=self._resolve)

    def add(self, server: ScriptedServer) -> None:
        self.servers[server.host] = server

    def open_connections(self) -> int:
        return sum(server.open_connections() for server in self.servers.values())

    async def _resolve(self, name: str, port: int) -> list[Host]:
        await trio.lowlevel.checkpoint()
        self.lookups.append(name)
        if name == "nowhere":
            raise ConnectionFailed("'nowhere' can't be resolved: no such name")
        return [Host(address, port) for address in self.names.get(name, [name])]

    async def _open(self, host: Host) -> Connection:
        await trio.lowlevel.checkpoint()
        server = self.servers.get(host)
        if server is not None:
            server.dials += 1
        if server is not None and server.refusals:
            server.refusals -= 1
            server = None
        if server is None or server.behaviour == "refused":
            raise ConnectionFailed(f"can't connect to {host}: connection refused")
        if server.behaviour == "black hole":
            await trio.sleep_forever()
        connection = Connection(host)
        server.connections.append(connection)
        return connection

    async def _info(self, connection: Connection, commands: Sequence[str]) -> dict[str, str]:
        server = self.servers[connection.host]
        try:
            await trio.lowlevel.checkpoint()
            if connection.closed or server.behaviour == "refused":
                raise ConnectionFailed(f"the connection to {connection.host} broke: closed by the server")
            if server.behaviour == "hangs":
                await trio.sleep_forever()
            if server.behaviour != "up":
                raise ProtocolError(f"not an Aerospike frame: {server.behaviour}")
            server.asked.extend(commands)
            return {command: server.answer(command) for command in commands}
        except BaseException:
            connection.close()
            raise


def cluster_of(*names: str, namespace: str = "test") -> list[ScriptedServer]:
    """Servers at 10.0.0.1, 10.0.0.2...; partitions are dealt out in turn, the next node has the replica."""
    servers = [ScriptedServer(name, Host(f"10.0.0.{at + 1}")) for at, name in enumerate(names)]
    meet(*servers, namespace=namespace)
    return servers


def meet(*servers: ScriptedServer, namespace: str = "test") -> None:
    """Make these servers a cluster, as a rebalance does."""
    size = len(servers)
    for at, server in enumerate(servers):
        server.peers = [peer for peer in servers if peer is not server]
        server.peers_generation += 1
        server.partition_generation += 1
        columns = [range(at, 4096, size), range((at - 1) % size, 4096, size)]
        server.claims[namespace] = list(columns[: min(2, size)])
