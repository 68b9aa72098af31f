"""Whether a failed write may have been applied, at every point where the wire can break; a read never is."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, Script, silent, start_raw_server
from fixtures.wire import PUT_SIZE, answer, info_answer
from triospike import operations as op
from triospike.client import Client
from triospike.errors import (
    AerospikeError,
    CommandTimeout,
    ConnectionFailed,
    KeyBusy,
    MaxErrorRate,
    NoMoreConnections,
    PartitionUnavailable,
    ProtocolError,
    RecordExists,
    ServerError,
)
from triospike.host import Host
from triospike.key import Key
from triospike.policy import ClientPolicy, OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy

KEY = Key("test", "s", 1)


async def resets_within_the_request(peer: Peer) -> None:
    await peer.receive(1000)
    peer.reset()


async def stops_reading(peer: Peer) -> None:
    await trio.sleep(100)


async def closes_after_the_request(peer: Peer) -> None:
    await peer.request()


async def resets_after_the_request(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def closes_within_the_answer(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer()[:20])


async def stops_within_the_answer(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer()[:20])
    await peer.closed()


def answers(*frames: bytes) -> Script:
    """A script that answers each request with the next frame."""

    async def script(peer: Peer) -> None:
        for frame in frames:
            await peer.request()
            await peer.send(frame)
        await peer.closed()

    return script


@attrs.frozen
class Break:
    name: str
    script: Script
    error: type[AerospikeError]
    in_doubt: bool
    big: bool = False
    times: dict[str, float] = attrs.field(factory=dict)


SOCKET_TIMEOUT = {"socket_timeout": 0.5, "total_timeout": 0.0}
BREAKS = [
    Break("reset within the request", resets_within_the_request, ConnectionFailed, False, big=True),
    Break("total timeout within the request", stops_reading, CommandTimeout, False, big=True),
    Break("socket timeout within the request", stops_reading, CommandTimeout, False, True, SOCKET_TIMEOUT),
    Break("closed after the request", closes_after_the_request, ConnectionFailed, True),
    Break("reset after the request", resets_after_the_request, ConnectionFailed, True),
    Break("total timeout after the request", silent, CommandTimeout, True),
    Break("socket timeout after the request", silent, CommandTimeout, True, times=SOCKET_TIMEOUT),
    Break("closed within the answer", closes_within_the_answer, ConnectionFailed, True),
    Break("total timeout within the answer", stops_within_the_answer, CommandTimeout, True),
    Break("socket timeout within the answer", stops_within_the_answer, CommandTimeout, True, times=SOCKET_TIMEOUT),
    Break("garbage", answers(b"HTTP/1.1 400 Bad"), ProtocolError, True),
    Break("an answer of another kind", answers(info_answer("node\tA\n")), ProtocolError, True),
    Break("two answers", answers(answer() + answer()), ProtocolError, True),
    Break(
        "an answer cut short by its own size",
        answers(b"\x02\x03\x00\x00\x00\x00\x00\x01\x16"),
        ProtocolError,
        True,
    ),
    Break("code 9", answers(answer(9)), CommandTimeout, True),
    Break("code 11", answers(answer(11)), PartitionUnavailable, False),
    Break("code 18", answers(answer(18)), ServerError, False),
    Break("code 14", answers(answer(14)), KeyBusy, False),
    Break("code 5", answers(answer(5)), RecordExists, False),
    Break("an unknown code", answers(answer(250)), ServerError, False),
]


async def put(client: Client, value: object, **times: Any) -> None:
    await client.put(KEY, {"b": value}, policy=WritePolicy(**times))


async def operate(client: Client, value: object, **times: Any) -> None:
    await client.operate(KEY, [op.write("b", value), op.read("b")], policy=OperatePolicy(**times))


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
@pytest.mark.parametrize("write", [put, operate])
async def test_a_write_that_fails(clock: MockClock, nursery: trio.Nursery, broken: Break, write: Any) -> None:
    server = await start_raw_server(nursery, broken.script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(broken.error) as caught:
            await write(client, bytes(PUT_SIZE) if broken.big else 1, **broken.times)
    assert caught.value.in_doubt is broken.in_doubt
    assert caught.value.node == "A"
    assert ("in doubt" in str(caught.value)) is broken.in_doubt


SMALL = [broken for broken in BREAKS if not broken.big]


@pytest.mark.parametrize("broken", SMALL, ids=lambda broken: broken.name)
async def test_a_delete_that_fails(clock: MockClock, nursery: trio.Nursery, broken: Break) -> None:
    server = await start_raw_server(nursery, broken.script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(broken.error) as caught:
            await client.delete(KEY, policy=RemovePolicy(**broken.times))  # type: ignore[arg-type]
    assert caught.value.in_doubt is broken.in_doubt


@pytest.mark.parametrize("broken", SMALL, ids=lambda broken: broken.name)
async def test_a_read_that_fails_the_same_way_is_not_in_doubt(
    clock: MockClock, nursery: trio.Nursery, broken: Break
) -> None:
    server = await start_raw_server(nursery, broken.script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(broken.error) as caught:
            await client.get(KEY, policy=ReadPolicy(max_retries=0, **broken.times))  # type: ignore[arg-type]
    assert caught.value.in_doubt is False


# Before there is a connection.


async def fails_before_it_is_sent(client: Client, error: type[AerospikeError]) -> None:
    with pytest.raises(error) as caught:
        await client.put(KEY, {"b": 1})
    assert caught.value.in_doubt is False


async def test_a_refused_connection(clock: MockClock, nursery: trio.Nursery) -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host = Host("127.0.0.1", listener.socket.getsockname()[1])
    await listener.aclose()
    async with open_lone_client(host) as client:
        await fails_before_it_is_sent(client, ConnectionFailed)


async def test_a_connection_that_takes_too_long_to_open(clock: MockClock, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(host: Host) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr("triospike._net.socket_end.connect_socket", never)
    async with open_lone_client(Host("127.0.0.1", 1)) as client:
        await fails_before_it_is_sent(client, CommandTimeout)


async def test_a_wait_for_a_connection_that_takes_too_long(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host, limit=1) as client:
        nursery.start_soon(client.get, KEY)
        await wait_all_tasks_blocked()
        with pytest.raises(CommandTimeout) as caught:
            await client.put(KEY, {"b": 1}, policy=WritePolicy(total_timeout=0.5))
        assert caught.value.in_doubt is False
        nursery.cancel_scope.cancel()


async def test_no_free_connection(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    policy = ClientPolicy(when_no_connection="raise")
    async with open_lone_client(server.host, policy=policy, limit=1) as client:
        nursery.start_soon(client.get, KEY)
        await wait_all_tasks_blocked()
        await fails_before_it_is_sent(client, NoMoreConnections)
        nursery.cancel_scope.cancel()


async def test_an_open_breaker(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        client.nodes[0].window.errors = 1000
        await fails_before_it_is_sent(client, MaxErrorRate)


# Several attempts.


def in_turn(*scripts: Script) -> Script:
    """Each connection follows the next script; the last one is for all that come after."""

    async def script(peer: Peer) -> None:
        await scripts[min(peer.index, len(scripts) - 1)](peer)

    return script


@pytest.mark.parametrize(
    ("script", "error", "in_doubt"),
    [
        pytest.param(
            in_turn(closes_after_the_request, answers(answer(18))), ServerError, True, id="closed, refused"
        ),
        pytest.param(in_turn(answers(answer(9), answer(18))), ServerError, True, id="9, 18"),
        pytest.param(in_turn(answers(answer(18), answer(18))), ServerError, False, id="18, 18"),
        pytest.param(in_turn(answers(answer(18), answer(5))), RecordExists, False, id="18, exists"),
        pytest.param(in_turn(closes_after_the_request), ConnectionFailed, True, id="closed, closed"),
    ],
)
async def test_a_doubt_stays_until_the_end(
    clock: MockClock, nursery: trio.Nursery, script: Script, error: type[AerospikeError], in_doubt: bool
) -> None:
    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(error) as caught:
            await client.put(KEY, {"b": 1}, policy=WritePolicy(max_retries=1))
    assert caught.value.in_doubt is in_doubt


async def test_a_doubt_stays_when_the_second_attempt_finds_nobody(clock: MockClock, nursery: trio.Nursery) -> None:
    async def leaves_for_good(peer: Peer) -> None:
        await peer.request()
        peer.server.stop()

    server = await start_raw_server(nursery, leaves_for_good)
    async with open_lone_client(server.host) as client:
        with pytest.raises(ConnectionFailed, match="refused") as caught:
            await client.put(KEY, {"b": 1}, policy=WritePolicy(max_retries=1, sleep_between_retries=0.1))
    assert caught.value.in_doubt is True
    assert [error.in_doubt for error in caught.value.sub_errors] == [False]
    assert caught.value.iterations == 2


async def test_a_retry_that_succeeds_raises_nothing(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, in_turn(closes_after_the_request, answers(answer())))
    async with open_lone_client(server.host) as client:
        await client.put(KEY, {"b": 1}, policy=WritePolicy(max_retries=1))
        assert client.statistics().retries == 1
