"""What a parked task is woken with does what Trio and `outcome` ask of any outcome."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import outcome
import trio
import trio.testing

from triospike._net.arrived import Arrived


async def test_a_task_is_woken_with_the_answer() -> None:
    received = []
    task: list[trio.lowlevel.Task] = []

    async def wait() -> None:
        task.append(trio.lowlevel.current_task())
        received.append(await trio.lowlevel.wait_task_rescheduled(lambda _: trio.lowlevel.Abort.SUCCEEDED))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        trio.lowlevel.reschedule(task[0], Arrived(b"answer"))
    assert received == [b"answer"]


def test_an_answer_is_not_kept_once_it_was_taken() -> None:
    arrived = Arrived(b"answer")
    assert isinstance(arrived, outcome.Outcome)
    assert repr(arrived) == "<Arrived: 6 bytes>"
    assert arrived.unwrap() == b"answer"
    assert arrived.frame == b""


def test_generators_are_sent_the_answer() -> None:
    def echo() -> Generator[bytes, bytes, None]:
        yield (yield b"")

    waiting = echo()
    next(waiting)
    assert Arrived(b"answer").send(waiting) == b"answer"


async def test_asynchronous_generators_are_sent_the_answer() -> None:
    async def echo() -> AsyncGenerator[bytes, bytes]:
        yield (yield b"")

    waiting = echo()
    await anext(waiting)
    assert await Arrived(b"answer").asend(waiting) == b"answer"
    await waiting.aclose()
