"""Commands that share a connection: whose answer is whose, whatever happens to the others."""

from __future__ import annotations

import random
import socket
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import triospike
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, answering, start_raw_server
from fixtures.wire import answer, digest_of
from triospike import (
    AerospikeError,
    Client,
    ClientPolicy,
    CommandTimeout,
    ConnectionFailed,
    EventPolicy,
    Key,
    NoMoreConnections,
    ProtocolError,
    ReadPolicy,
    WritePolicy,
)
from triospike._net import socket_end, stream
from triospike._net.pipeline import PipelinedConnection
from triospike._net.poller import Poller
from triospike.host import Host
from triospike.server import Fault, FaultKind, ServerConfig

from .exchanging import REQUEST

DEEP = ClientPolicy(pipeline_depth=8, read=ReadPolicy(max_retries=0, total_timeout=5))
KEYS = [Key("test", "pipe", number) for number in range(20)]
_ROUNDS = 30
_MANY = 40
"""More than the poller lets connections with one request each gather."""
NUMBER = {key.digest: number for number, key in enumerate(KEYS)}


def numbered(request: bytes) -> bytes:
    """The answer that belongs to a request, and to no other."""
    return answer(n=NUMBER[digest_of(request)])


async def get_into(client: Client, number: int, results: dict[int, int | AerospikeError]) -> None:
    try:
        record = await client.get(KEYS[number])
    except AerospikeError as error:
        results[number] = error
    else:
        assert record is not None
        results[number] = record.bins["n"]


async def get_all(client: Client, numbers: range) -> dict[int, int | AerospikeError]:
    results: dict[int, int | AerospikeError] = {}
    async with trio.open_nursery() as nursery:
        for number in numbers:
            nursery.start_soon(get_into, client, number, results)
    return results


async def test_commands_share_a_connection_and_each_gets_its_own_answer(nursery: trio.Nursery) -> None:
    async def all_at_once(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(8)]
        await peer.send(b"".join(numbered(request) for request in requests))
        await peer.closed()

    server = await start_raw_server(nursery, all_at_once)
    async with open_lone_client(server.host, policy=DEEP) as client:
        results = await get_all(client, range(8))

    assert results == {number: number for number in range(8)}
    assert len(server.peers) == 1


