"""Connections that wait are told when they have waited for long enough, whatever changes meanwhile."""

from __future__ import annotations

import math
import random
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike._net.alarms import Alarms


@attrs.define(eq=False)
class Waiting:
    until: float = math.inf
    alarm: float = math.inf
    told_at: list[float] = attrs.field(factory=list)
    again: float = math.inf

    def expire(self) -> None:
        self.told_at.append(trio.current_time())
        self.until, self.again = self.again, math.inf


def wait(alarms: Alarms, waiting: Waiting, until: float) -> None:
    """As a connection does it."""
    waiting.until = until
    if until < waiting.alarm:
        alarms.set(waiting)


def entries(alarms: Alarms) -> int:
    """Entries of the heap, those that came too late included."""
    inside: Any = alarms
    return len(inside._heap)


@pytest.fixture
async def alarms(nursery: trio.Nursery) -> Alarms:
    alarms = Alarms()
    nursery.start_soon(alarms.run)
    await wait_all_tasks_blocked()
    return alarms


async def test_each_is_told_at_its_time_and_once(autojump_clock: MockClock, alarms: Alarms) -> None:
    start = trio.current_time()
    late, early = Waiting(), Waiting()
    wait(alarms, late, start + 3)
    wait(alarms, early, start + 1)
    assert len(alarms) == 2
    await trio.sleep(10)
    assert (early.told_at, late.told_at) == ([start + 1], [start + 3])
    assert (early.until, early.alarm) == (math.inf, math.inf)
    assert len(alarms) == entries(alarms) == 0


async def test_a_time_in_the_past_is_told_at_once(autojump_clock: MockClock, alarms: Alarms) -> None:
    start = trio.current_time()
    waiting = Waiting()
    wait(alarms, waiting, start - 5)
    await trio.sleep(0.001)
    assert waiting.told_at == [start]


async def test_who_has_its_answer_is_never_told(autojump_clock: MockClock, alarms: Alarms) -> None:
    waiting = Waiting()
    wait(alarms, waiting, trio.current_time() + 1)
    waiting.until = math.inf
    await trio.sleep(10)
    assert waiting.told_at == []
    assert len(alarms) == entries(alarms) == 0


async def test_who_waits_for_longer_by_then_is_told_later(autojump_clock: MockClock, alarms: Alarms) -> None:
    start = trio.current_time()
    waiting = Waiting()
    wait(alarms, waiting, start + 1)
    await trio.sleep(0.5)
    wait(alarms, waiting, start + 1.5)
    await trio.sleep(10)
    assert waiting.told_at == [start + 1.5]


async def test_who_waits_for_less_is_told_earlier_and_not_twice(autojump_clock: MockClock, alarms: Alarms) -> None:
    start = trio.current_time()
    waiting = Waiting()
    wait(alarms, waiting, start + 9)
    await trio.sleep(1)
    wait(alarms, waiting, start + 2)
    assert len(alarms) == 1
    await trio.sleep(20)
    assert waiting.told_at == [start + 2]
    assert entries(alarms) == 0


async def test_who_waits_anew_when_told_is_told_again(autojump_clock: MockClock, alarms: Alarms) -> None:
    start = trio.current_time()
    waiting = Waiting(again=start + 4)
    wait(alarms, waiting, start + 1)
    await trio.sleep(10)
    assert waiting.told_at == [start + 1, start + 4]


async def test_commands_that_end_in_time_leave_one_entry_for_each_connection(
    autojump_clock: MockClock, alarms: Alarms
) -> None:
    connections = [Waiting() for _ in range(10)]
    for _ in range(5_000):
        for waiting in connections:
            wait(alarms, waiting, trio.current_time() + 1)
            waiting.until = math.inf
        await trio.sleep(0.001)
        assert entries(alarms) <= len(connections)
    assert not any(waiting.told_at for waiting in connections)


@pytest.mark.parametrize("seed", range(5))
async def test_nobody_is_told_early_or_late_however_the_times_change(
    autojump_clock: MockClock, alarms: Alarms, seed: int
) -> None:
    dice = random.Random(seed)
    connections = [Waiting() for _ in range(20)]
    expected: dict[int, list[float]] = {index: [] for index in range(20)}
    most = 0
    for _ in range(3_000):
        now = trio.current_time()
        for waiting in connections:
            if waiting.until < math.inf and dice.random() < 0.3:
                waiting.until = math.inf
            if waiting.until == math.inf and dice.random() < 0.2:
                wait(alarms, waiting, now + dice.choice([0.0125, 0.1025, 1.0025, 5.0025]))
        # Times lie between two steps.
        due = {index: one.until for index, one in enumerate(connections) if one.until < now + 0.01}
        for index, until in due.items():
            expected[index].append(until)
        await trio.sleep(0.01)
        most = max(most, entries(alarms))
    assert {index: one.told_at for index, one in enumerate(connections)} == expected
    assert sum(map(len, expected.values())) > 100
    assert most < 500
