from __future__ import annotations

import trio
from trio.testing import MockClock

from triospike._cluster.pace import Pace


class Log:
    def __init__(self, pace: Pace, *, seconds: float = 0.0, broken: bool = False) -> None:
        self.calls: list[tuple[float, bool]] = []
        self._pace = pace
        self._seconds = seconds
        self.broken = broken

    async def tend(self, regular: bool) -> None:
        self.calls.append((round(trio.current_time(), 3), regular))
        await trio.sleep(self._seconds)
        if self.broken:
            self._pace.hasten()


async def run(pace: Pace, log: Log, seconds: float) -> list[tuple[float, bool]]:
    with trio.move_on_after(seconds):
        await pace.run(log.tend)
    return log.calls


async def test_tends_at_every_interval(autojump_clock: MockClock) -> None:
    pace = Pace(1.0)

    assert await run(pace, Log(pace), 3.5) == [(1, True), (2, True), (3, True)]


async def test_the_time_of_a_tend_is_part_of_the_interval(autojump_clock: MockClock) -> None:
    pace = Pace(1.0)

    assert await run(pace, Log(pace, seconds=0.4), 3.5) == [(1, True), (2, True), (3, True)]


async def test_evidence_brings_one_tend_forward(autojump_clock: MockClock) -> None:
    pace = Pace(1.0)
    log = Log(pace)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, pace, log, 2.5)
        await trio.sleep(0.3)
        for _ in range(10):
            pace.hasten()

    assert log.calls == [(0.3, False), (1, True), (2, True)]


async def test_evidence_that_does_not_cease_slows_down_to_the_interval(autojump_clock: MockClock) -> None:
    pace = Pace(1.0)
    log = Log(pace, broken=True)
    pace.hasten()

    calls = await run(pace, log, 10.1)

    assert calls[:4] == [(0, False), (0.1, False), (0.3, False), (0.7, False)]
    assert len(calls) <= 3 + 2 * 10, "more than one between two regular ones"
    assert [time for time, regular in calls if regular] == list(range(1, 11))


async def test_after_a_quiet_tend_evidence_is_heeded_at_once_again(autojump_clock: MockClock) -> None:
    pace = Pace(1.0)
    log = Log(pace, broken=True)
    pace.hasten()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, pace, log, 10.0)
        await trio.sleep(3.5)
        log.broken = False
        await trio.sleep(3)
        log.calls.clear()
        pace.hasten()
        await trio.sleep(0.06)
        pace.hasten()
        await trio.sleep(0.1)

        assert log.calls == [(6.5, False), (6.6, False)]
        nursery.cancel_scope.cancel()