class CountingSocket:
    """Takes note of how many bytes are sent at once."""

    def __init__(self, real: socket.socket, sent: list[int]) -> None:
        self._real = real
        self._sent = sent

    def send(self, data: bytes) -> int:
        self._sent.append(len(data))
        return self._real.send(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_requests_of_tasks_that_are_ready_together_are_sent_together(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    sizes: list[int] = []
    real = stream.connect_socket

    async def connect(host: Host) -> Any:
        return CountingSocket(await real(host), sent)

    async def script(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(8)]
        sizes.extend(map(len, requests))
        await peer.send(b"".join(numbered(request) for request in requests))
        await peer.closed()

    monkeypatch.setattr(socket_end, "connect_socket", connect)
    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, policy=DEEP) as client:
        assert await get_all(client, range(8)) == {number: number for number in range(8)}
    assert len(server.peers) == 1
    assert sent == [sum(sizes)]


async def test_each_of_many_connections_sends_once_a_turn_however_its_requests_alternate_with_others(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    real = stream.connect_socket

    async def connect(host: Host) -> Any:
        return CountingSocket(await real(host), sent)

    monkeypatch.setattr(socket_end, "connect_socket", connect)
    poller = Poller()
    await nursery.start(poller.run)
    server = await start_raw_server(nursery, answering)
    connections = [PipelinedConnection(server.host, poller=poller) for _ in range(_MANY)]
    for connection in connections:
        await connection.connect()
    for _ in range(3):
        for connection in connections:
            connection.gather(connection.open_slot(), REQUEST)
    assert sent == []
    await trio.lowlevel.checkpoint()
    assert sent == [3 * len(REQUEST)] * _MANY
    for connection in connections:
        connection.close()


async def test_a_command_that_gives_up_before_its_request_is_sent_is_never_heard_of(nursery: trio.Nursery) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.send(numbered(await peer.request()))

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, policy=DEEP) as client:
        for _ in range(_ROUNDS):
            results: dict[int, int | AerospikeError] = {}
            async with trio.open_nursery() as others:
                others.start_soon(get_into, client, 0, results)
                await trio.lowlevel.checkpoint()  # its request is sent; those of the next two for the turn's end
                async with trio.open_nursery() as two:
                    for number in (1, 2):
                        two.start_soon(get_into, client, number, results)
                    await trio.lowlevel.checkpoint()
                    two.cancel_scope.cancel()
            assert results.items() <= {0: 0, 1: 1, 2: 2}.items()
            # Six, since the answers that the other two gave up may still be on their way, each in its slot.
            assert await get_all(client, range(6)) == {number: number for number in range(6)}
        assert len(server.peers) == 1
    assert len(server.requests) == 7 * _ROUNDS


async def test_answers_that_arrive_byte_by_byte_are_told_apart(nursery: trio.Nursery) -> None:
    async def bytewise(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(4)]
        for byte in b"".join(numbered(request) for request in requests):
            await peer.send(bytes([byte]))
        await peer.closed()

    server = await start_raw_server(nursery, bytewise)
    async with open_lone_client(server.host, policy=DEEP) as client:
        assert await get_all(client, range(4)) == {number: number for number in range(4)}


@pytest.mark.parametrize("size", [20_000, 65_500, 300_000])
async def test_large_answers_that_come_together_are_each_their_own_commands(
    nursery: trio.Nursery, size: int
) -> None:
    """More bytes than are received at once, and than are received in one turn, with borders anywhere."""

    async def all_at_once(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(8)]
        numbers = [NUMBER[digest_of(request)] for request in requests]
        await peer.send(b"".join(answer(n=number, data=bytes([number]) * size) for number in numbers))
        await peer.closed()

    async def get(number: int) -> None:
        record = await client.get(KEYS[number])
        assert record is not None
        assert record.bins == {"n": number, "data": bytes([number]) * size}
        right.add(number)

    right: set[int] = set()
    server = await start_raw_server(nursery, all_at_once)
    async with open_lone_client(server.host, policy=DEEP) as client, trio.open_nursery() as getting:
        for number in range(8):
            getting.start_soon(get, number)
    assert right == set(range(8))
    assert len(server.peers) == 1


async def test_no_connection_carries_more_commands_than_the_depth(clock: MockClock) -> None:
    async with triospike.open_embedded_server(ServerConfig(service_time=0.01)) as server:
        policy = ClientPolicy(pipeline_depth=3, async_max_conns_per_node=2, write=WritePolicy(total_timeout=60))
        async with triospike.open_client(*server.hosts, policy=policy) as client, trio.open_nursery() as nursery:
            for key in KEYS:
                nursery.start_soon(client.put, key, {"n": 1})

        assert server.counters.one_connection_peak <= 3
        assert server.counters.data_connections_peak == 2
        assert server.counters.commands_write == len(KEYS)


async def test_a_connection_is_filled_before_another_is_opened(nursery: trio.Nursery) -> None:
    async def twelve(peer: Peer) -> None:
        while True:
            await peer.send(numbered(await peer.request()))

    server = await start_raw_server(nursery, twelve)
    async with open_lone_client(server.host, policy=DEEP) as client:
        assert len(await get_all(client, range(8))) == 8
        assert len(server.peers) == 1
        assert len(await get_all(client, range(12))) == 12
        assert len(server.peers) <= 2


@pytest.mark.parametrize("victim", [0, 2, 7])
async def test_a_cancelled_command_never_hands_its_answer_to_another(
    nursery: trio.Nursery, clock: MockClock, victim: int
) -> None:
    held = trio.Event()

    async def late(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(8)]
        await held.wait()
        for request in requests:
            await peer.send(numbered(request))
        while True:
            await peer.send(numbered(await peer.request()))

    server = await start_raw_server(nursery, late)
    async with open_lone_client(server.host, policy=DEEP) as client:
        results: dict[int, int | AerospikeError] = {}
        scopes = [trio.CancelScope() for _ in range(8)]

        async def one(number: int) -> None:
            with scopes[number]:
                await get_into(client, number, results)

        async with trio.open_nursery() as commands:
            for number in range(8):
                commands.start_soon(one, number)
                await wait_all_tasks_blocked(0.01)
            scopes[victim].cancel()
            await wait_all_tasks_blocked(0.01)
            assert scopes[victim].cancelled_caught
            held.set()

        assert results == {number: number for number in range(8) if number != victim}
        assert await get_all(client, range(8)) == {number: number for number in range(8)}
        assert len(server.peers) == 1
        assert client.nodes[0].statistics().pool.recovered == 1


async def test_an_answer_that_comes_as_its_command_gives_up_is_not_the_next_commands(
    nursery: trio.Nursery,
) -> None:
    scope = trio.CancelScope()

    async def script(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(2)]
        peer.send_now(b"".join(map(numbered, requests)))
        scope.cancel()  # it is received between this step and that of the command, which waits by itself
        while True:
            await peer.send(numbered(await peer.request()))

    async def cancelled() -> None:
        with scope:
            await client.get(KEYS[0])

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host, policy=DEEP) as client:
        async with trio.open_nursery() as commands:
            commands.start_soon(cancelled)
            await wait_all_tasks_blocked(0.01)
            assert await get_all(client, range(1, 2)) == {1: 1}
        assert scope.cancelled_caught
        for number in range(2, 8):  # one alone, then two at once, so that the slots change places
            assert await get_all(client, range(number, number + 1)) == {number: number}
            assert await get_all(client, range(number, number + 2)) == {number: number, number + 1: number + 1}
        assert len(server.peers) == 1


