from __future__ import annotations

import struct

import pytest
import raw_client as raw
import trio
from asking import field
from querying import ALL, Found, between, parse, query
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike.server.config import NamespaceConfig, ServerConfig
from triospike.server.faults import Fault
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server
from triospike.server.storage.record import StoredRecord

TASK = field(7, struct.pack(">Q", 5))
BLOB = bytes(5000)


async def start(nursery: trio.Nursery, nodes: int = 1, index_build_time: float = 0.0) -> Server:
    namespaces = (NamespaceConfig("test", replication_factor=2),)
    started = await nursery.start(
        serve_aerospike, ServerConfig(nodes=nodes, namespaces=namespaces, index_build_time=index_build_time)
    )
    assert isinstance(started, Server)
    return started


def fill(server: Server, count: int, blob: bytes = b"") -> None:
    """Store records as writes would, in no time."""
    for number in range(count):
        digest = raw.digest_of("s", str(number))
        bins = {b"a": (1, struct.pack(">q", number)), **({b"b": (4, blob)} if blob else {})}
        for node in server.nodes:
            owner = node.owner_of("test", raw.partition_of(digest), write=True)
            if owner is node:
                node.namespaces["test"].put(digest, StoredRecord(b"s", None, bins, 1, 0, 0))
                node.replicate("test", digest)


async def scan(server: Server, node: int, request: bytes) -> Found:
    async with raw.connect(server.nodes[node].port) as client:
        await client.send(request)
        return await whole(client)


async def whole(client: raw.RawClient) -> Found:
    data = b""
    while True:
        answer = await client.answer()
        if not answer:
            raise EOFError
        data += answer
        found = parse(data)
        if found.code >= 0:
            return found


async def test_every_node_answers_for_its_partitions_and_names_the_others(nursery: trio.Nursery) -> None:
    server = await start(nursery, nodes=3)
    fill(server, 1000)
    found = [await scan(server, node, query()) for node in range(3)]
    for node, part in enumerate(found):
        missing = set(part.unavailable)
        assert 1000 < len(missing) < 1800  # with two copies on three nodes, each lacks about a third
        assert {raw.partition_of(digest) for digest, _ in part.rows}.isdisjoint(missing)
        served = [pid for pid in ALL if pid not in missing]
        assert all(server.nodes[node].owner_of("test", pid, write=False) is server.nodes[node] for pid in served)
    digests = [digest for part in found for digest, _ in part.rows]
    assert len(digests) == 2000
    assert len(set(digests)) == 1000


