"""A poller in whose turns nobody waits: it takes no part in them until somebody does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, RawServer, Script, answering, start_raw_server
from fixtures.wire import answer
from triospike import Client, ClientPolicy, Key, ReadPolicy
from triospike._net import poller as poller_room
from triospike._net.poller import Poller

KEYS = [Key("test", "quiet", number) for number in range(8)]

pytestmark = pytest.mark.parametrize("depth", [1, 8])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller_room, "_PATIENCE", 20)


@asynccontextmanager
async def quiet_client(
    nursery: trio.Nursery, depth: int, script: Script = answering
) -> AsyncIterator[tuple[Client, Poller, RawServer]]:
    """A client that has had nothing to do for long enough."""
    server = await start_raw_server(nursery, script)
    policy = ClientPolicy(pipeline_depth=depth, read=ReadPolicy(max_retries=0, total_timeout=5))
    async with open_lone_client(server.host, policy=policy) as client:
        poller = client.event_loops.poller
        assert poller.takes_part
        await become_quiet(poller)
        yield client, poller, server


async def become_quiet(poller: Poller) -> None:
    for _ in range(30):
        await trio.lowlevel.checkpoint()
    assert not poller.takes_part


async def get_all(client: Client) -> None:
    async with trio.open_nursery() as commands:
        for key in KEYS:
            commands.start_soon(client.get, key)


async def test_commands_one_at_a_time_do_not_make_it_take_part(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    async with quiet_client(nursery, depth) as (client, poller, server):
        for key in KEYS:
            await client.get(key)
        assert not poller.takes_part
        assert (len(server.requests), len(server.peers)) == (len(KEYS), 1)


async def test_it_takes_part_while_several_wait_and_stops_afterwards(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    async with quiet_client(nursery, depth) as (client, poller, server):
        for done in (1, 2, 3):
            await get_all(client)
            assert poller.takes_part
            await become_quiet(poller)
            assert len(server.requests) == done * len(KEYS)


async def test_a_request_behind_an_answer_that_nobody_waits_for_is_sent(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    async def late(peer: Peer) -> None:
        while True:
            await peer.request()
            await trio.sleep(1)
            await peer.send(answer(n=1))

    async with quiet_client(nursery, depth, late) as (client, _, server):
        with trio.move_on_after(0.5):
            await client.get(KEYS[0])
        await client.get(KEYS[1])
        assert len(server.requests) == 2


async def test_a_connection_that_the_server_has_closed_meanwhile_is_not_used(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    async def answers_once(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(n=1))

    async with quiet_client(nursery, depth, answers_once) as (client, _, server):
        for key in KEYS:
            await client.get(key)
            await wait_all_tasks_blocked(0.01)
            clock.jump(0.002)
        assert len(server.peers) == len(KEYS)


async def test_what_is_carried_out_alone_does_not_vouch_for_other_connections(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    closing = trio.Event()

    async def closes(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(n=1))
        await closing.wait()

    async with quiet_client(nursery, depth, closes) as (client, poller, server):
        await client.get(KEYS[0])
        closing.set()
        await wait_all_tasks_blocked(0.01)
        poller.begin_turn()  # as an answer does that somebody has waited for alone, on another connection
        await client.get(KEYS[1])
        assert len(server.peers) == 2


async def test_nothing_of_it_stays_with_trio_when_the_client_is_closed(
    clock: MockClock, nursery: trio.Nursery, depth: int
) -> None:
    async with quiet_client(nursery, depth) as (_, quiet, _):
        pass
    async with quiet_client(nursery, depth) as (client, busy, _):
        await get_all(client)
    for poller in (quiet, busy):
        assert not poller.takes_part
        with pytest.raises(KeyError):
            trio.lowlevel.remove_instrument(poller)
