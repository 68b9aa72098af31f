"""``python -m benchmarks workers``: gets per second in this process, and by worker processes that are handed them.

Every size takes the same keys, with the same number of gets under way in each process; rounds are interleaved, and
the last column divides by what this process did alone in the same round. The server needs cores too: where it
shares them with the workers, what is added to one side is taken from the other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import attrs
import trio

import triospike
from triospike import Client, ClientPolicy, Host, Key, ReadPolicy
from triospike.workers import Workers, open_workers

from .loading import load, set_name_of
from .options import add_server_options, cluster, listed
from .serving import Hosts

__all__ = ["main", "render"]

NUMBERS = (0, 1, 2)
KEYS = 4_096
TIMEOUT = 30.0

Function: TypeAlias = Callable[[Client, int], Awaitable[int]]
Run: TypeAlias = Callable[[Function, int, int], Awaitable[int]]
"""Calls a function for so many numbers, in chunks of such a size, and adds up what it returns."""

SPINS = 100
SPIN = 50_000


@attrs.frozen
class Round:
    """What one round took, in seconds for each get.

    Attributes:
        wall: From its beginning to its end.
        here: CPU of this process.
        there: CPU of the workers.
        bare: The same time, for work without any server: what the machine has to give at the moment.
    """

    wall: float
    here: float
    there: float
    bare: float


Measured: TypeAlias = dict[int, list[Round]]
"""The rounds, by the number of workers."""


@attrs.frozen
class Get:
    """What is done for each number, here or in a worker.

    Attributes:
        namespace: Where the records are.
        set_name: Their set.
        work: How many numbers to add up then.
    """

    namespace: str
    set_name: str
    work: int

    async def __call__(self, client: Client, number: int) -> int:
        """Get a record; 1 if it is there."""
        record = await client.get(Key(self.namespace, self.set_name, number % KEYS))
        if self.work:
            sum(range(self.work))
        return 1 if record is not None and record.bins else 0


async def spin(client: Client, number: int) -> int:
    """Nothing but Python."""
    await trio.lowlevel.checkpoint()
    return 1 if sum(range(SPIN)) else 0


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    with cluster(options) as (hosts, embedded):
        trio.run(load, hosts, options.namespace, set_name_of("small", KEYS, "get"), "small", KEYS)
        rounds = trio.run(_measure, hosts, options)
    report = {
        "cpus": len(os.sched_getaffinity(0)),
        "embedded": embedded,
        "gets": options.gets,
        "chunk": options.chunk,
        "tasks": options.tasks,
        "work": options.work,
        "workers": _figures(rounds),
    }
    sys.stdout.write(render(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks workers", description=__doc__)
    parser.add_argument(
        "--numbers", type=listed(int), default=list(NUMBERS), metavar="N,N", help="of workers; 0 is this process"
    )
    parser.add_argument("--gets", type=int, default=50_000, help="in each round (%(default)s)")
    parser.add_argument(
        "--chunk", type=int, default=500, help="gets that a worker is handed at once (%(default)s)"
    )
    parser.add_argument("--tasks", type=int, default=50, help="gets under way in each process (%(default)s)")
    parser.add_argument("--pipelined", action="store_true", help="with 16 commands on a connection at a time")
    parser.add_argument(
        "--work", type=int, default=0, metavar="N", help="what is done with each record: a sum of N numbers"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="PATH")
    add_server_options(parser)
    return parser


async def _measure(hosts: Hosts, options: argparse.Namespace) -> Measured:
    """Rounds of every number of workers, interleaved."""
    get = Get(options.namespace, set_name_of("small", KEYS, "get"), options.work)
    rounds: Measured = {number: [] for number in options.numbers}
    async with AsyncExitStack() as stack:
        runs: dict[int, Run] = {}
        pids: dict[int, tuple[int, ...]] = {}
        for number in options.numbers:
            runs[number], pids[number] = await _opened(number, hosts, options, stack)
        for run in runs.values():
            await run(get, max(options.gets // 10, 1), options.chunk)
        for index in range(options.rounds):
            sys.stderr.write(f"round {index + 1} of {options.rounds}\n")
            for number, run in runs.items():
                rounds[number].append(await _round(run, get, options, pids[number]))
    return rounds


async def _round(run: Run, get: Get, options: argparse.Namespace, pids: Iterable[int]) -> Round:
    began = time.perf_counter(), time.process_time(), _cpu_of(pids)
    found = await run(get, options.gets, options.chunk)
    ended = time.perf_counter(), time.process_time(), _cpu_of(pids)
    if found != options.gets:
        raise RuntimeError(f"{options.gets - found} records were not there")
    wall, here, there = ((after - before) / options.gets for before, after in zip(began, ended, strict=True))
    bare = time.perf_counter()
    await run(spin, SPINS, SPINS // 20)
    return Round(wall, here, there, (time.perf_counter() - bare) / SPINS)


def _cpu_of(pids: Iterable[int]) -> float:
    """Seconds of CPU that other processes have had; 0 where there is no /proc."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def _opened(
    number: int, hosts: Hosts, options: argparse.Namespace, stack: AsyncExitStack
) -> tuple[Run, tuple[int, ...]]:
    """How to run so many gets, in this process or in workers, and who these are."""
    seeds = [Host(name, port) for name, port in hosts]
    at_once = 2 * options.tasks  # a worker has two chunks at a time
    policy = ClientPolicy(
        async_max_conns_per_node=at_once,
        pipeline_depth=16 if options.pipelined else 1,
        pipe_max_conns_per_node=8 if options.pipelined else None,
        read=ReadPolicy(total_timeout=TIMEOUT, socket_timeout=TIMEOUT),
    )
    if number:
        workers = await stack.enter_async_context(open_workers(number, *seeds, policy=policy))
        return partial(_in_workers, workers, options.tasks), workers.pids
    client = await stack.enter_async_context(triospike.open_client(*seeds, policy=policy))
    return partial(_here, client, at_once), ()