async def test_when_all_are_cancelled_the_connection_is_drained_and_used_again(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    async def slow(peer: Peer) -> None:
        requests = [await peer.request() for _ in range(5)]
        await trio.sleep(1)
        await peer.send(*(numbered(request) for request in requests))
        while True:
            await peer.send(numbered(await peer.request()))

    server = await start_raw_server(nursery, slow)
    async with open_lone_client(server.host, policy=DEEP) as client:
        with trio.move_on_after(0.5):
            await get_all(client, range(5))
        await trio.sleep(2)

        assert await get_all(client, range(5, 8)) == {5: 5, 6: 6, 7: 7}
        assert len(server.peers) == 1
        assert client.nodes[0].statistics().pool.recovered == 5


async def test_a_broken_connection_fails_all_with_the_right_doubt_each(nursery: trio.Nursery) -> None:
    async def half(peer: Peer) -> None:
        for _ in range(3):
            await peer.request()
        await peer.send(answer())  # to the first; then the wire breaks

    server = await start_raw_server(nursery, half)
    outcomes: dict[int, AerospikeError | None] = {}

    async def put(client: Client, number: int, value: object) -> None:
        try:
            await client.put(KEYS[number], {"v": value})
            outcomes[number] = None
        except AerospikeError as error:
            outcomes[number] = error

    async with open_lone_client(server.host, policy=DEEP) as client, trio.open_nursery() as commands:
        for number in range(3):
            commands.start_soon(put, client, number, 1)
            await wait_all_tasks_blocked(0.01)

    assert outcomes[0] is None
    for number in (1, 2):
        error = outcomes[number]
        assert isinstance(error, ConnectionFailed)
        assert error.in_doubt
    assert outcomes[1] is not outcomes[2]


async def test_a_request_that_was_not_sent_whole_is_not_in_doubt(nursery: trio.Nursery, clock: MockClock) -> None:
    broken = trio.Event()

    async def never_reads(peer: Peer) -> None:
        await broken.wait()
        peer.reset()

    server = await start_raw_server(nursery, never_reads)
    outcomes: dict[str, AerospikeError] = {}

    async def put(client: Client, name: str, size: int) -> None:
        with pytest.raises(AerospikeError) as caught:
            await client.put(Key("test", "pipe", name), {"v": b"x" * size})
        outcomes[name] = caught.value

    async with open_lone_client(server.host, policy=DEEP) as client, trio.open_nursery() as commands:
        commands.start_soon(put, client, "small", 1)
        await wait_all_tasks_blocked(0.01)
        commands.start_soon(put, client, "large", 32 << 20)
        await wait_all_tasks_blocked(0.01)
        commands.start_soon(put, client, "behind", 1)
        await wait_all_tasks_blocked(0.01)
        broken.set()

    assert {name: error.in_doubt for name, error in outcomes.items()} == {
        "small": True,
        "large": False,
        "behind": False,
    }


async def test_an_answer_to_a_request_that_is_not_sent_whole_is_none(nursery: trio.Nursery) -> None:
    async def hasty(peer: Peer) -> None:
        await peer.receive(1000)
        await peer.send(answer())
        await trio.sleep_forever()

    server = await start_raw_server(nursery, hasty)
    async with open_lone_client(server.host, policy=DEEP) as client:
        with pytest.raises(ProtocolError, match="a frame that nobody asked for"):
            await client.put(Key("test", "pipe", "large"), {"v": bytes(32 << 20)})


async def test_a_stalled_connection_is_closed_and_its_commands_time_out(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    async def stalls(peer: Peer) -> None:
        await peer.closed()

    server = await start_raw_server(nursery, stalls)
    policy = ClientPolicy(pipeline_depth=8, read=ReadPolicy(max_retries=0, total_timeout=1, timeout_delay=2))
    async with open_lone_client(server.host, policy=policy) as client:
        results = await get_all(client, range(3))
        assert all(isinstance(error, CommandTimeout) for error in results.values())
        await trio.sleep(3)
        pool = client.nodes[0].statistics().pool
        assert (pool.open, pool.aborted) == (0, 3)


async def test_a_frame_that_nobody_asked_for_breaks_the_connection(nursery: trio.Nursery) -> None:
    async def talkative(peer: Peer) -> None:
        request = await peer.request()
        await peer.send(numbered(request) + answer())
        await peer.closed()

    server = await start_raw_server(nursery, talkative)
    async with open_lone_client(server.host, policy=DEEP) as client:
        await get_all(client, range(1))
        assert client.nodes[0].statistics().pool.open == 0


async def test_at_the_limit_with_every_connection_full_the_next_command_is_refused_or_waits(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    async def slow(peer: Peer) -> None:
        while True:
            request = await peer.request()
            await trio.sleep(0.5)
            await peer.send(numbered(request))

    server = await start_raw_server(nursery, slow)
    raising = ClientPolicy(
        pipeline_depth=2, when_no_connection="raise", read=ReadPolicy(max_retries=0, total_timeout=9)
    )
    async with open_lone_client(server.host, policy=raising, limit=1) as client:
        results = await get_all(client, range(3))
        assert sum(isinstance(error, NoMoreConnections) for error in results.values()) == 1

    waiting = ClientPolicy(pipeline_depth=2, read=ReadPolicy(max_retries=0, total_timeout=9))
    async with open_lone_client(server.host, policy=waiting, limit=1) as client:
        assert await get_all(client, range(6)) == {number: number for number in range(6)}


async def test_a_storm_of_cancels_mixes_up_no_answers_and_leaks_nothing(clock: MockClock) -> None:
    dice = random.Random(8)
    async with triospike.open_embedded_server() as server:
        server.faults.add(Fault(FaultKind.DELAY, command="data", seconds=0.05, probability=0.2, seed=1))
        server.faults.add(Fault(FaultKind.CLOSE_AFTER, command="data", probability=0.01, seed=2))
        policy = ClientPolicy(
            pipeline_depth=4,
            async_max_conns_per_node=3,
            read=ReadPolicy(total_timeout=2, max_retries=1),
            write=WritePolicy(total_timeout=60, max_retries=5),
        )
        async with (
            triospike.open_event_loops(2, EventPolicy(max_commands_in_process=10)) as loops,
            triospike.open_client(*server.hosts, policy=policy, event_loops=loops) as client,
        ):
            for number, key in enumerate(KEYS):
                await client.put(key, {"n": number})

            async def one(number: int, patience: float) -> None:
                with trio.move_on_after(patience):
                    try:
                        record = await client.get(KEYS[number])
                    except AerospikeError:
                        return
                    assert record is not None
                    assert record.bins["n"] == number

            for _ in range(10):
                async with trio.open_nursery() as nursery:
                    for _ in range(60):
                        nursery.start_soon(one, dice.randrange(len(KEYS)), dice.choice([0.0, 0.01, 0.06, 9.0]))
            await trio.sleep(10)  # every late answer has come, or been given up

            pool = client.nodes[0].statistics().pool
            assert pool.open == pool.idle == server.counters.data_connections_open
            assert pool.draining == pool.waiting == 0
            assert [(loop.in_process.value, loop.queued.value) for loop in loops] == [(0, 0), (0, 0)]
            assert server.counters.data_connections_peak <= 3
            assert server.counters.one_connection_peak <= 4
