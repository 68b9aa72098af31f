from __future__ import annotations

import math
import random
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike._net.deadlines import Deadlines

MANY = 20_000


@attrs.define(eq=False)
class Waiting:
    name: str = ""
    told_at: list[float] = attrs.field(factory=list)
    log: list[str] = attrs.field(factory=list)

    def expire(self) -> None:
        self.told_at.append(trio.current_time())
        self.log.append(self.name)


def entries(deadlines: Deadlines) -> int:
    """Entries of the heap, those that nobody waits for any more included."""
    inside: Any = deadlines
    return len(inside._heap)


@pytest.fixture
async def start(deadlines: Deadlines) -> float:
    await wait_all_tasks_blocked()
    return trio.current_time()


async def test_each_is_told_at_its_deadline_and_not_before(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    late, early, middle = Waiting(), Waiting(), Waiting()
    deadlines.watch(start + 3, late)
    deadlines.watch(start + 1, early)
    deadlines.watch(start + 2, middle)
    await trio.sleep(10)
    assert (early.told_at, middle.told_at, late.told_at) == ([start + 1], [start + 2], [start + 3])
    assert len(deadlines) == entries(deadlines) == 0


async def test_equal_deadlines_are_told_in_the_order_of_their_coming(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    log: list[str] = []
    for name in "abcdef":
        deadlines.watch(start + 1, Waiting(name, log=log))
    await trio.sleep(1.5)
    assert "".join(log) == "abcdef"


async def test_a_deadline_in_the_past_is_told_at_once(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    waiting = Waiting()
    deadlines.watch(start - 5, waiting)
    await trio.sleep(0.001)
    assert waiting.told_at == [start]


async def test_an_earlier_deadline_moves_the_alarm_forward(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    late, early = Waiting(), Waiting()
    deadlines.watch(start + 10, late)
    await trio.sleep(1)
    deadlines.watch(start + 2, early)
    await trio.sleep(20)
    assert (early.told_at, late.told_at) == ([start + 2], [start + 10])


async def test_a_forgotten_deadline_is_never_told_and_the_others_still_are(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    gone, kept = Waiting(), Waiting()
    entry = deadlines.watch(start + 1, gone)
    deadlines.watch(start + 2, kept)
    assert len(deadlines) == 2
    deadlines.forget(entry)
    assert len(deadlines) == 1
    await trio.sleep(10)
    assert (gone.told_at, kept.told_at) == ([], [start + 2])


async def test_forgetting_twice_or_after_the_deadline_changes_nothing(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    told, forgotten = Waiting(), Waiting()
    past = deadlines.watch(start + 1, told)
    gone = deadlines.watch(start + 5, forgotten)
    await trio.sleep(2)
    for entry in (past, past, gone, gone):
        deadlines.forget(entry)
    assert len(deadlines) == 0
    await trio.sleep(10)
    assert (told.told_at, forgotten.told_at) == ([start + 1], [])


async def test_no_deadline_is_not_kept(autojump_clock: MockClock, start: float, deadlines: Deadlines) -> None:
    waiting = Waiting()
    entry = deadlines.watch(math.inf, waiting)
    assert len(deadlines) == entries(deadlines) == 0
    deadlines.forget(entry)
    await trio.sleep(10_000)
    assert waiting.told_at == []


@pytest.mark.parametrize("live", [0, 1, 500])
async def test_the_heap_stays_short_while_many_come_and_go(
    autojump_clock: MockClock, start: float, deadlines: Deadlines, live: int
) -> None:
    kept = [Waiting() for _ in range(live)]
    for waiting in kept:
        deadlines.watch(start + 50, waiting)
    longest = 0
    for index in range(MANY):
        deadlines.forget(deadlines.watch(start + 100 - index / MANY, Waiting()))
        longest = max(longest, entries(deadlines))
    assert len(deadlines) == live
    assert longest <= 2 * live + 70
    await trio.sleep(60)
    assert all(waiting.told_at == [start + 50] for waiting in kept)


async def test_many_that_are_forgotten_in_any_order_leave_a_heap_of_those_that_wait(
    autojump_clock: MockClock, start: float, deadlines: Deadlines
) -> None:
    dice = random.Random(1)
    waiting = [Waiting() for _ in range(MANY)]
    pairs = [(deadlines.watch(start + dice.uniform(1, 9), one), one) for one in waiting]
    assert entries(deadlines) == MANY
    dice.shuffle(pairs)
    forgotten, kept = pairs[: MANY - 100], pairs[MANY - 100 :]
    for count, (entry, _) in enumerate(forgotten, 1):
        deadlines.forget(entry)
        assert entries(deadlines) <= 2 * (MANY - count) + 65
    assert len(deadlines) == 100
    await trio.sleep(10)
    assert all(len(one.told_at) == 1 for _, one in kept)
    assert not any(one.told_at for _, one in forgotten)
    assert len(deadlines) == entries(deadlines) == 0
