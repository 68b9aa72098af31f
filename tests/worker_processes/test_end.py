"""However workers end, nothing is left of them, and those who wait are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import trio
import trio.testing

from sources import ROOT
from triospike import ClientClosed, ConnectionFailed, Host, open_embedded_server
from triospike.workers import WorkerDied, Workers, open_workers, worker
from worker_processes import calls
from worker_processes.holding import PATIENCE, come_true, nothing_runs, processes_at_work

PROGRAM = '''
"""Opens workers, tells who they are, and waits."""

import sys

import trio
import trio.testing

from triospike.workers import open_workers


class Doubled:
    def __init__(self, value):
        self.value = value


async def double(client, number):
    return Doubled(2 * number)


async def main(host):
    async with open_workers(1, host) as workers:
        result = await workers.run(double, 21)
        assert isinstance(result, Doubled)
        print(result.value, *workers.pids, flush=True)
        await trio.sleep_forever()


if __name__ == "__main__":
    try:
        trio.run(main, sys.argv[1])
    except KeyboardInterrupt:
        print("interrupted", flush=True)
'''


async def test_a_worker_that_dies_fails_its_calls_and_the_block() -> None:
    errors: list[WorkerDied] = []
    pids: list[int] = []

    async def block() -> None:
        async with processes_at_work() as workers:
            pids.extend(workers.pids)

            async def call() -> None:
                try:
                    await workers.run(calls.hold, "lost")
                except WorkerDied as error:
                    errors.append(error)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(call)
                await trio.testing.wait_all_tasks_blocked()
                os.kill(pids[0], signal.SIGKILL)

    with pytest.raises(WorkerDied, match=r"worker 0 \(process \d+\) was ended by SIGKILL") as raised:
        await block()
    assert raised.value.in_doubt
    assert [str(error) for error in errors] == [str(raised.value)]
    assert nothing_runs(pids)


async def test_a_block_whose_idle_worker_dies_is_cancelled() -> None:
    pids: list[int] = []

    async def block() -> None:
        async with processes_at_work() as workers:
            pids.extend(workers.pids)
            os.kill(pids[0], signal.SIGTERM)
            await trio.sleep_forever()

    with pytest.raises(WorkerDied, match=r"was ended by SIGTERM") as raised:
        await block()
    assert not raised.value.in_doubt
    assert nothing_runs(pids)


async def test_leaving_by_an_error_lets_it_out_as_it_is_and_ends_busy_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "GRACE", 0.2)
    told: list[ClientClosed] = []
    pids: list[int] = []

    async def call(workers: Workers) -> None:
        try:
            await workers.run(calls.refuse_to_end)
        except ClientClosed as error:
            told.append(error)

    async def block(hosts: Sequence[Host], nursery: trio.Nursery) -> None:
        async with open_workers(1, *hosts) as workers:
            pids.extend(workers.pids)
            nursery.start_soon(call, workers)
            await trio.testing.wait_all_tasks_blocked()
            raise KeyError("mine")

    with trio.fail_after(PATIENCE):
        async with open_embedded_server() as server, trio.open_nursery() as nursery:
            with pytest.raises(KeyError, match="mine"):
                await block(server.hosts, nursery)
            assert nothing_runs(pids)
    assert [error.in_doubt for error in told] == [True]


async def test_a_cancelled_block_leaves_nothing_even_while_it_opens() -> None:
    async with open_embedded_server() as server:
        for patience in (0.0, 0.1):
            with trio.move_on_after(patience):
                async with open_workers(1, *server.hosts):
                    await trio.sleep_forever()
    assert not await trio.to_thread.run_sync(_children)


def _children() -> list[int]:
    """Processes of this one."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text(encoding="ascii").split()]


async def test_a_cluster_that_can_not_be_reached_is_told_as_by_a_client() -> None:
    async with open_embedded_server() as server:
        gone = server.hosts
    with pytest.raises(ConnectionFailed) as raised:
        async with open_workers(1, *gone):
            raise AssertionError
    assert "In worker" in raised.value.__notes__[0]


async def test_ctrl_c_ends_a_program_and_its_workers_without_a_word_from_them(tmp_path: Path) -> None:
    async with open_embedded_server() as server:
        process, pids = await _started(tmp_path, str(server.hosts[0]))
        os.killpg(process.pid, signal.SIGINT)
        printed, complaints = await trio.to_thread.run_sync(process.communicate)
    assert (process.returncode, printed, complaints) == (0, "interrupted\n", "")
    assert nothing_runs(pids)


async def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    async with open_embedded_server() as server:
        process, pids = await _started(tmp_path, str(server.hosts[0]))
        process.kill()
        _, complaints = await trio.to_thread.run_sync(process.communicate)

        async def ended() -> bool:
            await trio.lowlevel.checkpoint()
            return nothing_runs(pids)

        await come_true(ended)
    assert complaints == ""


async def _started(folder: Path, host: str) -> tuple[subprocess.Popen[str], list[int]]:
    """The program, and its workers."""
    process = _start(folder / "program.py", host)
    assert process.stdout is not None
    doubled, *pids = (await trio.to_thread.run_sync(process.stdout.readline)).split()
    assert doubled == "42"
    assert len(pids) == 1
    return process, [int(pid) for pid in pids]


def _start(path: Path, host: str) -> subprocess.Popen[str]:
    path.write_text(PROGRAM, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(path), host],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


async def test_a_main_program_that_begins_at_once_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "unguarded.py"
    path.write_text(PROGRAM.replace('if __name__ == "__main__":', "if True:"), encoding="utf-8")
    async with open_embedded_server() as server:
        done = await trio.run_process(
            [sys.executable, str(path), str(server.hosts[0])],
            capture_stderr=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert done.returncode == 1
    assert b'does it begin its work under `if __name__ == "__main__":`?' in done.stderr
