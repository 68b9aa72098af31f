from __future__ import annotations

import pytest
import raw_client as raw
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike.server.config import NamespaceConfig, ServerConfig
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server

KEYS = [f"k{index}" for index in range(300)]


async def start(nursery: trio.Nursery, nodes: int = 3, factor: int = 2, interval: float = 0.0) -> Server:
    config = ServerConfig(
        nodes=nodes,
        namespaces=(NamespaceConfig("test", replication_factor=factor),),
        migration_interval=interval,
    )
    started = await nursery.start(serve_aerospike, config)
    assert isinstance(started, Server)
    return started


async def write_all(server: Server, node: int, base: int = 0) -> None:
    async with raw.connect(server.nodes[node].port) as client:
        await client.send(b"".join(raw.put(key, base + index) for index, key in enumerate(KEYS)))
        assert [raw.result(await client.answer()) for _ in KEYS] == [0] * len(KEYS)


async def read_all(server: Server, node: int) -> list[int | None]:
    """The value of each key, or None where there is none, or -11 where the partition is not available."""
    values: list[int | None] = []
    async with raw.connect(server.nodes[node].port) as client:
        await client.send(b"".join(raw.get(key) for key in KEYS))
        for _ in KEYS:
            answer = await client.answer()
            code = raw.result(answer)
            values.append(-11 if code == 11 else None if code == 2 else raw.number(answer))
    return values