async def _here(client: Client, tasks: int, function: Function, count: int, _: int) -> int:
    found = 0
    numbers = iter(range(count))

    async def work() -> None:
        nonlocal found
        for number in numbers:
            one = await function(client, number)  # before the sum is read: others add to it meanwhile
            found += one

    async with trio.open_nursery() as nursery:
        for _ in range(tasks):
            nursery.start_soon(work)
    return found


async def _in_workers(workers: Workers, tasks: int, function: Function, count: int, chunk: int) -> int:
    found = 0
    async with workers.map(function, range(count), chunk=chunk, tasks=tasks, ordered=False) as results:
        async for result in results:
            found += result
    return found


def _figures(rounds: Measured) -> dict[str, Any]:
    base = rounds[min(rounds)]
    found = {}
    for number, measured in rounds.items():
        ratios = [alone.wall / one.wall for one, alone in zip(measured, base, strict=True)]
        found[str(number)] = {
            "per_second": median(1 / one.wall for one in measured),
            "cpu_here": median(one.here for one in measured),
            "cpu_there": median(one.there for one in measured),
            "bare_ratio": median(alone.bare / one.bare for one, alone in zip(measured, base, strict=True)),
            "ratio": {"median": median(ratios), "low": min(ratios), "high": max(ratios)},
        }
    return found


def render(report: dict[str, Any]) -> str:
    """A table with a line for each number of workers."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: dict[str, Any]) -> Iterator[str]:
    server = "an embedded server in a process of its own" if report["embedded"] else "a server"
    yield f"{report['cpus']} CPUs, for the workers, this process, and {server} if it is on this machine"
    for number, figures in report["workers"].items():
        ratio = figures["ratio"]
        name = {"0": "in this process", "1": "1 worker"}.get(number, f"{number} workers")
        yield (
            f"{name:>16}  {figures['per_second']:>9,.0f} gets/s  "
            f"× {ratio['median']:.2f} ({ratio['low']:.2f}-{ratio['high']:.2f})  "
            f"{figures['cpu_here'] * 1e6:6.1f} µs CPU here, {figures['cpu_there'] * 1e6:6.1f} µs there; "
            f"without a server × {figures['bare_ratio']:.2f}"
        )
