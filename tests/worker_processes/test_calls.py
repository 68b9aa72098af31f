"""Calls of functions in worker processes: results, errors, cancels."""

from __future__ import annotations

import re
from functools import partial

import pytest
import trio
import trio.testing

from triospike import ClientClosed, ClientPolicy, EventPolicy, GenerationError, InvalidNode
from triospike.workers import Workers
from worker_processes import calls
from worker_processes.holding import come_true, nothing_runs, processes_at_work, workers_at_work


async def test_calls_run_in_processes_of_their_own_with_clients_of_their_own() -> None:
    async with processes_at_work(2) as workers:
        assert len(workers) == 2
        assert {await workers.run(calls.pid) for _ in range(4)} == set(workers.pids)
        await workers.run(calls.put, "here", value=7)
        assert [await workers.run(calls.read, "here") for _ in range(2)] == [7, 7]
        assert await workers.run(calls.read, "nowhere") is None
        pids = workers.pids
    assert nothing_runs(pids)


async def test_a_call_goes_to_the_worker_that_has_least_to_do() -> None:
    async with workers_at_work(3) as workers, trio.open_nursery() as nursery:
        for expected in ((1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 1)):
            nursery.start_soon(workers.run, calls.hold, "busy")
            await trio.testing.wait_all_tasks_blocked()
            assert workers.loads == expected
        assert repr(workers) == "<Workers: 3, calls at work: 2, 1, 1>"
        nursery.cancel_scope.cancel()


async def test_policies_reach_the_workers() -> None:
    policy = ClientPolicy(event_loops=3, ip_map={"10.0.0.1": "127.0.0.1"})
    limits = EventPolicy(max_commands_in_process=5)
    async with workers_at_work(policy=policy, event_policy=limits) as workers:
        assert await workers.run(calls.policy_of) == (3, 5)


async def test_errors_arrive_as_they_were_raised_and_say_where() -> None:
    async with workers_at_work() as workers:
        with pytest.raises(GenerationError) as raised:
            await workers.run(calls.fail)
        error = raised.value
        assert (error.result_code, error.node, error.in_doubt, error.iterations) == (3, "BB2", True, 2)
        assert [(type(sub), sub.result_code, sub.node) for sub in error.sub_errors] == [(InvalidNode, -8, "BB1")]
        [note] = error.__notes__
        assert re.match(r"In worker 0:\nTraceback ", note)
        assert "in fail\n" in note

        with pytest.raises(
            RuntimeError, match=r"can't be pickled: worker_processes\.calls\.AwkwardError: 1 and 2"
        ) as other:
            await workers.run(calls.fail_awkwardly)
        assert "in fail_awkwardly\n" in other.value.__notes__[0]

        with pytest.raises(TypeError, match="what the function returned can't be pickled"):
            await workers.run(calls.unpicklable)
        assert await workers.run(calls.double, 4) == 8


async def test_what_can_not_be_pickled_is_refused_before_anything_is_sent() -> None:
    async with workers_at_work() as workers:
        with pytest.raises(TypeError, match=r"the call of <function .*lambda.* can't be pickled"):
            await workers.run(lambda client: calls.double(client, 1))
        assert workers.loads == (0,)


async def test_a_cancelled_call_is_over_at_once_and_cancels_its_task_in_the_worker() -> None:
    async with workers_at_work() as workers:

        async def is_(state: str) -> bool:
            return (await workers.run(calls.states)).get("cancelled") == state

        async with trio.open_nursery() as nursery:
            nursery.start_soon(workers.run, calls.hold, "cancelled")
            await come_true(lambda: is_("running"))
            assert workers.loads == (1,)
            nursery.cancel_scope.cancel()
        await come_true(lambda: is_("ended"))
        assert workers.loads == (0,)


async def test_a_call_cancelled_before_it_was_sent_is_never_sent() -> None:
    async with workers_at_work() as workers:
        with trio.CancelScope() as scope:
            scope.cancel()
            await workers.run(calls.put, "never", value=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(workers.run, calls.put, "never", value=1))
            nursery.cancel_scope.cancel()
        assert await workers.run(calls.read, "never") is None


async def test_leaving_the_block_waits_for_calls_of_other_tasks() -> None:
    done: list[int] = []

    async def call(workers: Workers, number: int) -> None:
        done.append(await workers.run(calls.double, number))

    async with trio.open_nursery() as nursery:
        async with workers_at_work(2) as workers:
            for number in range(20):
                nursery.start_soon(call, workers, number)
            await trio.testing.wait_all_tasks_blocked()
        assert sorted(done) == [2 * number for number in range(20)]
        with pytest.raises(ClientClosed, match="block of the workers was left"):
            await workers.run(calls.double, 1)


async def test_large_values_cross_whole() -> None:
    async with workers_at_work() as workers:
        large = "x" * 3_000_000
        assert await workers.run(calls.double, large) == large * 2  # type: ignore[arg-type,comparison-overlap]
