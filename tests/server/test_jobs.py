from __future__ import annotations

import struct

import pytest
import raw_client as raw
import trio
from asking import ask_info, field, integer, op, read, write
from lone_node import LoneNode
from querying import ask, between, query
from test_streams import ask as ask_server, fill, scan, start
from trio.testing import MockClock

from triospike.key import Key
from triospike.server.config import NamespaceConfig

BACKGROUND = (0, 0x01, 0)
TASK = field(7, struct.pack(">Q", 5))


def key(number: int) -> Key:
    return Key("test", "s", number)


@pytest.fixture
def node() -> LoneNode:
    made = LoneNode(NamespaceConfig("test"))
    for number in range(100):
        write(made, key(number), op(2, "a", 1, integer(number)))
    return made


def change(*more: bytes, set_name: str = "s", info: tuple[int, int, int] = BACKGROUND, ttl: int = 0) -> bytes:
    ops = (op(5, "n", 1, integer(1)),)
    return query([], TASK, *more, set_name=set_name, ops=ops, info=info, ttl=ttl)


def changed(node: LoneNode) -> list[int]:
    """Numbers of the records that have been changed once."""
    found = []
    for number in range(100):
        answer = read(node, key(number))
        values = {name: int(value, 16) for name, _, value in answer.bins}
        assert values.get("n", 1) == 1
        if "n" in values:
            assert answer.generation == 2
            found.append(number)
    return found


def test_a_background_job_changes_every_record_of_the_set_once(node: LoneNode) -> None:
    found = ask(node, change())
    assert (found.code, found.is_refusal) == (0, False)
    assert changed(node) == list(range(100))
    told = ask_info(node, "query-show:id=5")
    assert ":rps=10000:active-threads=0:status=done(ok):job-progress=100.00:" in told
    assert ":recs-succeeded=100:recs-failed=0:from=1.2.3.4+5:job-type=background-ops:" in told


def test_a_background_job_goes_along_an_index_that_it_changes(node: LoneNode) -> None:
    assert ask_info(node, "sindex-create:namespace=test;set=s;indexname=i;bin=a;type=numeric") == "ok"
    ops = (op(5, "a", 1, integer(1)), op(5, "n", 1, integer(1)))
    assert ask(node, query([], between("a", 10, 19), set_name="s", ops=ops, info=BACKGROUND, ttl=0)).code == 0
    assert changed(node) == list(range(10, 20))


def test_records_that_a_job_can_not_change_count_as_failed(node: LoneNode) -> None:
    write(node, key(3), op(2, "n", 3, b"text"))
    assert ask(node, change()).code == 0
    assert ":recs-succeeded=99:recs-failed=1:" in ask_info(node, "query-show:id=5")


def test_a_job_renews_times_to_live(node: LoneNode) -> None:
    assert ask(node, change(ttl=500)).code == 0
    assert read(node, key(1)).void_time == node.namespaces["test"].now_ms() // 1000 + 500


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (change(set_name="unknown"), 2),
        (change(info=(0x01, 0x01, 0)), 4),
        (change(info=(0x04, 0x01, 0)), 4),
        (change(field(10, struct.pack(">I", 10_001))), 4),
        (change(between("a", 1, 2)), 201),
        (query([], set_name="s", info=BACKGROUND), 4),
        (query([], set_name="s", ops=(op(1, "a"),), info=BACKGROUND), 4),
        (query([], field(30, b"m"), field(31, b"f"), field(32, b"\x90"), set_name="s", info=BACKGROUND), 4),
    ],
)
def test_a_background_job_that_can_not_be_is_refused(node: LoneNode, request_: bytes, code: int) -> None:
    found = ask(node, request_)
    assert (found.code, found.is_refusal) == (code, True)
    assert changed(node) == []


async def test_a_job_runs_while_others_are_served_and_can_be_aborted(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    server = await start(nursery)
    fill(server, 1000)
    async with raw.connect(server.hosts[0].port) as client:
        answer = await client.ask(change(field(10, struct.pack(">I", 100))))
        assert answer.hex() == "0203000000000016160000010000" + "00" * 16
        await trio.sleep(3)
        told = await client.ask_info("query-show:id=5")
        assert ":rps=100:active-threads=1:status=active(ok):" in told
        assert 290 <= int(told.partition("recs-succeeded=")[2].partition(":")[0]) <= 310
        assert raw.result(await client.ask(raw.put("x", 1))) == 0
        assert await client.ask_info("query-abort:id=5") == "ok"
        await trio.sleep(1)
        assert ":status=done(user-aborted):" in await client.ask_info("query-show:id=5")
        assert ";pi_query_ops_bg_abort=1;" in await client.ask_info("namespace/test")


async def test_every_node_changes_what_it_masters(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery, nodes=3)
    fill(server, 600)
    for node in range(3):
        async with raw.connect(server.nodes[node].port) as client:
            assert raw.result(await client.ask(change())) == 0
    await trio.sleep(1)
    done = [await ask_server(server, "query-show:id=5", node) for node in range(3)]
    counts = [int(told.partition("recs-succeeded=")[2].partition(":")[0]) for told in done]
    assert sum(counts) == 600
    assert min(counts) > 100
    for node in range(3):
        found = await scan(server, node, query(set_name="s"))
        assert all(bins["n"] == 1 for _, bins in found.rows)


async def test_a_job_ends_with_its_node(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start(nursery, nodes=2)
    fill(server, 1000)
    async with raw.connect(server.nodes[0].port) as client:
        assert raw.result(await client.ask(change(field(10, struct.pack(">I", 100))))) == 0
    await trio.sleep(1)
    await server.stop_node(0)
    await trio.sleep(1)
    assert len(server.nodes[0].jobs) == 0
