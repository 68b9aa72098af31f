"""Submitted commands at the end of their client's block, and fifty thousand of them."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import triospike
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, answering, start_raw_server
from fixtures.wire import answer
from triospike._execution.submitted import SubmitState
from triospike.errors import ClientClosed, CommandCancelled, QueueFull
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy
from triospike.server import Server

from .holding import key, settle

PATIENT = ClientPolicy(
    read=ReadPolicy(total_timeout=0, socket_timeout=0), write=WritePolicy(total_timeout=0, socket_timeout=0)
)
ONE = EventPolicy(max_commands_in_process=1)
QUEUED, _, DONE, FAILED, CANCELLED = SubmitState


class UserError(Exception):
    pass


async def test_leaving_the_block_waits_for_what_was_submitted(clock: MockClock, nursery: trio.Nursery) -> None:
    async def slow(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer(), pause=0.2)

    server = await start_raw_server(nursery, slow)
    await wait_all_tasks_blocked()
    async with open_lone_client(server.host, policy=PATIENT, event_policy=ONE) as client:
        handles = [client.submit(client.prepare.get(key(number))) for number in range(10)]
        assert handles[0].state is QUEUED
    assert [handle.state for handle in handles] == [DONE] * 10
    assert len(server.requests) == 10


async def leave(server: Server, how: str) -> list[triospike.Submitted[None]]:
    """Submit some commands and leave the client's block by an error or by a cancel."""
    handles: list[triospike.Submitted[None]] = []
    loops_policy = EventPolicy(max_commands_in_process=2)
    with trio.CancelScope() as scope:
        async with (
            triospike.open_event_loops(1, loops_policy) as loops,
            triospike.open_client(*server.hosts, policy=PATIENT, event_loops=loops) as client,
        ):
            handles.extend(client.submit(client.prepare.put(key(number), {"b": 1})) for number in range(10))
            await settle()
            if how == "error":
                raise UserError
            scope.cancel()
            await trio.sleep_forever()
    return handles


@pytest.mark.parametrize("how", ["error", "cancel"])
async def test_leaving_the_block_otherwise_cancels_what_was_submitted(
    clock: MockClock, embedded: Server, nursery: trio.Nursery, how: str
) -> None:
    before = trio.lowlevel.current_statistics().tasks_living
    embedded.faults.add(triospike.server.Fault("delay", command="write", seconds=4))
    began = trio.current_time()
    if how == "error":
        with pytest.raises(UserError):
            await leave(embedded, how)
    else:
        handles = await leave(embedded, how)
        assert [handle.state for handle in handles] == [CANCELLED] * 10
        with pytest.raises(CommandCancelled):
            await handles[9].result()
    assert trio.current_time() - began < 1
    embedded.faults.clear()
    await trio.sleep(6)
    assert trio.lowlevel.current_statistics().tasks_living == before
    assert embedded.counters.connections_open == 0
    assert embedded.counters.commands_write == 2


async def test_nothing_can_be_submitted_after_the_end(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answering)
    async with triospike.open_event_loops(1) as loops:
        async with open_lone_client(server.host, loops=loops) as client:
            prepared = client.prepare.get(key(1))
        with pytest.raises(ClientClosed, match="the client is closed"):
            loops[0].submit(prepared)
    async with open_lone_client(server.host) as other:
        with pytest.raises(ClientClosed, match="the event loops are closed"):
            other.on(loops[0]).submit(other.prepare.get(key(1)))


async def test_a_bug_in_a_command_ends_the_client_and_leaves_no_handle_waiting(
    clock: MockClock, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(self: object, frame: bytes) -> None:
        raise ZeroDivisionError

    server = await start_raw_server(nursery, answering)
    monkeypatch.setattr("triospike._commands.exists.ExistsCommand.parse", bug)
    handles: list[triospike.Submitted[bool]] = []

    async def body() -> None:
        async with open_lone_client(server.host, event_policy=ONE) as client:
            handles.extend(client.submit(client.prepare.exists(key(number))) for number in range(3))
            await trio.sleep_forever()

    with trio.fail_after(100), pytest.raises(ZeroDivisionError):
        await body()
    assert [handle.state for handle in handles] == [FAILED, CANCELLED, CANCELLED]


async def test_fifty_thousand_submitted_commands_run_to_the_end_and_the_next_is_refused(embedded: Server) -> None:
    policy = EventPolicy(max_commands_in_process=50, max_commands_in_queue=4_950)
    async with (
        triospike.open_event_loops(10, policy) as loops,
        triospike.open_client(
            *embedded.hosts,
            policy=ClientPolicy(async_max_conns_per_node=500, write=WritePolicy(total_timeout=0)),
            event_loops=loops,
        ) as client,
    ):
        prepared = [client.prepare.put(key(number), {"n": number}) for number in range(1000)]
        handles = [client.submit(prepared[number % 1000]) for number in range(50_000)]
        with pytest.raises(QueueFull):
            client.submit(prepared[0])
        for handle in handles:
            await handle.result()
        assert {loop.statistics().peak_in_process for loop in loops} == {50}
        assert sum(loop.statistics().completed for loop in loops) == 50_000
        counters = embedded.counters.values()
        assert counters.commands_write == 50_000
        assert counters.commands_at_work_peak <= 500
        assert counters.data_connections_peak <= 500
        record = await client.get(key(321))
        assert record is not None
        assert (record.bins, record.generation) == ({"n": 321}, 50)
