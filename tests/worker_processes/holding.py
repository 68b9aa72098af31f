"""A server and workers for a test, and whether processes are still there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from triospike import ClientPolicy, EventPolicy, open_embedded_server
from triospike.workers import Workers, child, open_workers, team
from triospike.workers.link import Frame, Kind, Link
from triospike.workers.worker import Worker

__all__ = ["PATIENCE", "come_true", "is_running", "nothing_runs", "processes_at_work", "workers_at_work"]

PATIENCE = 30.0


class TaskWorker(Worker):
    """A worker without a process: its other end is a task here, behind the same pipes."""

    async def keep(self) -> None:
        requests, to_worker = os.pipe()
        from_worker, answers = os.pipe()
        self._link = Link(from_worker, to_worker)
        self._link.send(Frame(Kind.SETUP, body=self._setup))
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(child.serve, requests, answers)
                nursery.start_soon(self._link.pump)
                while frames := await self._link.receive():
                    for frame in frames:
                        self._take(frame)
                nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                await self._link.aclose()
            self._settle()

    @property
    def _exit_code(self) -> int:
        return 0


@asynccontextmanager
async def workers_at_work(
    number: int = 1, *, policy: ClientPolicy | None = None, event_policy: EventPolicy | None = None
) -> AsyncIterator[Workers]:
    """Workers with a server for them, all in this process, since starting others takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(team, "Worker", TaskWorker)
        with trio.fail_after(PATIENCE):
            async with (
                open_embedded_server() as server,
                open_workers(number, *server.hosts, policy=policy, event_policy=event_policy) as workers,
            ):
                yield workers


@asynccontextmanager
async def processes_at_work(number: int = 1) -> AsyncIterator[Workers]:
    """Workers that are processes, with a server for them in this one."""
    with trio.fail_after(PATIENCE):
        async with open_embedded_server() as server, open_workers(number, *server.hosts) as workers:
            yield workers


def is_running(pid: int) -> bool:
    """A process is there, and not only waiting for its exit status to be read."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def nothing_runs(pids: Iterable[int]) -> bool:
    """None of the processes is there."""
    return not any(map(is_running, pids))


async def come_true(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again."""
    with trio.fail_after(PATIENCE):
        while not await condition():  # noqa: ASYNC110  what is waited for can't set an event here
            await trio.sleep(0.01)
