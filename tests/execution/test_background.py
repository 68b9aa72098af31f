"""Jobs that the servers do by themselves: begun on every node, waited for, followed, aborted."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import pytest
import trio
from trio.testing import MockClock

from fixtures.lone_client import open_lone_client
from fixtures.query_node import LAST, message
from fixtures.raw_server import Peer, Script, start_raw_server
from fixtures.wire import frame, info_answer, is_info
from triospike import (
    AerospikeError,
    Client,
    ExecuteTask,
    Filter,
    GenerationPolicy,
    IndexKind,
    IndexNotFound,
    Key,
    QueryPolicy,
    Statement,
    WritePolicy,
    exp,
    open_client,
    operations as op,
)

PEOPLE = Statement("test", "people")
COUNT = 300


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client("embedded://?nodes=3") as client:
        for number in range(COUNT):
            await client.put(Key("test", "people", number), {"n": number})
        yield client


async def bins(client: Client) -> list[dict[str, object]]:
    async with client.query(PEOPLE) as records:
        return sorted([record.bins async for record in records], key=lambda each: int(str(each["n"])))


async def test_operations_change_every_record_of_a_set(client: Client) -> None:
    task = await client.query_execute(PEOPLE, [op.write("seen", True), op.add("n", 1000)])
    await task.wait()
    assert (await task.progress()).fraction == 1
    assert await bins(client) == [{"n": 1000 + number, "seen": True} for number in range(COUNT)]


async def test_operations_change_what_an_index_and_a_filter_find(client: Client) -> None:
    await (await client.create_index("test", "people", "by_n", bin="n", kind=IndexKind.INTEGER)).wait()
    policy = WritePolicy(filter_exp=exp.bin_int("n") != 12)
    task = await client.query_execute(
        Statement("test", "people", filter=Filter.between("n", 10, 14)), [op.write("x", 1)], policy=policy
    )
    await task.wait()
    assert [each["n"] for each in await bins(client) if "x" in each] == [10, 11, 13, 14]


async def test_a_job_can_be_aborted_while_it_is_at_work(client: Client) -> None:
    task = await client.query_execute(PEOPLE, [op.write("x", 1)], records_per_second=1)
    assert task.id in [job.id for job in await client.jobs()]
    assert 0 <= (await task.progress()).fraction < 1
    assert await task.abort()
    with pytest.raises(AerospikeError, match="SCAN_ABORTED"):
        await task.wait()
    assert not await task.abort()
    assert len([each for each in await bins(client) if "x" in each]) < COUNT


async def test_an_index_that_is_not_there_is_no_job(client: Client) -> None:
    with pytest.raises(IndexNotFound):
        await client.query_execute(Statement("test", filter=Filter.equal("zz", 1)), [op.write("x", 1)])


@pytest.mark.parametrize(
    ("statement", "operations", "policy", "message"),
    [
        (Statement("test", bins=["a"]), [op.write("a", 1)], None, "must not name bins"),
        (PEOPLE, [], None, "operations must not be empty"),
        (PEOPLE, [op.read("a")], None, "must write"),
        (PEOPLE, [op.write("a", 1)], WritePolicy(gen=GenerationPolicy.EQ), "gen must be IGNORE"),
        (Statement("nope"), [op.write("a", 1)], None, "unknown namespace"),
    ],
)
async def test_what_no_server_would_take_is_refused(
    client: Client, statement: Statement, operations: list[op.Operation], policy: WritePolicy | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        await client.query_execute(statement, operations, policy=policy)


# Answers that no embedded server gives.


def answering(*answers: bytes) -> Script:
    async def script(peer: Peer) -> None:
        for answer in answers:
            await peer.request()
            await peer.send(answer)
        await peer.closed()

    return script


async def test_a_job_that_only_some_nodes_accept_is_in_doubt(nursery: trio.Nursery) -> None:
    accepting = await start_raw_server(nursery, answering(frame(3, LAST)))
    refusing = await start_raw_server(nursery, answering(frame(3, message(code=22))))
    async with open_lone_client(accepting.host, refusing.host) as client:
        with pytest.raises(AerospikeError) as caught:
            await client.query_execute(PEOPLE, [op.write("x", 1)])
    assert (caught.value.result_code, caught.value.node, caught.value.in_doubt) == (22, "B", True)
    nursery.cancel_scope.cancel()


async def test_a_refused_job_is_not_in_doubt(nursery: trio.Nursery) -> None:
    refusing = await start_raw_server(nursery, answering(frame(3, message(info3=1, code=22))))
    async with open_lone_client(refusing.host) as client:
        with pytest.raises(AerospikeError) as caught:
            await client.query_execute(PEOPLE, [op.write("x", 1)])
        assert client.nodes[0].pool.statistics().idle == 1
    assert not caught.value.in_doubt
    nursery.cancel_scope.cancel()


async def test_all_nodes_get_the_same_job(nursery: trio.Nursery) -> None:
    servers = [await start_raw_server(nursery, answering(frame(3, message(info3=1, code=2)))) for _ in range(2)]
    async with open_lone_client(*[server.host for server in servers]) as client:
        task = await client.query_apply(PEOPLE, "module", "function", ["x", 1])
    (first,), (second,) = (server.requests for server in servers)
    assert first == second
    assert struct.pack(">IBQ", 9, 7, task.id) in first
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        (["trid=7:status=active(ok):job-progress=100.00", "trid=7:status=done(ok):job-progress=100.00"], 1),
        (["ERROR:2:job not found"], 0),
        ([""], 0),
    ],
)
async def test_a_job_is_done_when_no_node_is_at_work(
    answers: list[str], waited: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    asked = 0

    async def script(peer: Peer) -> None:
        nonlocal asked
        while True:
            request = await peer.request()
            assert is_info(request)
            command = request[8:-1].decode()
            assert command == "query-show:id=7"
            await peer.send(info_answer(f"{command}\t{answers[asked]}\n"))
            asked += 1

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        await ExecuteTask(client._core, client._defaults.info, 7).wait(poll=1.0)
    assert trio.current_time() == pytest.approx(waited, abs=0.01)
    nursery.cancel_scope.cancel()


async def test_a_scan_sees_what_a_job_did_page_by_page(client: Client) -> None:
    await (await client.query_execute(PEOPLE, [op.write("x", 1)])).wait()
    async with client.query(PEOPLE, policy=QueryPolicy(max_records=10)) as records:
        assert all(record.bins["x"] == 1 for record in [record async for record in records])
