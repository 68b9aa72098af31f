from __future__ import annotations

import errno
import socket

import pytest
import raw_client as raw
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike.server.config import NamespaceConfig, ServerConfig
from triospike.server.faults import Fault
from triospike.server.node import ServerNode
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server


@pytest.fixture
async def server(nursery: trio.Nursery) -> Server:
    started = await nursery.start(serve_aerospike, ServerConfig())
    assert isinstance(started, Server)
    return started


@pytest.fixture
def node(server: Server) -> ServerNode:
    return server.nodes[0]


@pytest.fixture
def port(server: Server) -> int:
    return server.hosts[0].port


async def settled() -> None:
    """Let the server see what its clients have just done."""
    for _ in range(3):
        await wait_all_tasks_blocked()


async def test_a_started_server_answers_at_once(port: int) -> None:
    async with raw.connect(port) as client:
        assert await client.ask_info("node") == "BB9010000000000"
        assert await client.ask_info("partition-generation") == "0"
        assert await client.ask_info("peers-generation") == "0"
        assert await client.ask_info("peers-clear-std") == "0,3000,[]"
        assert await client.ask_info("service-clear-std") == f"127.0.0.1:{port}"
        assert await client.ask_info("service-clear-alt") == ""
        assert await client.ask_info("replicas") == "test:0,1," + "/" * 682 + "8="


async def test_records_are_written_and_read(port: int) -> None:
    async with raw.connect(port) as client:
        assert raw.result(await client.ask(raw.get("a"))) == 2
        assert raw.result(await client.ask(raw.put("a", 5))) == 0
        assert raw.number(await client.ask(raw.get("a"))) == 5


async def test_a_request_may_arrive_byte_by_byte(port: int) -> None:
    async with raw.connect(port) as client:
        for byte in raw.put("a", 5):
            await client.send(bytes((byte,)))
            await trio.lowlevel.checkpoint()
        assert raw.result(await client.answer()) == 0


async def test_pipelined_requests_are_answered_in_order(port: int, node: ServerNode) -> None:
    async with raw.connect(port) as client:
        await client.send(b"".join(raw.put(f"k{index}", index) for index in range(100)))
        assert [raw.result(await client.answer()) for _ in range(100)] == [0] * 100
        tail = raw.get("k7")
        requests = b"".join(raw.get(f"k{index}") for index in range(100)) + raw.info("node") + tail
        await client.send(requests[:-20])
        assert [raw.number(await client.answer()) for _ in range(100)] == list(range(100))
        assert (await client.answer())[8:] == b"node\tBB9010000000000\n"
        await client.send(tail[-20:])
        assert raw.number(await client.answer()) == 7
    assert node.counters.one_connection_peak == 100


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03",
        b"\x01\x03" + bytes(6),
        b"\x02\x00" + bytes(6),
        b"\x02\x06" + bytes(6),
        b"\x02\x03" + b"\xff" * 6,
    ],
    ids=["http", "tls", "version", "type-0", "type-6", "size"],
)
async def test_what_is_no_frame_closes_the_connection_after_what_came_before(port: int, garbage: bytes) -> None:
    async with raw.connect(port) as client:
        await client.send(raw.put("a", 1) + garbage)
        assert raw.result(await client.answer()) == 0
        assert await client.answer() == b""


async def test_a_size_that_is_only_announced_reserves_nothing(port: int) -> None:
    async with raw.connect(port) as client:
        await client.send(b"\x02\x03" + (128 << 20).to_bytes(6, "big") + b"abc")
        await settled()
        assert raw.result(await ask_another(port)) == 2


async def ask_another(port: int) -> bytes:
    async with raw.connect(port) as client:
        return await client.ask(raw.get("other"))


async def test_a_client_that_never_reads_is_not_read_from(port: int, node: ServerNode, clock: MockClock) -> None:
    async with raw.connect(port) as client:
        sent = 0
        with trio.move_on_after(0.5):
            while True:
                sent += await client.stream.socket.send(raw.info("statistics") * 100)
        await settled()
        assert 0 < node.counters.bytes_sent < 64 << 20
        assert raw.result(await ask_another(port)) == 2


async def test_connections_count_from_accept_to_close(port: int, server: Server, node: ServerNode) -> None:
    async with raw.connect(port), raw.connect(port) as client:
        await client.ask_info("node")
        await settled()
        values = node.counters.values()
        assert (values.connections_open, values.data_connections_open) == (2, 0)
        await client.ask(raw.get("a"))
        await client.ask(raw.put("a", 1))
        values = node.counters.values()
        assert (values.data_connections_open, values.commands_read, values.commands_write) == (1, 1, 1)
        assert (values.commands_total, values.commands_at_work, values.commands_at_work_peak) == (3, 0, 1)
    await settled()
    values = node.counters.values()
    assert (values.connections_open, values.data_connections_open) == (0, 0)
    assert (values.connections_peak, values.connections_total, values.data_connections_peak) == (2, 2, 1)
    assert server.counters.values() == values


async def test_commands_at_work_are_counted_exactly(
    port: int, server: Server, node: ServerNode, clock: MockClock
) -> None:
    server.faults.add(Fault("delay", seconds=1, command="data"))
    async with trio.open_nursery() as nursery:
        for index in range(7):
            nursery.start_soon(ask_once, port, raw.get(f"k{index}"))
        await settled()
        assert (node.counters.commands_at_work, node.counters.commands_at_work_peak) == (7, 7)
    assert node.counters.commands_at_work == 0
    node.counters.reset_peaks()
    await ask_once(port, raw.get("a"))
    assert node.counters.commands_at_work_peak == 1


