"""Put load on a cluster, and tell what it takes."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import attrs
import click
import trio
from rich.live import Live

import triospike

from ..embedded import open_embedded_server
from ..host import Host
from ..policy import EventPolicy
from ..server import NamespaceConfig, Server, ServerConfig
from .bench_view import LiveView, show_report
from .options import count, example
from .render import console, note
from .targets import Target, run, target_options
from .workload import Tally, Workload, load, run_workload

__all__ = ["bench"]

REFRESH = 0.25
PERCENTILES = (50.0, 90.0, 99.0, 99.9)


@attrs.frozen(kw_only=True)
class Limits:
    """Limits of the client under test; connections None takes in process times loops."""

    event_loops: int
    in_process: int
    queue: int
    connections: int | None
    pipeline_depth: int

    def client_fields(self) -> dict[str, int | None]:
        """What a client policy says of them: with a pipeline, the connections are those that are shared."""
        if self.pipeline_depth == 1:
            return {"async_max_conns_per_node": self.connections}
        return {"pipeline_depth": self.pipeline_depth, "pipe_max_conns_per_node": self.connections}


def _mix(_: click.Context, __: click.Parameter, text: str) -> float:
    """The share of reads in a workload R/W."""
    reads, slash, writes = text.partition("/")
    if not (slash and reads.isdecimal() and writes.isdecimal() and int(reads) + int(writes) > 0):
        raise click.BadParameter(f"{text!r} is no workload: parts of reads and writes, as 90/10")
    return int(reads) / (int(reads) + int(writes))


@click.command(
    epilog=example(
        "triospike bench --host db1:3000 --workload 50/50 --in-process 50",
        "triospike bench --host db1:3000 --pipeline-depth 16 --connections 8",
    )
)
@target_options
@click.option(
    "--workload",
    callback=_mix,
    default="90/10",
    show_default=True,
    metavar="R/W",
    help="Reads and writes.",
)
@count("--event-loops", 1, "Event loops of the client.")
@count("--in-process", 100, "Commands in process of each loop; 0: no limit.", low=0)
@count("--queue", 0, "Commands that wait in each loop; 0: no bound.", low=0)
@count("--connections", None, "Connections to each node. Default: in process times loops.")
@count("--pipeline-depth", 1, "Commands that share one connection at once.")
@count("--concurrency", 100, "Tasks, each with one command under way.")
@click.option(
    "--duration",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to measure.",
)
@count("--keys", 10_000, "Records.", high=1_000_000)
@count("--bin-size", 100, "Bytes in each record.", low=0, high=1 << 20)
@click.option("--namespace", default="test", show_default=True, metavar="NAME", help="Where the records are.")
@click.option("--set", "set_name", default="bench", show_default=True, metavar="NAME", help="Their set.")
@click.option("--no-load", is_flag=True, help="Don't write all records first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; times are seconds.")
def bench(
    target: Target,
    workload: float,
    event_loops: int,
    in_process: int,
    queue: int,
    connections: int | None,
    pipeline_depth: int,
    no_load: bool,
    as_json: bool,
    **load_options: Any,
) -> None:
    """Measure throughput and latency of a mix of gets and puts.

    It writes to the set given by --namespace and --set. An embedded server runs in the same process and shares
    its core with the client, so such figures compare settings, not servers.
    """
    limits = Limits(
        event_loops=event_loops,
        in_process=in_process,
        queue=queue,
        connections=connections,
        pipeline_depth=pipeline_depth,
    )
    run(partial(_bench, target, limits, Workload(read_share=workload, **load_options), no_load, as_json))


async def _bench(target: Target, limits: Limits, workload: Workload, no_load: bool, as_json: bool) -> None:
    async with _opened(target, limits, workload) as (client, server):
        if not no_load:
            await load(client, workload)
        report = await measure(client, server, workload)
    report = {**report, "workload": attrs.asdict(workload), "limits": attrs.asdict(limits)}
    if as_json:
        click.echo(json.dumps(report))
    else:
        show_report(report)
    if not report["commands"]:
        raise click.ClickException("no command succeeded")


@asynccontextmanager
async def _opened(
    target: Target, limits: Limits, workload: Workload
) -> AsyncIterator[tuple[triospike.Client, Server | None]]:
    """The client under test, and the embedded server if that is what it talks to."""
    async with AsyncExitStack() as stack:
        server: Server | None = None
        hosts: tuple[str | Host, ...]
        if target.host is not None:
            hosts = (target.host,)
        else:
            note("no --host given: running on an embedded server in this process, which shares its core")
            config = ServerConfig(namespaces=(NamespaceConfig(workload.namespace),))
            server = await stack.enter_async_context(open_embedded_server(config))
            hosts = server.hosts
        event_policy = EventPolicy(max_commands_in_process=limits.in_process, max_commands_in_queue=limits.queue)
        loops = await stack.enter_async_context(triospike.open_event_loops(limits.event_loops, event_policy))
        policy = target.policy(**limits.client_fields())
        client = await stack.enter_async_context(triospike.open_client(*hosts, policy=policy, event_loops=loops))
        yield client, server


async def measure(client: triospike.Client, server: Server | None, workload: Workload) -> dict[str, Any]:
    """Run the workload, with a live view where stderr is a terminal, and tell what came of it."""
    tally = Tally()
    if server is not None:
        _reset_peaks(server)
    cpu, began = _cpu_seconds(), trio.current_time()
    async with trio.open_nursery() as nursery:
        screen = console(stderr=True)
        if screen.is_terminal:
            nursery.start_soon(_watch, LiveView(workload, client), tally)
        await run_workload(client, workload, tally)
        nursery.cancel_scope.cancel()
    seconds, cpu = trio.current_time() - began, _cpu_seconds() - cpu
    return _report(client, server, tally, seconds, cpu)


async def _watch(view: LiveView, tally: Tally) -> None:
    with Live(console=console(stderr=True), auto_refresh=False, transient=True) as live:
        while True:
            await trio.sleep(REFRESH)
            live.update(view.picture(tally), refresh=True)


def _reset_peaks(server: Server) -> None:
    for node in server.nodes:
        node.counters.reset_peaks()
    server.counters.reset_peaks()


def _cpu_seconds() -> float:
    """CPU that this process has used, in user and system mode."""
    times = os.times()
    return times.user + times.system


def _report(
    client: triospike.Client, server: Server | None, tally: Tally, seconds: float, cpu: float
) -> dict[str, Any]:
    done = tally.done
    report: dict[str, Any] = {
        "seconds": seconds,
        "commands": done,
        "per_second": done / seconds,
        "cpu_seconds_per_command": cpu / done if done else 0.0,
        "cpu_share": cpu / seconds,
        "embedded": server is not None,
        "missing": tally.missing,
        "errors": dict(tally.errors),
        "retries": client.statistics().retries,
    }
    for name, histogram in (("reads", tally.reads), ("writes", tally.writes)):
        report[name] = {
            "count": histogram.count,
            "mean": histogram.mean,
            **{f"p{percent:g}": histogram.percentile(percent) for percent in PERCENTILES},
            "max": histogram.maximum,
            "histogram": [attrs.astuple(part) for part in histogram.ranges()],
        }
    loops = client.statistics().event_loops
    report["peaks"] = {
        "in_process_of_a_loop": max(loop.peak_in_process for loop in loops),
        "queued_of_a_loop": max(loop.peak_queued for loop in loops),
        "connections_of_a_node": max((node.pool.peak_open for node in client.statistics().nodes), default=0),
    }
    if server is not None:
        report["peaks"]["server_commands_at_work"] = server.counters.commands_at_work_peak
        report["peaks"]["server_connections_of_a_node"] = max(
            node.counters.data_connections_peak for node in server.nodes
        )
    return report
