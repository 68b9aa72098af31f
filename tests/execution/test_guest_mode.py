"""Trio as the guest of another loop, as in programs with windows: it waits for sockets in a thread of its own."""

from __future__ import annotations

import queue
from collections.abc import Awaitable, Callable

import outcome
import pytest
import trio

from triospike import Client, ClientPolicy, CommandTimeout, Key, ReadPolicy, open_client
from triospike.server import Fault, Server, ServerConfig, serve_aerospike

KEYS = [Key("test", "guests", number) for number in range(40)]
_PATIENCE = 60
"""Seconds that the host waits for what comes next: that nothing comes is the failure, not that it is late."""

pytestmark = pytest.mark.parametrize("depth", [1, 8])


def run_as_guest(main: Callable[[], Awaitable[None]]) -> int:
    """Run it in a host's loop of the plainest kind; returns how many steps the host has taken."""
    steps: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
    ended: list[outcome.Outcome[None]] = []
    trio.lowlevel.start_guest_run(main, run_sync_soon_threadsafe=steps.put, done_callback=ended.append)
    taken = 0
    while not ended:
        steps.get(timeout=_PATIENCE)()
        taken += 1
    ended[0].unwrap()
    return taken


async def open_and(use: Callable[[Server, Client], Awaitable[None]], depth: int) -> None:
    policy = ClientPolicy(
        pipeline_depth=depth,
        pipe_max_conns_per_node=3,
        async_max_conns_per_node=6,
        read=ReadPolicy(total_timeout=_PATIENCE, socket_timeout=_PATIENCE),
    )
    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_aerospike, ServerConfig())
        async with open_client(*server.hosts, policy=policy) as client:
            for number, key in enumerate(KEYS):
                await client.put(key, {"n": number})
            await use(server, client)
        nursery.cancel_scope.cancel()


def test_commands_run_one_at_a_time_and_together(depth: int) -> None:
    seen: list[tuple[int, object]] = []

    async def use(server: Server, client: Client) -> None:
        async def get(number: int) -> None:
            record = await client.get(KEYS[number])
            seen.append((number, record and record.bins["n"]))

        for number in range(len(KEYS)):
            await get(number)
        async with trio.open_nursery() as commands:
            for number in range(len(KEYS)):
                commands.start_soon(get, number)

    steps = run_as_guest(lambda: open_and(use, depth))
    assert sorted(seen) == [(number, number) for number in range(len(KEYS)) for _ in range(2)]
    assert steps > len(KEYS)  # one at a time: the host had its turn between them


def test_deadlines_and_cancelling_come_through(depth: int) -> None:
    async def use(server: Server, client: Client) -> None:
        server.faults.add(Fault("delay", command="data", seconds=_PATIENCE))
        hurried = ReadPolicy(total_timeout=0.05, max_retries=0)
        with pytest.raises(CommandTimeout):
            await client.get(KEYS[0], policy=hurried)
        late: list[int] = []

        async def get(number: int) -> None:
            with pytest.raises(CommandTimeout):
                await client.get(KEYS[number], policy=hurried)
            late.append(number)

        async with trio.open_nursery() as commands:
            for number in range(5):
                commands.start_soon(get, number)
        assert sorted(late) == list(range(5))
        with trio.move_on_after(0.05) as scope:
            async with trio.open_nursery() as commands:
                for key in KEYS[:5]:
                    commands.start_soon(client.get, key)
        assert scope.cancelled_caught

    run_as_guest(lambda: open_and(use, depth))