async def test_every_node_answers_for_every_record(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    await write_all(server, 0)
    for node in range(3):
        assert await read_all(server, node) == list(range(300))
    assert sum(node.records for node in server.statistics().nodes) == 600


async def test_one_copy_with_replication_factor_one(nursery: trio.Nursery) -> None:
    server = await start(nursery, factor=1)
    await write_all(server, 0)
    assert sum(node.records for node in server.statistics().nodes) == 300


async def test_peers_know_each_other(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    ports = [node.port for node in server.nodes]
    async with raw.connect(ports[1]) as client:
        assert await client.ask_info("peers-clear-std") == (
            f"2,3000,[[BB9010000000000,,[127.0.0.1:{ports[0]}]],[BB9010000000002,,[127.0.0.1:{ports[2]}]]]"
        )
        await server.stop_node(0)
        assert await client.ask_info("peers-generation") == "3"
        assert await client.ask_info("peers-clear-std") == f"3,3000,[[BB9010000000002,,[127.0.0.1:{ports[2]}]]]"
        assert await client.ask_info("peers-clear-std:generation=2") == "3,3000,[[BB9010000000000,,]]"
        await server.start_node(0)
        assert await client.ask_info("peers-clear-std:generation=3") == (
            f"4,3000,[[BB9010000000000,,[127.0.0.1:{ports[0]}]]]"
        )


async def test_a_stopped_node_is_gone_with_all_its_connections(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    async with raw.connect(server.nodes[0].port) as client, raw.connect(server.nodes[1].port) as other:
        await client.ask(raw.get("a"))
        generation = int(await other.ask_info("partition-generation"))
        await server.stop_node(0)
        assert server.nodes[0].counters.connections_open == 0
        assert await client.answer() == b""
        with pytest.raises(OSError, match=r"refused|failed"):
            await trio.open_tcp_stream("127.0.0.1", server.nodes[0].port)
        assert int(await other.ask_info("partition-generation")) > generation
        assert len(server.hosts) == 2
    assert repr(server.nodes[0]).startswith("<ServerNode BB9010000000000 stopped at 127.0.0.1:")


async def test_nothing_is_lost_while_nodes_stop_and_return_one_at_a_time(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    await write_all(server, 0)
    for index in range(3):
        await server.stop_node(index)
        survivor = (index + 1) % 3
        assert await read_all(server, survivor) == [1000 * index + value for value in range(300)]
        await write_all(server, survivor, 1000 * (index + 1))
        await server.wait_stable()
        await server.start_node(index)
        assert await read_all(server, index) == [1000 * (index + 1) + value for value in range(300)]
        await server.wait_stable()
    assert await read_all(server, 0) == [3000 + value for value in range(300)]
    assert sum(node.records for node in server.statistics().nodes) == 600


async def test_a_node_returns_on_its_port_and_without_what_was_deleted(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    port = server.nodes[0].port
    await write_all(server, 0)
    await server.stop_node(0)
    async with raw.connect(server.nodes[1].port) as client:
        for key in KEYS:
            assert raw.result(await client.ask(raw.delete(key))) == 0
    await server.start_node(0)
    assert server.nodes[0].port == port
    assert await read_all(server, 0) == [None] * 300
    await server.wait_stable()
    assert await read_all(server, 0) == [None] * 300


async def test_records_of_the_only_copy_come_back_with_their_node(nursery: trio.Nursery) -> None:
    server = await start(nursery, nodes=2, factor=1)
    await write_all(server, 0)
    await server.stop_node(0)
    values = await read_all(server, 1)
    lost = [index for index, value in enumerate(values) if value == -11]
    assert 50 < len(lost) < 250
    assert all(value == index for index, value in enumerate(values) if index not in lost)
    assert server.statistics().partitions_unavailable == len(server.unavailable_partitions("test")) > 1000
    async with raw.connect(server.nodes[1].port) as client:
        assert raw.result(await client.ask(raw.put(KEYS[lost[0]], 1))) == 11
    await server.start_node(0)
    assert await read_all(server, 1) == list(range(300))


async def test_a_single_node_keeps_its_records_over_a_restart(nursery: trio.Nursery) -> None:
    server = await start(nursery, nodes=1)
    await write_all(server, 0)
    await server.stop_node(0)
    assert server.hosts == ()
    await server.start_node(0)
    assert await read_all(server, 0) == list(range(300))


async def test_migration_is_paced_and_serves_meanwhile(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    server = await start(nursery, interval=0.01)
    await write_all(server, 0)
    async with raw.connect(server.nodes[1].port) as client:
        await server.stop_node(0)
        pending = server.statistics().moves_pending
        assert pending > 2000
        assert (await client.ask_info("cluster-stable:")).startswith("ERROR:")
        await trio.sleep(5)
        assert 0 < server.statistics().moves_pending < pending
        assert await read_all(server, 2) == list(range(300))
        assert repr(server).endswith(" partitions to migrate>")
        await server.wait_stable()
        assert len(await client.ask_info("cluster-stable:size=2")) == 12
        assert server.statistics().moves_pending == 0


async def test_a_paused_node_is_a_black_hole_until_it_goes_on(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    async with raw.connect(server.nodes[0].port) as client:
        await client.ask(raw.get("a"))
        await server.pause_node(0)
        await server.pause_node("BB9010000000000")
        async with raw.connect(server.nodes[0].port) as newcomer:
            await client.send(raw.get("a"))
            await newcomer.send(raw.get("a"))
            with trio.move_on_after(60) as scope:
                await client.answer()
            assert scope.cancelled_caught
            assert server.nodes[0].counters.connections_open == 1
            assert len(server.hosts) == 3
            await server.resume_node(0)
            assert raw.result(await client.answer()) == 2
            assert raw.result(await newcomer.answer()) == 2


async def test_a_paused_node_can_be_stopped_and_started(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    async with raw.connect(server.nodes[0].port) as client:
        await server.pause_node(0)
        await client.send(raw.get("a"))
        await server.stop_node(0)
        assert await client.answer() == b""
    with pytest.raises(ValueError, match="BB9010000000000 is stopped"):
        await server.pause_node(0)
    await server.start_node(0)
    assert await read_all(server, 0) == [None] * 300


async def test_stopping_and_starting_twice_does_nothing(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    await server.start_node(0)
    await server.stop_node(0)
    generation = server.nodes[1].partition_generation
    await server.stop_node(0)
    await wait_all_tasks_blocked()
    assert server.nodes[1].peers_generation == 3
    assert server.nodes[1].partition_generation >= generation


async def test_nodes_are_found_by_index_and_id(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    assert server.node(2) is server.node("BB9010000000002") is server.nodes[2]
    for wrong in (3, -1, "BB9"):
        with pytest.raises(LookupError, match="BB9010000000000, BB9010000000001, BB9010000000002"):
            server.node(wrong)


async def test_racks_are_told(nursery: trio.Nursery) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=2, rack_ids=(7, 8)))
    async with raw.connect(server.nodes[1].port) as client:
        assert await client.ask_info("rack-ids") == "test:8"


async def test_repr_tells_the_state(nursery: trio.Nursery) -> None:
    server = await start(nursery, nodes=1)
    port = server.nodes[0].port
    assert repr(server) == f"<Server 'embedded': 127.0.0.1:{port} running; 0 connections open, stable>"
    await server.pause_node(0)
    assert repr(server.nodes[0]) == f"<ServerNode BB9010000000000 paused at 127.0.0.1:{port}, 0 connections open>"


async def test_the_uptime_counts_from_the_last_start(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    await trio.sleep(100)
    assert server.nodes[0].statistics()["uptime"] == 100
    await server.stop_node(0)
    await server.start_node(0)
    await trio.sleep(7)
    assert server.nodes[0].statistics()["uptime"] == 7
