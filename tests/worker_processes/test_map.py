"""One function and many items: order, bounds, failures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import trio
import trio.testing

from triospike.workers import MappedResults, Workers
from triospike.workers.pickles import MainProgram
from worker_processes import calls
from worker_processes.holding import come_true, workers_at_work


async def test_results_come_in_the_order_of_the_items() -> None:
    async with workers_at_work(2) as workers:
        async with workers.map(calls.double, range(1000), chunk=7) as results:
            assert [result async for result in results] == [2 * number for number in range(1000)]
        async with workers.map(calls.double, [], chunk=7) as nothing:
            assert [result async for result in nothing] == []
        async with workers.map(calls.double, range(1000), chunk=7, ordered=False) as results:
            assert sorted([result async for result in results]) == [2 * number for number in range(1000)]
        assert workers.loads == (0, 0)


async def test_no_more_items_are_taken_than_are_in_flight() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    async with workers_at_work() as workers, workers.map(calls.double, items(), chunk=5, in_flight=2) as results:
        for expected in range(100):
            assert await anext(results) == 2 * expected
            await trio.testing.wait_all_tasks_blocked()
            chunk = expected // 5
            assert len(taken) <= min(100, 5 * (chunk + 1) + 10)
        with pytest.raises(StopAsyncIteration):
            await anext(results)
    assert len(taken) == 100


async def test_items_come_from_a_channel_and_a_slow_one_holds_nobody_up() -> None:
    async with workers_at_work() as workers:
        send, receive = trio.open_memory_channel[int](0)
        async with workers.map(calls.double, receive) as results, send:
            for number in range(3):  # each result before the next item: no chunk is waited for
                await send.send(number)
                assert await anext(results) == 2 * number
            await send.aclose()
            assert [result async for result in results] == []


async def take(results: MappedResults[int], into: list[int]) -> None:
    """All there are, kept even if the last step fails."""
    async for result in results:
        into.append(result)  # noqa: PERF401  a list that were made at once would be lost with the error


async def test_an_item_that_fails_does_so_in_the_place_of_its_chunk() -> None:
    got: list[int] = []
    async with workers_at_work() as workers, workers.map(calls.stop_at, range(100), chunk=5) as results:
        with pytest.raises(ValueError, match="no 7") as raised:
            await take(results, got)
        assert got == [0, 2, 4, 6, 8]
        assert "in stop_at" in raised.value.__notes__[0]


async def test_items_that_fail_do_so_behind_those_before() -> None:
    def some() -> Iterator[int]:
        yield from (1, 2)
        raise KeyError("third")

    async def others() -> AsyncIterator[int]:
        for item in some():
            await trio.lowlevel.checkpoint()
            yield item

    async with workers_at_work() as workers:
        for source in (some, others):
            got: list[int] = []
            async with workers.map(calls.double, source(), chunk=1) as results:
                with pytest.raises(KeyError, match="third"):
                    await take(results, got)
            assert got == [2, 4]


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    async def block() -> None:
        async with workers_at_work() as workers, workers.map(calls.double, range(10)):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await block()


async def test_leaving_the_block_cancels_what_is_at_work() -> None:
    async with workers_at_work() as workers:

        async def load_is(expected: int) -> bool:
            await trio.lowlevel.checkpoint()
            return workers.loads == (expected,)

        async with workers.map(calls.hold, ["a", "b", "c"], chunk=1):
            await come_true(lambda: load_is(2))
        await come_true(lambda: load_is(0))
        states = await workers.run(calls.states)
        assert set(states.values()) <= {"ended"}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"chunk": 0}, ValueError, "chunk must be at least 1, not 0"),
        ({"in_flight": 0}, ValueError, "in_flight must be at least 1, not 0"),
        ({"tasks": True}, TypeError, "tasks must be an int, not bool"),
    ],
)
async def test_numbers_that_can_not_be_are_refused(
    arguments: dict[str, int], error: type[Exception], message: str
) -> None:
    wanted = {"chunk": 1, "in_flight": 1, "tasks": 1, **arguments}
    with pytest.raises(error, match=message):
        Workers(1, b"", MainProgram()).map(
            calls.double, [1], chunk=wanted["chunk"], in_flight=wanted["in_flight"], tasks=wanted["tasks"]
        )
