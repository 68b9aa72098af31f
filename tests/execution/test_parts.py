"""A part of a command that fans out: admitted like a command, many frames, and every way in which it can end."""

from __future__ import annotations

import math

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, RawServer, Script, start_raw_server
from triospike._commands.base import ends_answer
from triospike._execution.event_loop import EventLoop
from triospike._execution.parts import Part, run_part
from triospike.client import Client
from triospike.errors import CommandTimeout, ConnectionFailed, ProtocolError, QueueFull, ServerError, error_for
from triospike.policy import BasePolicy, ClientPolicy, EventPolicy

REQUEST = bytes.fromhex("020300000000001616080000000000000000000000000000000000000000")
DATA = bytes.fromhex("020300000000001616000000000000000000000000000000000000000000")
LAST = bytes.fromhex("020300000000001616000001000000000000000000000000000000000000")
REFUSAL = bytes.fromhex("020300000000001616000001000400000000000000000000000000000000")  # result code 4
ABORTED = bytes.fromhex("020300000000001616000001000f00000000000000000000000000000000")  # 15: closes


class Frames(Part):
    """Counts frames; holds back its reader when told to."""

    def __init__(self, *, is_write: bool = False, drainable: bool = False) -> None:
        self.request = REQUEST
        self.is_write = is_write
        self.drainable = drainable
        self.frames: list[bytes] = []
        self.begun = trio.Event()
        self.room: trio.Event | None = None

    def receive(self, frame: bytes) -> bool:
        self.frames.append(frame)
        self.begun.set()
        if frame[13]:
            raise error_for(frame[13])
        return ends_answer(frame)

    async def relieve(self) -> None:
        if self.room is not None:
            await self.room.wait()


async def run(client: Client, part: Part, policy: BasePolicy | None = None, *, total: float = math.inf) -> None:
    loop: EventLoop = client.event_loops[0]
    await run_part(loop, client._core, client.nodes[0], part, policy or BasePolicy(), trio.current_time() + total)


def sends(*frames: bytes) -> Script:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(*frames)

    return script


async def settled(server: RawServer) -> None:
    """Wait until all is quiet, with bytes on loopback sockets given time to arrive."""
    for _ in range(3):
        await wait_all_tasks_blocked(0.005)
    assert server.requests


async def test_frames_arrive_in_order_and_the_connection_is_used_again(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, sends(DATA + DATA[:11], DATA[11:] + DATA + LAST))
    async with open_lone_client(server.host) as client:
        for _ in range(3):
            part = Frames()
            await run(client, part)
            assert part.frames == [DATA, DATA, DATA, LAST]
        assert len(server.peers) == 1
        assert client.event_loops[0].statistics().completed == 3
        assert client.nodes[0].streams.statistics().idle == 1


async def test_a_refusal_comes_up_and_keeps_the_connection(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, sends(REFUSAL))
    async with open_lone_client(server.host) as client:
        with pytest.raises(ServerError) as caught:
            await run(client, Frames(is_write=True))
        assert caught.value.result_code == 4
        assert caught.value.node == "A"
        assert not caught.value.in_doubt
        assert client.nodes[0].streams.statistics().idle == 1
        assert client.event_loops[0].statistics().failed == 1


async def test_a_code_that_ends_the_stream_in_the_server_closes_the_connection(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, sends(ABORTED))
    async with open_lone_client(server.host) as client:
        with pytest.raises(ServerError):
            await run(client, Frames())
        assert client.nodes[0].streams.statistics().open == 0


@pytest.mark.parametrize("is_write", [False, True])
async def test_a_stream_that_breaks_is_in_doubt_for_writes(nursery: trio.Nursery, is_write: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(DATA)

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        with pytest.raises(ConnectionFailed) as caught:
            await run(client, Frames(is_write=is_write))
        assert caught.value.in_doubt is is_write
        assert client.nodes[0].streams.statistics().open == 0


async def test_bytes_behind_the_last_message_are_refused(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, sends(LAST + b"\2"))
    async with open_lone_client(server.host) as client:
        with pytest.raises(ProtocolError):
            await run(client, Frames())
        assert client.nodes[0].streams.statistics().open == 0


async def test_no_timeout_runs_while_the_consumer_is_behind(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, sends(DATA, LAST))
    async with open_lone_client(server.host) as client:
        part = Frames()
        part.room = trio.Event()
        async with trio.open_nursery() as parts:
            parts.start_soon(run, client, part, BasePolicy(socket_timeout=1, total_timeout=0))
            await trio.sleep(100)
            assert part.frames == [DATA]
            part.room.set()
        assert part.frames == [DATA, LAST]


@pytest.mark.parametrize(("total", "message"), [(math.inf, "socket_timeout"), (0.5, "total_timeout")])
async def test_silence_between_frames_times_out(
    nursery: trio.Nursery, clock: MockClock, total: float, message: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(DATA)
        await peer.closed()

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        policy = BasePolicy(socket_timeout=1, total_timeout=0 if total == math.inf else total)
        with pytest.raises(CommandTimeout, match=message):
            await run(client, Frames(), policy, total=total)
        assert client.nodes[0].streams.statistics().open == 0
        assert client.event_loops[0].statistics().timed_out == 1


@pytest.mark.parametrize("drainable", [False, True])
async def test_an_abandoned_answer_is_drained_or_its_connection_closed(
    nursery: trio.Nursery, drainable: bool
) -> None:
    go_on = trio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(DATA)
        await go_on.wait()
        await peer.send(DATA, DATA, LAST)
        await peer.closed()

    server = await start_raw_server(nursery, script)
    async with open_lone_client(server.host) as client:
        part = Frames(drainable=drainable)
        async with trio.open_nursery() as parts:
            parts.start_soon(run, client, part, BasePolicy(timeout_delay=5))
            await part.begun.wait()
            parts.cancel_scope.cancel()
        pool = client.nodes[0].streams
        await settled(server)
        assert pool.statistics().draining == pool.statistics().open == int(drainable)
        go_on.set()
        if drainable:
            await settled(server)
            assert pool.statistics().recovered == pool.statistics().idle == 1
        assert client.event_loops[0].statistics().cancelled == 1
        assert client.event_loops[0].statistics().in_process == 0


async def test_parts_wait_for_places_like_commands(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, sends(DATA, LAST))
    limits = EventPolicy(max_commands_in_process=1, max_commands_in_queue=2)
    async with open_lone_client(server.host, event_policy=limits) as client:
        slow = Frames()
        slow.room = trio.Event()
        async with trio.open_nursery() as parts:
            for part in (slow, Frames(), Frames()):
                parts.start_soon(run, client, part)
                await settled(server)
            with pytest.raises(QueueFull):
                await run(client, Frames())
            slow.room.set()
        assert server.peak == 1
        statistics = client.event_loops[0].statistics()
        assert (statistics.completed, statistics.peak_in_process, statistics.peak_queued) == (3, 1, 2)


async def test_a_long_answer_never_shares_a_pipelined_connection(nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, sends(DATA, LAST))
    policy = ClientPolicy(pipeline_depth=8, pipe_max_conns_per_node=3)
    async with open_lone_client(server.host, policy=policy, limit=5) as client:
        await run(client, Frames())
        statistics = client.nodes[0].statistics()
        assert statistics.streams is not None
        assert (statistics.streams.opened, statistics.pool.opened) == (1, 0)
        assert (statistics.streams.limit, statistics.pool.limit) == (5, 3)
