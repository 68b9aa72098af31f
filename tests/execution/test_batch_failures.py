"""Batches whose nodes fail: what is tried again, what is in doubt, and what is left behind."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from fixtures.batches import batch_answer, indices_of, is_batch, last_message, row
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, RawServer, Script, silent, start_raw_server
from fixtures.wire import answer, frame, timeout_of
from triospike import (
    BatchDelete,
    BatchError,
    BatchItem,
    BatchPolicy,
    BatchRead,
    BatchWrite,
    ClientPolicy,
    CommandTimeout,
    ConnectionFailed,
    InvalidNode,
    Key,
    PartitionUnavailable,
    ProtocolError,
    Replica,
    ResultCode,
    operations as op,
)
from triospike.client import Client
from triospike.errors import AerospikeError

KEYS = [Key("test", "s", number) for number in range(6)]
WRITES = [op.write("n", 1)]


def script(*steps: Any) -> Script:
    """Each request meets the next step: bytes are sent, None closes, a number is that many seconds of silence."""
    waiting = list(steps)

    async def run(peer: Peer) -> None:
        while True:
            await peer.request()
            step = waiting.pop(0)
            if step is None:
                return
            if isinstance(step, int | float):
                await trio.sleep(step)
                return
            parts = step if isinstance(step, list) else [step]
            await peer.send(*parts)

    return run


def everything(request: bytes) -> bytes:
    return batch_answer(*indices_of(request))


async def answers_all(peer: Peer) -> None:
    while True:
        request = await peer.request()
        await peer.send(everything(request) if is_batch(request) else answer(n=0))


def numbers(records: Any) -> list[Any]:
    return [None if record is None else record.bins["n"] for record in records]


def pool_is_whole(client: Client) -> bool:
    return all(
        (now := node.pool.statistics()).in_use == now.draining == now.waiting == 0 for node in client.nodes
    ) and all(loop.statistics().in_process == loop.statistics().queued == 0 for loop in client.event_loops)


# Trying again.


@pytest.mark.parametrize(
    "first",
    [
        None,
        batch_answer(code=ResultCode.TIMEOUT),
        batch_answer(code=ResultCode.UNAVAILABLE),
        batch_answer(code=ResultCode.DEVICE_OVERLOAD),
        0.5,
    ],
    ids=["closed", "server timeout", "unavailable", "overload", "silence"],
)
async def test_reads_are_tried_again(nursery: trio.Nursery, clock: MockClock, first: Any) -> None:
    server = await start_raw_server(nursery, script(first, batch_answer(*range(6))))
    policy = BatchPolicy(socket_timeout=0.1, total_timeout=2, timeout_delay=0)
    async with open_lone_client(server.host) as client:
        assert numbers(await client.batch_get(KEYS, policy=policy)) == list(range(6))
        assert client.statistics().retries == 1
        assert pool_is_whole(client)


async def test_only_rows_without_an_answer_are_asked_for_again(nursery: trio.Nursery) -> None:
    some = batch_answer(4, 0, (2, 2))[: -len(last_message())]

    async def dies_in_the_middle(peer: Peer) -> None:
        await peer.request()
        await peer.send(some)

    server = await start_raw_server(nursery, dies_in_the_middle)
    second = await start_raw_server(nursery, answers_all)
    async with open_lone_client(server.host, second.host) as client:
        assert numbers(await client.batch_get(KEYS)) == [0, 1, None, 3, 4, 5]
    assert [indices_of(request) for request in server.requests] == [[0, 1, 2, 3, 4, 5]]
    assert [indices_of(request) for request in second.requests] == [[1, 3, 5]]


async def test_a_retry_tells_the_server_what_is_left_of_the_time(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, script(0.5, batch_answer(*range(6))))
    policy = BatchPolicy(socket_timeout=0.4, total_timeout=1, timeout_delay=0)
    async with open_lone_client(server.host) as client:
        await client.batch_get(KEYS, policy=policy)
    assert timeout_of(server.requests[0]) == 1000
    assert 500 <= timeout_of(server.requests[1]) <= 600


async def test_all_rows_answered_is_a_success_even_if_the_end_is_lost(nursery: trio.Nursery) -> None:
    async def closes_before_the_end(peer: Peer) -> None:
        await peer.request()
        await peer.send(batch_answer(*range(6))[: -len(last_message())])

    server = await start_raw_server(nursery, closes_before_the_end)
    async with open_lone_client(server.host) as client:
        assert numbers(await client.batch_get(KEYS)) == list(range(6))
        results = await client.batch_operate(KEYS, WRITES)
        assert all(result.ok for result in results)


@pytest.mark.parametrize("retries", [0, 2])
async def test_reads_fail_when_no_attempt_is_left(nursery: trio.Nursery, retries: int) -> None:
    server = await start_raw_server(nursery, script(*[None] * 3))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError, match="6 of 6 rows failed") as caught:
            await client.batch_get(KEYS, policy=BatchPolicy(max_retries=retries))
        assert len(server.requests) == retries + 1
        error = caught.value.results[0].error
        assert isinstance(error, ConnectionFailed)
        assert (error.iterations, error.in_doubt, error.node) == (retries + 1, False, "A")
        assert caught.value.sub_errors == (error,)
        assert pool_is_whole(client)


async def test_writes_are_not_tried_again_unless_told(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(None, None, batch_answer(*range(6))))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS, WRITES)
        assert str(caught.value).count("in doubt") == 1
        assert str(caught.value.results[0].error).count("in doubt") == 1
        assert len(server.requests) == 1
        results = await client.batch_operate(KEYS, WRITES, policy=BatchPolicy(max_retries=1))
        assert all(result.ok and not result.in_doubt for result in results)
        assert len(server.requests) == 3


async def test_of_a_mixed_part_the_reads_are_tried_again_and_the_writes_are_not(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(None, batch_answer(0, 2)))
    items: list[BatchItem] = [
        BatchRead(KEYS[0]),
        BatchWrite(KEYS[1], {"n": 1}),
        BatchRead(KEYS[2]),
        BatchDelete(KEYS[3]),
    ]
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError, match=r"2 of 4 rows failed, the first of them items\[1\]") as caught:
            await client.batch(items)
    assert [indices_of(request) for request in server.requests] == [[0, 1, 2, 3], [0, 2]]
    results = caught.value.results
    assert [result.ok for result in results] == [True, False, True, False]
    assert [result.in_doubt for result in results] == [False, True, False, True]


# In doubt.


async def test_reads_beside_writes_are_never_in_doubt(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, silent)
    policy = BatchPolicy(total_timeout=0.5, timeout_delay=0)
    items: list[BatchItem] = [BatchRead(KEYS[0]), BatchWrite(KEYS[1], {"n": 1})]
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch(items, policy=policy)
    read, write = (result.error for result in caught.value.results)
    assert isinstance(read, CommandTimeout)
    assert isinstance(write, CommandTimeout)
    assert (read.in_doubt, write.in_doubt) == (False, True)
    assert (read.node, read.iterations, read.message) == (write.node, write.iterations, write.message)


async def test_writes_are_in_doubt_when_no_answer_came(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS, WRITES, policy=BatchPolicy(total_timeout=0.5, timeout_delay=0))
    assert all(result.in_doubt for result in caught.value.results)
    assert isinstance(caught.value.results[0].error, CommandTimeout)
    assert caught.value.in_doubt


async def test_writes_that_were_refused_together_are_not_in_doubt(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(last_message(ResultCode.BATCH_DISABLED)))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS, WRITES)
        assert [result.result_code for result in caught.value.results] == [ResultCode.BATCH_DISABLED] * 6
        assert not caught.value.in_doubt
        assert pool_is_whole(client)
        assert client.nodes[0].pool.statistics().idle == 1


async def test_rows_that_the_server_did_not_come_to_have_no_response(nursery: trio.Nursery) -> None:
    stopped = [
        batch_answer(0, (1, ResultCode.BIN_TYPE))[: -len(last_message())],
        last_message(ResultCode.BIN_TYPE),
    ]
    server = await start_raw_server(nursery, script(stopped))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS[:4], WRITES, policy=BatchPolicy(respond_all_keys=False, max_retries=2))
        assert len(server.requests) == 1
        assert client.nodes[0].pool.statistics().idle == 1
    results = caught.value.results
    codes = [ResultCode.OK, ResultCode.BIN_TYPE, ResultCode.NO_RESPONSE, ResultCode.NO_RESPONSE]
    assert [result.result_code for result in results] == codes
    assert [result.in_doubt for result in results] == [False, False, True, True]


async def test_rows_missing_in_an_answer_that_ends_well_have_no_response(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(batch_answer(0, 2), batch_answer(0, 2)))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_get(KEYS[:3])
        assert [result.result_code for result in caught.value.results] == [0, ResultCode.NO_RESPONSE, 0]
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS[:3], WRITES)
        assert [result.in_doubt for result in caught.value.results] == [False, True, False]


async def test_a_row_that_fails_in_a_second_attempt_is_in_doubt(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(None, batch_answer(0, (1, ResultCode.GENERATION))))
    async with open_lone_client(server.host) as client:
        results = await client.batch_operate(KEYS[:2], WRITES, policy=BatchPolicy(max_retries=1))
    assert [(result.ok, result.in_doubt) for result in results] == [(True, False), (False, True)]
    assert results[1].error is not None
    assert results[1].error.in_doubt


async def test_writes_that_never_left_are_not_in_doubt(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answers_all)
    server.stop()
    await trio.testing.wait_all_tasks_blocked(0.01)
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS, WRITES)
    assert not caught.value.in_doubt
    assert not any(result.in_doubt for result in caught.value.results)


# Rows alone with their node.


async def test_a_row_alone_goes_as_a_plain_command(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(None, answer(n=7), answer(2), answer(ResultCode.KEY_BUSY)))
    async with open_lone_client(server.host) as client:
        assert numbers(await client.batch_get(KEYS[:1])) == [7]
        assert await client.batch_exists(KEYS[:1]) == [False]
        (result,) = await client.batch_operate(KEYS[:1], WRITES)
        assert result.result_code == ResultCode.KEY_BUSY
        assert not any(is_batch(request) for request in server.requests)
        assert len(server.requests) == 4


async def test_a_row_alone_fails_like_others(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(*[None] * 4))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_get(KEYS[:1])
        assert (len(server.requests), caught.value.in_doubt) == (3, False)
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS[:1], WRITES)
        assert (len(server.requests), caught.value.in_doubt) == (4, True)


# What nobody should send.


@pytest.mark.parametrize(
    "sent",
    [
        frame(3, row(6)) + last_message(),
        frame(3, row(0) + row(0)) + last_message(),
        frame(3, row(0)[:-3]) + last_message(),
        frame(1, b"hello"),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        frame(3, b""),
        frame(3, row(0)) + last_message() + last_message(),
        frame(3, row(0, 14)[:8]),
    ],
)
async def test_what_is_no_answer_is_a_protocol_error(nursery: trio.Nursery, sent: bytes) -> None:
    server = await start_raw_server(nursery, script(sent))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_operate(KEYS, WRITES)
        failed = [result for result in caught.value.results if not result.ok]
        assert failed
        assert {type(result.error) for result in failed} == {ProtocolError}
        assert all(result.in_doubt for result in failed)
        assert client.nodes[0].pool.statistics().open == 0
        assert pool_is_whole(client)


async def test_an_answer_may_come_byte_by_byte(nursery: trio.Nursery) -> None:
    whole = batch_answer(*range(6))
    server = await start_raw_server(nursery, script([whole[at : at + 1] for at in range(len(whole))]))
    async with open_lone_client(server.host) as client:
        assert numbers(await client.batch_get(KEYS)) == list(range(6))


# Timeouts and cancellation.


@pytest.mark.parametrize("sent", [b"", batch_answer(0, 1)[:50]], ids=["nothing", "a part"])
async def test_a_batch_cancelled_anywhere_leaves_nothing_behind(
    nursery: trio.Nursery, clock: MockClock, sent: bytes
) -> None:
    async def waits(peer: Peer) -> None:
        request = await peer.request()
        whole = everything(request)
        await peer.send(whole[: len(sent)])
        await trio.sleep(1)
        await peer.send(whole[len(sent) :])
        await answers_all(peer)

    server = await start_raw_server(nursery, waits)
    async with open_lone_client(server.host) as client:
        with trio.move_on_after(0.5) as scope:
            await client.batch_get(KEYS)
        assert scope.cancelled_caught
        assert client.event_loops[0].statistics().cancelled == 1
        assert client.event_loops[0].in_process.value == 0
        await trio.sleep(2)
        assert pool_is_whole(client)
        assert client.nodes[0].pool.statistics().recovered == 1
        assert numbers(await client.batch_get(KEYS)) == list(range(6))
        assert len(server.peers) == 1


async def test_a_cancelled_caller_sends_nothing(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answers_all)
    async with open_lone_client(server.host) as client:
        for keys in ([], KEYS[:1], KEYS):
            with trio.CancelScope() as scope:
                scope.cancel()
                await client.batch_get(keys)
            assert scope.cancelled_caught
        assert server.requests == []


async def test_the_total_timeout_ends_everything(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, silent)
    policy = BatchPolicy(total_timeout=1, socket_timeout=0.3, max_retries=10, sleep_between_retries=0.1)
    async with open_lone_client(server.host) as client:
        began = trio.current_time()
        with pytest.raises(BatchError) as caught:
            await client.batch_get(KEYS, policy=policy)
        assert trio.current_time() - began == pytest.approx(1, abs=0.05)
        assert isinstance(caught.value.results[0].error, CommandTimeout)


async def test_master_rows_without_a_master_have_no_node(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answers_all)
    other = await start_raw_server(nursery, answers_all)
    async with open_lone_client(server.host, other.host) as client:
        client.nodes[0].active = False
        policy = BatchPolicy(replica=Replica.MASTER)
        with pytest.raises(BatchError) as caught:
            await client.batch_get(KEYS, policy=policy)
        assert {result.result_code for result in caught.value.results} == {ResultCode.INVALID_NODE}
        assert isinstance(caught.value.__cause__, InvalidNode)
        assert numbers(await client.batch_get(KEYS)) == list(range(6))  # the replicas have them
    assert server.requests == []


@pytest.mark.parametrize("replica", [Replica.ANY, Replica.RANDOM])
async def test_reads_go_to_any_replica_and_writes_to_the_master(nursery: trio.Nursery, replica: Replica) -> None:
    servers: list[RawServer] = [await start_raw_server(nursery, answers_all) for _ in range(2)]
    async with open_lone_client(*(server.host for server in servers)) as client:
        policy = BatchPolicy(replica=replica)
        for _ in range(10):
            await client.batch_get(KEYS, policy=policy)
        assert all(server.requests for server in servers)
        for server in servers:
            server.requests.clear()
        await client.batch_operate(KEYS, WRITES, policy=policy)
        assert [len(server.requests) for server in servers] == [1, 0]


async def test_a_closed_client_refuses_batches(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answers_all)
    async with open_lone_client(server.host) as client:
        pass
    for call in (client.batch_get(KEYS), client.batch_get([]), client.batch_operate(KEYS, WRITES)):
        with pytest.raises(AerospikeError, match="the client is closed"):
            await call


async def test_error_rates_count_batches_too(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(*[None] * 9))
    async with open_lone_client(server.host, policy=ClientPolicy(max_error_rate=2)) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_get(KEYS, policy=BatchPolicy(max_retries=8))
        assert caught.value.results[0].result_code == ResultCode.MAX_ERROR_RATE
        assert len(server.requests) == 3


async def test_unavailable_partitions_raise_their_own_error(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, script(*[last_message(ResultCode.UNAVAILABLE)] * 3))
    async with open_lone_client(server.host) as client:
        with pytest.raises(BatchError) as caught:
            await client.batch_get(KEYS)
        assert isinstance(caught.value.results[0].error, PartitionUnavailable)
