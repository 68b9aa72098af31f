"""A timeout says where the time went, attempt by attempt, and comes on time."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, silent, start_raw_server
from fixtures.wire import PUT_SIZE, answer, timeout_of
from triospike.client import Client
from triospike.errors import AttemptTimes, CommandTimeout, ConnectionFailed, Overloaded
from triospike.host import Host
from triospike.key import Key
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, Replica, WritePolicy

KEY = Key("test", "s", 1)


def spent(node: str | None = "A", **times: float) -> Any:
    """Times equal to these within a hundredth of a second."""
    wanted = attrs.asdict(AttemptTimes(node, **times))
    return {name: pytest.approx(value, abs=0.01) if name != "node" else value for name, value in wanted.items()}


async def get_in_vain(client: Client, **policy: Any) -> CommandTimeout:
    with pytest.raises(CommandTimeout) as caught:
        await client.get(KEY, policy=ReadPolicy(**{"max_retries": 0, **policy}))
    return caught.value


def parts(error: CommandTimeout) -> list[dict[str, Any]]:
    return [attrs.asdict(attempt) for attempt in error.attempts]


async def slow_then_silent(peer: Peer) -> None:
    """Answers the first request of all after 0.3 s, and no other."""
    await peer.request()
    if len(peer.server.requests) == 1:
        await peer.send(answer(), pause=0.3)
    await peer.closed()


async def test_the_wait_for_the_answer(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        began = trio.current_time()
        error = await get_in_vain(client, total_timeout=0.8)
    assert trio.current_time() - began == pytest.approx(0.8, abs=0.01)
    assert parts(error) == [spent(wait=0.8)]
    assert "total_timeout of 0.8 s ended" in str(error)
    assert "A: wait 800" in str(error)
    assert isinstance(error, TimeoutError)


async def test_the_wait_in_the_queue(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, slow_then_silent)
    async with open_lone_client(server.host, event_policy=EventPolicy(max_commands_in_process=1)) as client:
        nursery.start_soon(client.get, KEY)
        await wait_all_tasks_blocked()
        assert parts(await get_in_vain(client)) == [spent(queue=0.3, wait=0.7)]


async def test_a_timeout_in_the_queue_was_never_sent(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    policy = EventPolicy(max_commands_in_process=1)
    async with open_lone_client(server.host, event_policy=policy) as client, trio.open_nursery() as busy:
        busy.start_soon(client.get, KEY)
        await wait_all_tasks_blocked()
        with pytest.raises(CommandTimeout, match="queue; never sent") as caught:
            await client.put(KEY, {"b": 1}, policy=WritePolicy(total_timeout=0.4))
        busy.cancel_scope.cancel()
    assert parts(caught.value) == [spent(None, queue=0.4)]
    assert (caught.value.in_doubt, caught.value.iterations, caught.value.node) == (False, 0, None)


async def test_the_wait_for_a_connection(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, slow_then_silent)
    async with open_lone_client(server.host, limit=1) as client:
        nursery.start_soon(client.get, KEY)
        await wait_all_tasks_blocked()
        error = await get_in_vain(client)
        assert parts(error) in ([spent(connection=0.3, wait=0.7)], [spent(connection=1.0)])


async def test_a_timeout_while_waiting_for_a_connection_names_the_limit(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host, limit=1) as client, trio.open_nursery() as busy:
        busy.start_soon(client.get, KEY)
        await wait_all_tasks_blocked()
        error = await get_in_vain(client, total_timeout=0.4)
        busy.cancel_scope.cancel()
    assert parts(error) == [spent(connection=0.4)]
    assert "1 of 1 open, 1 in use" in str(error)


async def test_the_sending_of_a_large_request(clock: MockClock, nursery: trio.Nursery) -> None:
    async def reads_late(peer: Peer) -> None:
        await trio.sleep(0.4)
        await peer.request()
        await peer.closed()

    server = await start_raw_server(nursery, reads_late)
    async with open_lone_client(server.host) as client:
        with pytest.raises(CommandTimeout) as caught:
            await client.put(KEY, {"b": bytes(PUT_SIZE)})
    assert parts(caught.value) == [spent(send=0.4, wait=0.6)]


async def test_the_reading_of_an_answer_that_began(clock: MockClock, nursery: trio.Nursery) -> None:
    async def begins(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer()[:12], pause=0.3)
        await peer.closed()

    server = await start_raw_server(nursery, begins)
    async with open_lone_client(server.host) as client:
        assert parts(await get_in_vain(client)) == [spent(wait=0.3, read=0.7)]


async def test_every_attempt_with_its_node_and_its_sleep(clock: MockClock, nursery: trio.Nursery) -> None:
    servers = [await start_raw_server(nursery, silent) for _ in range(2)]
    async with open_lone_client(*(server.host for server in servers)) as client:
        error = await get_in_vain(
            client, socket_timeout=0.2, total_timeout=0, max_retries=2, sleep_between_retries=0.1
        )
    assert parts(error) == [spent(wait=0.2), spent("B", wait=0.2), spent(wait=0.2, sleep=0.1)]
    assert [type(sub) for sub in error.sub_errors] == [CommandTimeout] * 2
    assert [sub.node for sub in error.sub_errors] == ["A", "B"]
    assert (error.iterations, error.node) == (3, "A")
    assert "socket_timeout of 0.2 s ended; node A; 3 attempts" in str(error)


async def test_the_opening_of_a_connection(clock: MockClock, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(host: Host) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr("triospike._net.socket_end.connect_socket", never)
    async with open_lone_client(Host("127.0.0.1", 1)) as client:
        assert parts(await get_in_vain(client)) == [spent(connection=1)]


@pytest.mark.parametrize("times", [{"connect_timeout": 0.25}, {"socket_timeout": 0.25}])
async def test_the_opening_of_a_connection_has_a_limit_of_its_own(
    clock: MockClock, monkeypatch: pytest.MonkeyPatch, times: dict[str, float]
) -> None:
    async def never(host: Host) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr("triospike._net.socket_end.connect_socket", never)
    async with open_lone_client(Host("127.0.0.1", 1)) as client:
        began = trio.current_time()
        with pytest.raises(ConnectionFailed, match=r"127.0.0.1:1: not within 0.25 s") as caught:
            await client.get(KEY, policy=ReadPolicy(**times))  # type: ignore[arg-type]
        assert trio.current_time() - began == pytest.approx(0.75, abs=0.01)
        assert caught.value.iterations == 3
        assert client.nodes[0].pool.statistics().open == 0


async def test_the_wait_for_a_connection_is_not_bounded_by_the_limit_for_opening_one(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    async def slow(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer(), pause=0.3)

    server = await start_raw_server(nursery, slow)
    policy = ReadPolicy(connect_timeout=0.1, socket_timeout=0.4)
    async with open_lone_client(server.host, limit=1, policy=ClientPolicy(read=policy)) as client:
        async with trio.open_nursery() as several:
            for _ in range(3):
                several.start_soon(client.get, KEY)
        assert client.statistics().retries == 0


async def test_total_timeout_bounds_all_attempts_together(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        began = trio.current_time()
        error = await get_in_vain(client, socket_timeout=0.4, total_timeout=1, max_retries=9)
    assert trio.current_time() - began == pytest.approx(1, abs=0.01)
    assert parts(error) == [spent(wait=0.4), spent(wait=0.4), spent(wait=0.2)]


async def test_no_retry_begins_when_its_sleep_would_end_too_late(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        began = trio.current_time()
        error = await get_in_vain(
            client,
            socket_timeout=0.4,
            total_timeout=1,
            max_retries=9,
            sleep_between_retries=0.7,
            replica=Replica.MASTER,
        )
    assert trio.current_time() - began == pytest.approx(0.4, abs=0.01)
    assert error.iterations == 1


async def test_a_retry_whose_sleep_lasts_longer_than_it_should_is_not_sent(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    async def refuses(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer(18), pause=0.2)

    server = await start_raw_server(nursery, refuses)

    async def keep_everybody_busy() -> None:
        await trio.sleep(0.3)
        clock.jump(5)

    async with open_lone_client(server.host) as client:
        nursery.start_soon(keep_everybody_busy)
        policy = ReadPolicy(sleep_between_retries=0.5, replica=Replica.MASTER)
        with pytest.raises(Overloaded) as caught:
            await client.get(KEY, policy=policy)
    assert (len(server.requests), caught.value.iterations) == (1, 1)


async def test_each_retry_gives_the_server_the_time_that_is_left(clock: MockClock, nursery: trio.Nursery) -> None:
    async def refuses(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer(18), pause=0.3)

    server = await start_raw_server(nursery, refuses)
    async with open_lone_client(server.host) as client:
        with pytest.raises(Overloaded):
            await client.get(KEY, policy=ReadPolicy(max_retries=2))
        assert [timeout_of(request) for request in server.requests] == [1000, 700, 400]
        server.requests.clear()
        with pytest.raises(Overloaded):
            await client.get(KEY, policy=ReadPolicy(max_retries=2, total_timeout=0, socket_timeout=0.5))
        assert [timeout_of(request) for request in server.requests] == [500, 500, 500]
        server.requests.clear()
        with pytest.raises(Overloaded):
            await client.get(KEY, policy=ReadPolicy(max_retries=2, total_timeout=1, socket_timeout=0.5))
        assert [timeout_of(request) for request in server.requests] == [500, 500, 400]
