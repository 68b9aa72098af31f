"""Attempts on the wire: what is counted, what becomes of the connection, where the next attempt goes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, Script, answering, silent, start_raw_server
from fixtures.wire import answer, frame
from triospike.errors import AerospikeError, CommandTimeout, ConnectionFailed, InvalidNode, MaxErrorRate
from triospike.key import Key
from triospike.policy import ClientPolicy, ReadModeSC, ReadPolicy, RemovePolicy, Replica, WritePolicy

KEY = Key("test", "s", 1)


def says(*frames: bytes) -> Script:
    async def script(peer: Peer) -> None:
        for one in frames:
            await peer.request()
            await peer.send(one)
        await peer.closed()

    return script


async def closes(peer: Peer) -> None:
    await peer.request()


async def begins(peer: Peer) -> None:
    await peer.request()
    await peer.send(answer()[:9])
    await peer.closed()


@attrs.frozen
class Outcome:
    """What one attempt leaves: the connection idle, draining or closed, and counts of its node."""

    name: str
    script: Script
    connection: str
    errors: int = 0
    timeouts: int = 0
    key_busy: int = 0
    policy: dict[str, Any] = attrs.field(factory=dict)


NO_DELAY = {"timeout_delay": 0.0}
OUTCOMES = [
    Outcome("success", says(answer()), "idle"),
    Outcome("closed by the server", closes, "closed", errors=1),
    Outcome("not a frame", says(b"SSH-2.0-OpenSSH"), "closed", errors=1),
    Outcome("malformed answer", says(frame(3, b"\x16")), "closed", errors=1),
    Outcome("timeout", silent, "draining", timeouts=1),
    Outcome("timeout within the answer", begins, "draining", timeouts=1),
    Outcome("timeout without timeout_delay", silent, "closed", errors=1, timeouts=1, policy=NO_DELAY),
    Outcome("9 server timeout", says(answer(9)), "idle", errors=1, timeouts=1),
    Outcome("11 unavailable", says(answer(11)), "idle", errors=1),
    Outcome("18 device overload", says(answer(18)), "idle", errors=1),
    Outcome("14 key busy", says(answer(14)), "idle", key_busy=1),
    Outcome("80 not authenticated", says(answer(80)), "closed", errors=1),
    Outcome("15 scan aborted", says(answer(15)), "closed", errors=1),
    Outcome("210 query aborted", says(answer(210)), "closed", errors=1),
    *(Outcome(f"code {code}", says(answer(code)), "idle") for code in (1, 2, 3, 4, 5, 12, 22, 27, 81, 255)),
]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.name)
async def test_each_outcome_keeps_or_closes_the_connection_and_is_counted_as_the_c_client_does(
    clock: MockClock, nursery: trio.Nursery, outcome: Outcome
) -> None:
    server = await start_raw_server(nursery, outcome.script)
    async with open_lone_client(server.host) as client:
        with suppress(AerospikeError):
            await client.delete(KEY, policy=RemovePolicy(**outcome.policy))
        await wait_all_tasks_blocked()
        node = client.nodes[0].statistics()
        assert (node.errors, node.timeouts, node.key_busy) == (outcome.errors, outcome.timeouts, outcome.key_busy)
        assert node.errors_in_window == outcome.errors
        pool = node.pool
        assert {"idle": pool.idle, "draining": pool.draining, "closed": 1 - pool.open}[outcome.connection] == 1
        assert pool.in_use == 0


@pytest.mark.parametrize("replica", [Replica.SEQUENCE, Replica.PREFER_RACK])
async def test_a_read_that_fails_goes_on_to_the_other_replica(
    clock: MockClock, nursery: trio.Nursery, replica: Replica
) -> None:
    a = await start_raw_server(nursery, closes)
    b = await start_raw_server(nursery, says(answer(0, n=7)))
    async with open_lone_client(a.host, b.host) as client:
        record = await client.get(KEY, policy=ReadPolicy(replica=replica))
        assert record is not None
        assert record.bins == {"n": 7}
        assert (len(a.requests), len(b.requests), client.statistics().retries) == (1, 1, 1)


@pytest.mark.parametrize(
    "policy",
    [
        ReadPolicy(replica=Replica.MASTER, max_retries=3, socket_timeout=0.1),
        ReadPolicy(read_mode_sc=ReadModeSC.LINEARIZE, max_retries=3, socket_timeout=0.1),
        WritePolicy(max_retries=3, socket_timeout=0.1),
    ],
    ids=["master", "linearize", "write"],
)
async def test_what_must_stay_with_the_master_stays_after_a_timeout(
    clock: MockClock, nursery: trio.Nursery, policy: Any
) -> None:
    a, b = await start_raw_server(nursery, silent), await start_raw_server(nursery, answering)
    async with open_lone_client(a.host, b.host) as client:
        with pytest.raises(CommandTimeout):
            await (
                client.put(KEY, {"b": 1}, policy=policy)
                if isinstance(policy, WritePolicy)
                else client.get(KEY, policy=policy)
            )
    assert (len(a.peers), len(b.peers)) == (4, 0)


async def test_a_write_whose_connection_breaks_goes_on_to_the_other_replica(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    a, b = await start_raw_server(nursery, closes), await start_raw_server(nursery, answering)
    async with open_lone_client(a.host, b.host) as client:
        await client.put(KEY, {"b": 1}, policy=WritePolicy(max_retries=1))
    assert (len(a.requests), len(b.requests)) == (1, 1)


async def test_writes_are_not_tried_again_unless_told_to(clock: MockClock, nursery: trio.Nursery) -> None:
    a, b = await start_raw_server(nursery, closes), await start_raw_server(nursery, answering)
    async with open_lone_client(a.host, b.host) as client:
        with pytest.raises(ConnectionFailed) as caught:
            await client.put(KEY, {"b": 1})
    assert (caught.value.iterations, caught.value.sub_errors) == (1, ())


async def test_a_pooled_connection_that_has_died_costs_a_read_one_retry_at_most(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    async def answers_once(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer())

    server = await start_raw_server(nursery, answers_once)
    async with open_lone_client(server.host) as client:
        for _ in range(5):
            await client.get(KEY)
        assert len(server.requests) == 5


async def test_the_last_error_knows_those_before_it(clock: MockClock, nursery: trio.Nursery) -> None:
    a, b = await start_raw_server(nursery, closes), await start_raw_server(nursery, says(answer(18), answer(4)))
    async with open_lone_client(a.host, b.host) as client:
        with pytest.raises(AerospikeError) as caught:
            await client.get(KEY, policy=ReadPolicy(max_retries=5, sleep_between_retries=0.1))
    error = caught.value
    assert [(type(sub).__name__, sub.node) for sub in error.sub_errors] == [
        ("ConnectionFailed", "A"),
        ("Overloaded", "B"),
        ("ConnectionFailed", "A"),
    ]
    assert (error.result_code, error.node, error.iterations) == (4, "B", 4)


async def test_a_node_over_its_error_rate_is_not_asked(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, closes)
    async with open_lone_client(server.host, policy=ClientPolicy(max_error_rate=2)) as client:
        for _ in range(3):
            with pytest.raises(ConnectionFailed):
                await client.put(KEY, {"b": 1})
        with pytest.raises(MaxErrorRate) as caught:
            await client.get(KEY)
        assert (caught.value.iterations, caught.value.node, len(server.requests)) == (3, "A", 3)
        assert client.nodes[0].statistics().errors == 3


async def test_a_read_passes_by_a_node_over_its_error_rate(clock: MockClock, nursery: trio.Nursery) -> None:
    a, b = await start_raw_server(nursery, answering), await start_raw_server(nursery, answering)
    async with open_lone_client(a.host, b.host) as client:
        client.nodes[0].window.errors = 1000
        await client.get(KEY)
    assert (len(a.requests), len(b.requests)) == (0, 1)


async def test_without_a_node_there_is_no_retry(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, answering)
    async with open_lone_client(server.host) as client:
        client.nodes[0].active = False
        with pytest.raises(InvalidNode) as caught:
            await client.get(KEY, policy=ReadPolicy(replica=Replica.MASTER))
    assert caught.value.iterations == 1


async def test_a_broken_connection_brings_the_next_tend_forward(clock: MockClock, nursery: trio.Nursery) -> None:
    told: list[str] = []
    server = await start_raw_server(nursery, closes)
    async with open_lone_client(server.host) as client:
        client.nodes[0].pool.on_broken = lambda: told.append("broken")
        with pytest.raises(ConnectionFailed):
            await client.put(KEY, {"b": 1})
    assert told == ["broken"]


# Abandoned commands.


async def numbered_late(peer: Peer) -> None:
    """Answers each request with its own number, the first one three seconds late."""
    for number in range(10):
        await peer.request()
        await peer.send(answer(0, n=number), pause=2.5 if not number else None)


@pytest.mark.parametrize("how", ["timeout", "cancel"])
async def test_a_late_answer_never_reaches_another_command(
    clock: MockClock, nursery: trio.Nursery, how: str
) -> None:
    server = await start_raw_server(nursery, numbered_late)
    async with open_lone_client(server.host, limit=1) as client:
        began = trio.current_time()
        with trio.move_on_after(1 if how == "cancel" else 100):
            with pytest.raises((CommandTimeout, trio.Cancelled)):
                await client.get(KEY, policy=ReadPolicy(total_timeout=1, max_retries=0))
            await trio.lowlevel.checkpoint()
        assert trio.current_time() - began == pytest.approx(1, abs=0.01)
        await wait_all_tasks_blocked()
        assert client.event_loops[0].statistics().draining == 1
        record = await client.get(KEY, policy=ReadPolicy(total_timeout=10))
        assert record is not None
        assert record.bins == {"n": 1}
        pool = client.nodes[0].pool.statistics()
        assert (pool.recovered, pool.opened, len(server.peers)) == (1, 1, 1)
        assert client.event_loops[0].statistics().draining == 0


async def test_an_abandoned_connection_counts_against_the_limit_until_timeout_delay_ends(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host, limit=1) as client:
        with pytest.raises(CommandTimeout):
            await client.get(KEY, policy=ReadPolicy(total_timeout=1, max_retries=0, timeout_delay=2))
        server.script = answering
        began = trio.current_time()
        await client.get(KEY, policy=ReadPolicy(total_timeout=10))
        assert trio.current_time() - began == pytest.approx(2, abs=0.01)
        pool = client.nodes[0].pool.statistics()
        assert (pool.aborted, pool.closed, pool.open, server.peak) == (1, 1, 1, 1)


async def test_a_cancel_ends_the_command_in_the_callers_own_scope(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        with trio.move_on_after(0.05) as scope:
            await client.get(KEY)
        assert scope.cancelled_caught
        with pytest.raises(trio.TooSlowError), trio.fail_after(0.05):
            await client.get(KEY)
        loop = client.event_loops[0].statistics()
        assert (loop.cancelled, loop.timed_out, loop.in_process) == (2, 0, 0)


async def test_our_own_timeout_is_not_mistaken_for_the_callers(clock: MockClock, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, silent)
    async with open_lone_client(server.host) as client:
        with trio.move_on_after(1) as scope, pytest.raises(CommandTimeout):
            await client.get(KEY, policy=ReadPolicy(total_timeout=0.5, max_retries=0))
        assert not scope.cancelled_caught


async def test_an_answer_that_is_there_in_time_counts_though_the_deadline_passes(
    clock: MockClock, nursery: trio.Nursery
) -> None:
    server = await start_raw_server(nursery, says(answer()))
    async with open_lone_client(server.host) as client:
        await client.get(KEY, policy=ReadPolicy(total_timeout=0.5))
        await trio.sleep(10)
        assert client.event_loops[0].statistics().timed_out == 0