async def test_a_slow_reader_holds_the_scan_and_not_the_others(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    fill(server, 4000, BLOB)
    port = server.hosts[0].port
    async with raw.connect(port) as slow, raw.connect(port) as other:
        await slow.send(query(ALL, TASK, field(9, bytes(4))))
        await wait_all_tasks_blocked()
        assert raw.result(await other.ask(raw.put("x", 1))) == 0
        told = await other.ask_info("query-show:id=5")
        sent = int(told.partition("net-io-bytes=")[2].partition(":")[0])
        assert ":status=active(ok):" in told
        assert sent < 12 << 20  # of the 20 megabytes; the systems on both sides buffer some
        found = await whole(slow)
    assert sorted(found.values) == list(range(4000))


async def test_a_reader_that_is_too_slow_is_given_up(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    fill(server, 4000, BLOB)
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(query(ALL, TASK, field(9, struct.pack(">I", 700))))
        await trio.sleep(0.6)
        assert len(server.nodes[0].jobs) == 1
        await trio.sleep(0.2)
        assert len(server.nodes[0].jobs) == 0
        assert ":status=done(abandoned-response-timeout):" in await ask(server, "query-show:id=5")
        with pytest.raises((EOFError, trio.BrokenResourceError)):
            await whole(client)


async def ask(server: Server, command: str, node: int = 0) -> str:
    async with raw.connect(server.nodes[node].port) as client:
        return await client.ask_info(command)


async def test_a_scan_ends_when_its_reader_is_gone(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    fill(server, 1000)
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(query(ALL, TASK, field(10, struct.pack(">I", 10))))
        await trio.sleep(1)
        assert len(server.nodes[0].jobs) == 1
    await trio.sleep(1)
    assert len(server.nodes[0].jobs) == 0
    assert ":status=done(abandoned-response-error):" in await ask(server, "query-show:id=5")
    assert server.counters.commands_at_work == 0


async def test_a_quota_is_kept_by_the_clock(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    fill(server, 300)
    began = trio.current_time()
    found = await scan(server, 0, query(ALL, field(10, struct.pack(">I", 100))))
    assert len(found.rows) == 300
    assert trio.current_time() - began == pytest.approx(3, abs=0.1)


async def test_requests_behind_a_scan_are_answered_behind_it(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    fill(server, 100)
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(raw.put("x", 7) + query() + raw.get("x"))
        assert raw.result(await client.answer()) == 0
        assert len((await whole(client)).rows) == 101
        assert raw.number(await client.answer()) == 7


async def test_a_node_that_is_stopped_breaks_its_scans_and_the_others_take_over(nursery: trio.Nursery) -> None:
    server = await start(nursery, nodes=2)
    fill(server, 2000, BLOB)
    async with raw.connect(server.nodes[0].port) as client:
        await client.send(query(ALL, field(9, bytes(4))))
        await wait_all_tasks_blocked()
        await server.stop_node(0)
        with pytest.raises((EOFError, trio.BrokenResourceError)):
            await whole(client)
    assert len(server.nodes[0].jobs) == 0
    assert len((await scan(server, 1, query(info=(0x21, 0, 4)))).rows) == 2000


@pytest.mark.parametrize("rows", [0, 1, 57])
async def test_a_fault_breaks_off_an_answer_behind_so_many_rows(nursery: trio.Nursery, rows: int) -> None:
    server = await start(nursery)
    fill(server, 100)
    server.faults.add(Fault("truncate", command="query", rows=rows))
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(query())
        data = await client.receive(1 << 20)
    announced = 8 + int.from_bytes(data[2:8], "big")
    assert announced > len(data)
    assert len(parse(data[:2] + (len(data) - 8).to_bytes(6, "big") + data[8:]).rows) == rows


async def test_a_fault_silences_an_answer_behind_so_many_bytes(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    fill(server, 100)
    server.faults.add(Fault("stall", command="query", size=500, count=1))
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(query())
        assert len(await client.receive(500)) == 500
        with trio.move_on_after(60) as scope:
            await client.receive(1)
        assert scope.cancelled_caught
    assert len((await scan(server, 0, query())).rows) == 100


async def test_a_fault_garbles_or_drops_or_closes_a_scan(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery)
    fill(server, 10)
    for kind in ("close_before", "close_after"):
        with server.faults.add(Fault(kind)), pytest.raises(EOFError):
            await scan(server, 0, query())
    with server.faults.add(Fault("result_code", code=9, command="query")):
        assert (await scan(server, 0, query())).code == 9
    with server.faults.add(Fault("delay", seconds=5, command="query")):
        began = trio.current_time()
        assert len((await scan(server, 0, query())).rows) == 10
        assert trio.current_time() - began == pytest.approx(5, abs=0.1)


async def test_an_index_is_built_in_its_time_and_can_not_be_used_before(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    server = await start(nursery, nodes=2, index_build_time=10)
    fill(server, 500)
    assert await ask(server, "sindex-create:namespace=test;indexname=i;bin=a;type=numeric") == "ok"
    await trio.sleep(5)
    half = await ask(server, "sindex-stat:namespace=test;indexname=i", node=1)
    assert 40 <= int(half.partition("load_pct=")[2].partition(";")[0]) <= 60
    assert await ask(server, "sindex-list:") == (
        "ns=test:indexname=i:set=null:bin=a:type=numeric:indextype=default:context=null:exp=null:state=WO"
    )
    assert (await scan(server, 0, query(ALL, between("a", 0, 9)))).code == 203
    assert raw.result(await put(server, "new", 4)) == 0
    await trio.sleep(6)
    for node in range(2):
        told = await ask(server, "sindex-stat:namespace=test;indexname=i", node)
        assert ";load_pct=100;load_time=10000;" in told
        assert told.startswith("entries=501;")
    found = await scan(server, 0, query(ALL, between("a", 0, 9)))
    assert sorted(found.values) == list(range(10))
    assert sorted((await scan(server, 0, query(ALL, between("n", 4, 4)))).values or [201]) == [201]


async def put(server: Server, key: str, number: int) -> bytes:
    async with raw.connect(server.nodes[0].port) as client:
        digest = raw.digest_of("s", key)
        return await client.ask(
            raw.message(0, raw.WRITE, digest, raw.op(2, "a", 1, struct.pack(">q", 1000 + number)))
        )


async def test_indexes_follow_records_that_move_to_other_nodes(nursery: trio.Nursery) -> None:
    server = await start(nursery, nodes=3)
    fill(server, 600)
    assert await ask(server, "sindex-create:namespace=test;indexname=i;bin=a;type=numeric") == "ok"
    await server.stop_node(2)
    await server.wait_stable()
    for node in range(2):
        found = await scan(server, node, query(ALL, between("a", 0, 99)))
        assert sorted(found.values) == list(range(100))
    await server.start_node(2)
    await server.wait_stable()
    found = await scan(server, 2, query(ALL, between("a", 0, 599)))
    assert set(found.values) == {
        number
        for number in range(600)
        if raw.partition_of(raw.digest_of("s", str(number))) not in found.unavailable
    }
