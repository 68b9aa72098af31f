"""One look for all sockets in each turn of Trio's loop, and what becomes of those who wait in it."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, answering, start_raw_server
from fixtures.wire import answer
from triospike import (
    AerospikeError,
    Client,
    ClientClosed,
    ClientPolicy,
    ConnectionFailed,
    EventPolicy,
    Key,
    ReadPolicy,
)
from triospike._net.poller import Poller

KEYS = [Key("test", "poll", number) for number in range(8)]
PATIENT = ReadPolicy(max_retries=0, total_timeout=0)


class Watched:
    """A socket that is looked at, and counts."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.calls = 0
        self.closed = False
        self.bug: Exception | None = None
        self.receives_first = False

    def on_readable(self) -> None:
        self.calls += 1
        if self.receives_first:
            self.socket.recv(100)
        if self.bug is not None:
            raise self.bug
        self.socket.recv(100)

    def write_gathered(self) -> bool:
        assert self.bug is not None
        raise self.bug

    def after_writing(self) -> None:
        """Never."""

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def pair() -> Iterator[tuple[Watched, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield Watched(ours), theirs


def park(poller: Poller, watched: Watched) -> None:
    """As connections do."""
    poller.attend(watched.socket.fileno(), watched)
    poller.parked += 1


async def get_each(client: Client, count: int) -> None:
    async with trio.open_nursery() as nursery:
        for key in KEYS[:count]:
            nursery.start_soon(client.get, key)


async def test_what_is_parked_is_told_in_the_turn_in_which_it_becomes_readable(
    clock: MockClock, nursery: trio.Nursery, pair: tuple[Watched, socket.socket]
) -> None:
    watched, peer = pair
    poller = Poller()
    await nursery.start(poller.run)
    park(poller, watched)
    await wait_all_tasks_blocked()
    assert watched.calls == 0
    peer.send(b"x")
    await trio.lowlevel.checkpoint()
    assert watched.calls == 1
    await wait_all_tasks_blocked()
    assert watched.calls == 1


async def test_nobody_is_told_of_a_socket_that_was_forgotten(
    clock: MockClock, nursery: trio.Nursery, pair: tuple[Watched, socket.socket]
) -> None:
    watched, peer = pair
    poller = Poller()
    await nursery.start(poller.run)
    fd = watched.socket.fileno()
    park(poller, watched)
    poller.forget(fd)
    peer.send(b"x")
    await trio.sleep(0.1)
    assert watched.calls == 0


async def test_when_nobody_is_parked_what_is_readable_costs_nothing(
    clock: MockClock, nursery: trio.Nursery, pair: tuple[Watched, socket.socket]
) -> None:
    watched, peer = pair
    poller = Poller()
    await nursery.start(poller.run)
    park(poller, watched)
    await wait_all_tasks_blocked()
    poller.parked -= 1
    peer.send(b"x")
    await wait_all_tasks_blocked()  # would never be, if the poller went round and round
    assert watched.calls == 0
    turns = poller.turn
    await trio.sleep(1)
    assert poller.turn - turns < 5


@pytest.mark.parametrize("where", ["before receiving", "after receiving", "sending", "sending without epoll"])
async def test_a_bug_ends_the_poller_and_is_not_swallowed(
    clock: MockClock, pair: tuple[Watched, socket.socket], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "sending without epoll":
        monkeypatch.delattr(select, "epoll")
    watched, peer = pair
    watched.bug = LookupError("a bug")
    watched.receives_first = where == "after receiving"
    with pytest.RaisesGroup(pytest.RaisesGroup(pytest.RaisesExc(LookupError, match="a bug"))):
        async with trio.open_nursery() as nursery:
            poller = Poller()
            await nursery.start(poller.run)
            park(poller, watched)
            if where.startswith("sending"):
                poller.write_soon(watched)
            else:
                peer.send(b"x")
            await trio.sleep(1)
            pytest.fail("nobody heard of it")
    assert watched.closed or where == "sending without epoll"


async def test_one_look_serves_all_idle_connections_of_a_turn(
    clock: MockClock, nursery: trio.Nursery, pair: tuple[Watched, socket.socket]
) -> None:
    watched, peer = pair
    poller = Poller()
    await nursery.start(poller.run)
    fd = watched.socket.fileno()
    park(poller, watched)
    await trio.lowlevel.checkpoint()
    assert poller.has_seen(fd, -1, trio.current_time())
    peer.send(b"x")
    assert poller.has_seen(fd, -1, trio.current_time())  # looked at in this turn, a moment ago
    assert watched.calls == 0
    clock.jump(0.002)
    assert poller.has_seen(fd, -1, trio.current_time())  # looked at again: the turn takes long
    assert watched.calls == 1
    assert not poller.has_seen(fd + 1000, -1, trio.current_time())


async def test_an_idle_connection_that_the_server_closes_leaves_the_pool_at_the_next_look(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    held = trio.Event()

    async def first_closes(peer: Peer) -> None:
        if peer.index:
            await answering(peer)
        else:
            await peer.request()
            await peer.send(answer(n=1))
            await held.wait()

    server = await start_raw_server(nursery, first_closes)
    async with open_lone_client(server.host, policy=ClientPolicy(read=PATIENT)) as client:
        await get_each(client, 3)
        pool = client.nodes[0].pool
        before = pool.statistics().open
        held.set()
        await wait_all_tasks_blocked(0.01)
        await get_each(client, 3)
        assert pool.statistics().open <= before
        assert all(not connection.closed for connection in pool._all)


@pytest.mark.parametrize("depth", [1, 8])
async def test_without_epoll_commands_are_carried_out_all_the_same(
    clock: MockClock, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    monkeypatch.delattr(select, "epoll")
    server = await start_raw_server(nursery, answering)
    async with open_lone_client(server.host, policy=ClientPolicy(pipeline_depth=depth, read=PATIENT)) as client:
        assert not client.event_loops.poller.shares
        for count in (1, 8, 3, 1):
            await get_each(client, count)
        assert len(server.requests) == 13
        with trio.move_on_after(0):
            await client.get(KEYS[0])
    assert (client.event_loops.poller.alone, client.event_loops.poller.parked) == (0, 0)


@pytest.mark.parametrize("depth", [1, 8])
async def test_whatever_ends_a_command_nobody_is_counted_as_waiting_afterwards(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    async def only_the_first(peer: Peer) -> None:
        await peer.request()
        await peer.closed()

    server = await start_raw_server(nursery, only_the_first)
    read = ReadPolicy(max_retries=0, total_timeout=2, timeout_delay=0)
    failed: list[AerospikeError] = []

    async def get(key: Key, patience: float) -> None:
        with trio.move_on_after(patience):
            try:
                await client.get(key)
            except AerospikeError as error:
                failed.append(error)

    async with open_lone_client(server.host, policy=ClientPolicy(pipeline_depth=depth, read=read)) as client:
        poller = client.event_loops.poller
        async with trio.open_nursery() as commands:
            for number, key in enumerate(KEYS):
                commands.start_soon(get, key, 1 if number % 2 else 9)
            await wait_all_tasks_blocked(0.01)
            assert poller.alone + poller.parked == len(KEYS)
        assert len(failed) == len(KEYS) / 2
        assert (poller.alone, poller.parked) == (0, 0)


async def test_commands_that_wait_when_the_event_loops_end_are_told_so(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    async def silent(peer: Peer) -> None:
        await peer.closed()

    server = await start_raw_server(nursery, silent)
    told: list[BaseException] = []

    async def get(client: Client, key: Key) -> None:
        with pytest.raises(ClientClosed) as caught:
            await client.get(key)
        told.append(caught.value)

    with trio.move_on_after(1):
        async with open_lone_client(
            server.host, policy=ClientPolicy(read=PATIENT), event_policy=EventPolicy()
        ) as client:
            for key in KEYS:
                nursery.start_soon(get, client, key)
            await trio.sleep_forever()
    await wait_all_tasks_blocked(0.01)
    assert len(told) == len(KEYS)


async def put_into(client: Client, key: Key, outcomes: dict[Key, AerospikeError | None]) -> None:
    try:
        await client.put(key, {"v": 1})
        outcomes[key] = None
    except AerospikeError as error:
        outcomes[key] = error


async def test_those_whose_server_closes_are_in_doubt_and_not_told_that_the_client_was_closed(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    async def hangs_up(peer: Peer) -> None:
        await peer.request()

    server = await start_raw_server(nursery, hangs_up)
    outcomes: dict[Key, AerospikeError | None] = {}
    async with open_lone_client(server.host) as client, trio.open_nursery() as commands:
        for key in KEYS:
            commands.start_soon(put_into, client, key, outcomes)
    assert [type(outcomes[key]) for key in KEYS] == [ConnectionFailed] * len(KEYS)
    assert all(error is not None and error.in_doubt for error in outcomes.values())