async def ask_once(port: int, request: bytes) -> None:
    async with raw.connect(port) as client:
        assert await client.ask(request)


async def test_commands_at_work_end_with_their_connection(port: int, server: Server, node: ServerNode) -> None:
    server.faults.add(Fault("drop"))
    async with raw.connect(port) as client:
        await client.send(raw.get("a"))
        await settled()
        assert node.counters.commands_at_work == 0
    server.faults.clear()
    async with raw.connect(port) as client:
        server.faults.add(Fault("delay", seconds=5))
        await client.send(raw.get("a") + raw.get("b"))
        await settled()
        assert node.counters.commands_at_work == 2
        await server.stop_node(0)
        assert (node.counters.commands_at_work, node.counters.connections_open) == (0, 0)


async def test_connections_over_proto_fd_max_are_closed_at_once(nursery: trio.Nursery) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(proto_fd_max=2))
    port = server.hosts[0].port
    async with raw.connect(port) as first:
        async with raw.connect(port) as second:
            assert await first.ask(raw.get("a"))
            assert await second.ask(raw.get("a"))
            async with raw.connect(port) as third:
                assert await third.answer() == b""
            values = server.nodes[0].counters.values()
            assert (values.connections_open, values.connections_peak, values.connections_refused) == (2, 2, 1)
        await settled()
        async with raw.connect(port) as fourth:
            assert await fourth.ask(raw.get("a"))


async def test_service_time_is_spent_on_commands_and_not_on_info(nursery: trio.Nursery, clock: MockClock) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(service_time=0.5))
    async with raw.connect(server.hosts[0].port) as client:
        began = trio.current_time()
        await client.ask_info("node")
        assert trio.current_time() == began
        await client.ask(raw.get("a"))
        await client.ask(raw.get("a"))
        assert trio.current_time() - began == pytest.approx(1.0, abs=0.01)


async def test_cancel_closes_everything(nursery: trio.Nursery) -> None:
    async with trio.open_nursery() as own:
        server: Server = await own.start(serve_aerospike, ServerConfig(nodes=2))
        ports = [host.port for host in server.hosts]
        clients = [await trio.open_tcp_stream("127.0.0.1", port) for port in ports for _ in range(3)]
        for client in clients:
            await raw.RawClient(client).ask(raw.get("a"))
        own.cancel_scope.cancel()
    assert server.counters.connections_open == 0
    for client in clients:
        assert await raw.RawClient(client).answer() == b""
        await client.aclose()
    for port in ports:
        with pytest.raises(OSError, match=r"refused|failed"):
            await trio.open_tcp_stream("127.0.0.1", port)


async def test_nodes_listen_a_hundred_ports_apart(nursery: trio.Nursery) -> None:
    for port in range(20000, 30000, 1000):
        try:
            server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=3, port=port))
        except OSError:
            continue  # somebody else on this machine has one of them
        assert [str(host) for host in server.hosts] == [f"127.0.0.1:{port + step}" for step in (0, 100, 200)]
        break
    else:
        pytest.skip("no three free ports")


async def test_a_port_in_use_is_one_plain_error_that_names_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"can't listen on 127\.0\.0\.1:{port}") as caught:
            await serve_aerospike(ServerConfig(port=port))
    assert caught.value.errno == errno.EADDRINUSE


async def test_host_without_address_is_one_plain_error_that_names_it() -> None:
    with pytest.raises(OSError, match=r"host 'no\.such\.host\.invalid'"):
        await serve_aerospike(ServerConfig(host="no.such.host.invalid"))


async def test_advertised_addresses_may_differ_from_where_it_listens(nursery: trio.Nursery) -> None:
    config = ServerConfig(nodes=2, access_host="192.0.2.1", alternate_host="127.0.0.1")
    server: Server = await nursery.start(serve_aerospike, config)
    first, second = (node.port for node in server.nodes)
    async with raw.connect(first) as client:
        assert await client.ask_info("service-clear-std") == f"192.0.2.1:{first}"
        assert await client.ask_info("service-clear-alt") == f"127.0.0.1:{first}"
        assert await client.ask_info("peers-clear-std") == f"1,3000,[[BB9010000000001,,[192.0.2.1:{second}]]]"
        assert await client.ask_info("peers-clear-alt") == f"1,3000,[[BB9010000000001,,[127.0.0.1:{second}]]]"


async def test_expired_records_are_removed_by_the_injected_clock(nursery: trio.Nursery, clock: MockClock) -> None:
    config = ServerConfig(namespaces=(NamespaceConfig("test", default_ttl=10, nsup_period=1),))
    now = 1.9e9
    server: Server = await nursery.start(
        lambda task_status: serve_aerospike(config, wall_clock=lambda: now, task_status=task_status)
    )
    async with raw.connect(server.hosts[0].port) as client:
        await client.ask(raw.put("a", 1))
        now += 5
        assert raw.number(await client.ask(raw.get("a"))) == 1
        now += 10
        assert raw.result(await client.ask(raw.get("a"))) == 2
        await trio.sleep(1.5)
        assert server.statistics().nodes[0].records == 0
