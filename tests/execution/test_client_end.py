"""The end of a client's block, as those see it who still hold the client."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import triospike
from triospike import operations as op
from triospike.errors import AerospikeError, ClientClosed, ForkedClient
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy
from triospike.server import Fault, Server

from .holding import key, settle

Call = Callable[[triospike.Client], Awaitable[object]]
CALLS: dict[str, Call] = {
    "get": lambda client: client.get(key(1)),
    "get_header": lambda client: client.get_header(key(1)),
    "exists": lambda client: client.exists(key(1)),
    "put": lambda client: client.put(key(1), {"b": 1}),
    "add": lambda client: client.add(key(1), {"b": 1}),
    "append": lambda client: client.append(key(1), {"b": "1"}),
    "prepend": lambda client: client.prepend(key(1), {"b": "1"}),
    "touch": lambda client: client.touch(key(1)),
    "delete": lambda client: client.delete(key(1)),
    "operate": lambda client: client.operate(key(1), [op.read("b")]),
    "info": lambda client: client.info("namespaces"),
    "info_all": lambda client: client.info_all("namespaces"),
    "submit": lambda client: client.submit(client.prepare.get(key(1))).wait(),
    "a view": lambda client: client.on(client.event_loops[0]).get(key(1)),
    "a view with policies": lambda client: client.with_policy(read=ReadPolicy()).get(key(1)),
}

each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


class UserError(Exception):
    pass


@each_call
async def test_after_the_block_every_call_says_that_the_client_is_closed(embedded: Server, call: Call) -> None:
    async with triospike.open_client(*embedded.hosts) as client:
        pass
    with pytest.raises(ClientClosed, match="its `async with` block was left"):
        await call(client)
    assert repr(client) == "<Client of no nodes, closed>"
    assert client.nodes == ()


@each_call
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
async def test_after_a_fork_every_call_says_so_at_once(embedded: Server, call: Call) -> None:
    async with triospike.open_client(*embedded.hosts) as client:
        await client.get(key(1))
        child = os.fork()
        if not child:
            await _report(call, client)
        assert _exit_code(child) == 0
        await client.get(key(1))  # the parent's connections are untouched


def _exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


async def _report(call: Call, client: triospike.Client) -> None:
    """End this process with 0 if the call raises as it should, without ever returning to Trio's loop."""
    status = 1
    try:
        await call(client)
    except ForkedClient as error:
        status = 0 if "opened before fork()" in str(error) else 2
    finally:
        os._exit(status)


@pytest.mark.parametrize("limit", [0, 1])
async def test_callers_outside_the_block_are_told_when_it_ends(
    clock: MockClock, embedded: Server, nursery: trio.Nursery, limit: int
) -> None:
    embedded.faults.add(Fault("drop", command="read"))
    errors: list[AerospikeError] = []

    async def get(client: triospike.Client, number: int) -> None:
        with pytest.raises(ClientClosed) as caught:
            await client.get(key(number))
        errors.append(caught.value)

    policy = ClientPolicy(read=ReadPolicy(total_timeout=0, socket_timeout=0), async_max_conns_per_node=limit or 2)
    began = trio.current_time()

    async def leave() -> None:
        async with (
            triospike.open_event_loops(1, EventPolicy(max_commands_in_process=limit)) as loops,
            triospike.open_client(*embedded.hosts, policy=policy, event_loops=loops) as client,
        ):
            for number in range(5):
                nursery.start_soon(get, client, number)
            await settle()
            raise UserError

    with pytest.raises(UserError):
        await leave()
    await settle()
    assert len(errors) == 5
    assert trio.current_time() - began < 1
    assert embedded.counters.connections_open == 0


async def test_an_error_of_the_block_comes_out_as_it_is(embedded: Server) -> None:
    async def body() -> None:
        async with triospike.open_client(*embedded.hosts) as client:
            await client.touch(key(1))

    with pytest.raises(triospike.RecordNotFound) as caught:
        await body()
    assert caught.value.__context__ is None


async def test_a_cancel_ends_the_block_and_leaves_nothing(clock: MockClock, embedded: Server) -> None:
    await wait_all_tasks_blocked()
    before = trio.lowlevel.current_statistics().tasks_living
    with trio.move_on_after(0.5) as scope:
        async with triospike.open_client(*embedded.hosts) as client:
            async with trio.open_nursery() as callers:
                for number in range(20):
                    callers.start_soon(client.get, key(number))
            await trio.sleep_forever()
    assert scope.cancelled_caught
    await settle()
    assert trio.lowlevel.current_statistics().tasks_living == before
    assert embedded.counters.connections_open == 0


async def test_abandoned_answers_do_not_keep_the_block_open(clock: MockClock, embedded: Server) -> None:
    embedded.faults.add(Fault("delay", command="read", seconds=50))
    async with triospike.open_client(*embedded.hosts) as client:
        with trio.move_on_after(0.1):
            await client.get(key(1), policy=ReadPolicy(timeout_delay=100, total_timeout=0))
        began = trio.current_time()
    assert trio.current_time() - began < 0.1
