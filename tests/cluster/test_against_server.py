"""Connecting and tending over real sockets, against the embedded server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import attrs
import pytest
import trio
from trio.testing import MockClock

from triospike._cluster.cluster import Cluster
from triospike._cluster.tender import connect, tend
from triospike.errors import AerospikeError, ClusterNameMismatch, ConnectionFailed, PeersUnreachable, ProtocolError
from triospike.host import Host
from triospike.policy import ClientPolicy
from triospike.policy.enums import Replica
from triospike.server import Fault, FaultKind, Server, ServerConfig, serve_aerospike

SEED = ClientPolicy()


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.02)


async def start(nursery: trio.Nursery, config: ServerConfig | None = None) -> Server:
    server = await nursery.start(serve_aerospike, config or ServerConfig(nodes=3))
    assert isinstance(server, Server)
    return server


@asynccontextmanager
async def tended(server: Server, policy: ClientPolicy = SEED) -> AsyncIterator[Cluster]:
    cluster = await connect(server.hosts[:1], policy, limit=10)
    try:
        async with trio.open_nursery() as tending:
            await tending.start(lambda task_status: tend(cluster, task_status=task_status))
            yield cluster
            tending.cancel_scope.cancel()
    finally:
        cluster.close()
    await until(lambda: server.counters.connections_open == 0)


async def until(condition: Callable[[], bool]) -> None:
    with trio.fail_after(30):
        while not condition():  # noqa: ASYNC110  # sockets and counters have no event to wait for
            await trio.sleep(0.1)


def names(cluster: Cluster) -> set[str]:
    return {node.name for node in cluster.nodes}


def ids(server: Server) -> set[str]:
    return {node.node_id for node in server.nodes}


async def test_finds_every_node_and_an_owner_for_every_partition(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)

    async with tended(server) as cluster:
        assert names(cluster) == ids(server)
        assert cluster.health().ok
        owners = {cluster.node_for("test", pid, Replica.MASTER, 0, write=True).name for pid in range(4096)}
        assert owners == ids(server)
        assert server.counters.connections_open == 3


async def test_every_partition_has_a_second_owner_to_turn_to(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)

    async with tended(server) as cluster:
        for pid in range(0, 4096, 97):
            owners = {
                cluster.node_for("test", pid, Replica.SEQUENCE, index, write=False).name for index in range(2)
            }
            assert len(owners) == 2


async def test_follows_a_node_that_stops_and_comes_back(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)

    async with tended(server) as cluster:
        await server.stop_node(2)
        await until(lambda: len(cluster.nodes) == 2 and cluster.health().ok)
        await server.start_node(2)
        await until(lambda: len(cluster.nodes) == 3 and cluster.health().ok)
        await server.wait_stable()
        await until(
            lambda: (
                {cluster.node_for("test", pid, Replica.MASTER, 0, write=True).name for pid in range(4096)}
                == ids(server)
            )
        )


async def test_finds_the_cluster_again_after_all_of_it_was_gone(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)

    async with tended(server) as cluster:
        for index in range(3):
            await server.stop_node(index)
        await until(lambda: not cluster.nodes)
        assert not cluster.health().ok
        for index in range(3):
            await server.start_node(index)
        await until(lambda: cluster.health().ok)
        assert names(cluster) == ids(server)


async def test_a_node_that_does_nothing_is_noticed_and_does_not_hold_up_the_rest(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    server = await start(nursery)

    async with tended(server) as cluster:
        await server.pause_node(1)
        await trio.sleep(5)
        failures = {node.name: node.tending.failures for node in cluster.nodes}
        assert failures[server.nodes[0].node_id] == failures[server.nodes[2].node_id] == 0
        assert failures[server.nodes[1].node_id] >= 2
        await server.resume_node(1)
        await until(lambda: cluster.health().ok)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.DROP, command="info"),
        Fault(FaultKind.CLOSE_BEFORE, command="info"),
        Fault(FaultKind.TRUNCATE, command="info"),
        Fault(FaultKind.GARBLE, command="info", part="header"),
        Fault(FaultKind.GARBLE, command="info", part="body"),
        Fault(FaultKind.ENDLESS, command="info"),
        Fault(FaultKind.ENDLESS, command="info", size=1 << 18),
        Fault(FaultKind.REFUSE),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.part}-{fault.size}",
)
async def test_a_server_that_misbehaves_is_one_error_in_time_that_names_it(
    nursery: trio.Nursery, clock: MockClock, fault: Fault
) -> None:
    server = await start(nursery, ServerConfig())
    server.faults.add(fault)
    (host,) = server.hosts
    started = trio.current_time()

    with pytest.raises((ConnectionFailed, ProtocolError)) as caught:
        await connect([host], ClientPolicy(), limit=10)

    assert str(host) in str(caught.value)
    assert trio.current_time() - started < 2
    await until(lambda: server.counters.connections_open == 0)


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.CLOSE_BEFORE, FaultKind.GARBLE, FaultKind.ENDLESS])
async def test_tending_outlives_faults(nursery: trio.Nursery, clock: MockClock, kind: FaultKind) -> None:
    server = await start(nursery)

    async with tended(server) as cluster:
        with server.faults.add(Fault(kind, command="info", probability=0.3, seed=7)):
            await trio.sleep(20)
        await until(lambda: cluster.health().ok)
        assert names(cluster) == ids(server)


async def test_a_wrong_cluster_name_is_refused(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery, ServerConfig(cluster_name="prod"))

    with pytest.raises(ClusterNameMismatch, match="'prod', not to 'staging'"):
        await connect(server.hosts, ClientPolicy(cluster_name="staging"), limit=10)
    cluster = await connect(server.hosts, ClientPolicy(cluster_name="prod"), limit=10)
    cluster.close()


async def test_addresses_that_can_not_be_reached_are_named(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery, ServerConfig(nodes=3, access_host="localhost.invalid"))

    seeds = [attrs.evolve(server.hosts[0], name="127.0.0.1")]

    with pytest.raises(PeersUnreachable) as caught:
        await connect(seeds, ClientPolicy(), limit=10)

    for node in server.nodes[1:]:
        assert f"{node.node_id} at localhost.invalid:{node.port}" in str(caught.value)
    ip_map = {"localhost.invalid": "127.0.0.1"}
    cluster = await connect(seeds, ClientPolicy(ip_map=ip_map), limit=10)
    assert names(cluster) == ids(server)
    cluster.close()


async def test_a_seed_by_its_name_is_resolved(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery, ServerConfig())
    (host,) = server.hosts

    cluster = await connect([attrs.evolve(host, name="localhost")], ClientPolicy(), limit=10)

    assert names(cluster) == ids(server)
    cluster.close()


async def test_min_connections_are_opened_at_start(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)

    async with tended(server, ClientPolicy(async_min_conns_per_node=4)) as cluster:
        assert [node.pool.statistics().idle for node in cluster.nodes] == [4, 4, 4]
        assert server.counters.connections_open == 3 * 4 + 3


async def speak(text: bytes, stream: trio.SocketStream) -> None:
    async with stream:
        await stream.send_all(text)
        await trio.sleep(60)


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_a_port_of_another_protocol_is_a_protocol_error(
    nursery: trio.Nursery, clock: MockClock, greeting: bytes
) -> None:
    listeners: list[trio.SocketListener] = await nursery.start(
        partial(trio.serve_tcp, partial(speak, greeting), 0, host="127.0.0.1")
    )
    host = Host("127.0.0.1", listeners[0].socket.getsockname()[1])

    with pytest.raises(ProtocolError) as caught:
        await connect([host], ClientPolicy(), limit=10)

    assert str(host) in str(caught.value)


async def test_cancelling_at_any_moment_leaves_nothing_open(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    server.faults.add(Fault(FaultKind.DELAY, seconds=0.1))

    for tenth in range(12):
        with trio.move_on_after(tenth * 0.1 + 0.05):
            try:
                async with tended(server, ClientPolicy(async_min_conns_per_node=2)):
                    await trio.sleep_forever()
            except AerospikeError:
                raise AssertionError("a cancel is no failure") from None
        await until(lambda: server.counters.connections_open == 0)
