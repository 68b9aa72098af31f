"""``python -m benchmarks scale``: what a command costs by the number of nodes, and by that of event loops.

And by how many commands there are for each connection, or for each place of the event loop: all but one wait.
All sizes are measured side by side: rounds are interleaved, and each size has a client process of its own, each
number of nodes a canned cluster. The last column divides by the cost of the smallest size in the same round.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import trio

from .canned import canned_cluster
from .job import Case, Job
from .loading import load, set_name_of
from .options import add_server_options, cluster, cpus, listed
from .processes import Worker
from .serving import Hosts

__all__ = ["main", "render"]

NODES = (1, 2, 4, 8, 16, 32, 64)
LOOPS = (1, 4, 10, 32, 100)
CROWDS = (1, 2, 5)
MODES = {"triospike": {}, "triospike-pipelined": {"pipelined": True}}
KEYS = 4_096
SET_NAME = set_name_of("small", KEYS, "get")


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    report = _by_nodes(options)
    for mode in options.modes:
        if options.loops:
            report[f"{mode}, by event loops"] = _by_loops(mode, options)
        if options.crowds:
            report[f"{mode}, by commands for each connection"] = _by_crowds(mode, "connections", options)
            report[f"{mode}, by commands for each place"] = _by_crowds(mode, "places", options)
    sys.stdout.write(render(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--nodes", type=_sizes, default=list(NODES), metavar="N,N", help="always canned")
    parser.add_argument("--loops", type=_sizes, default=list(LOOPS), metavar="N,N")
    parser.add_argument("--crowds", type=_sizes, default=list(CROWDS), metavar="N,N")
    parser.add_argument("--modes", type=listed(str, MODES), default=list(MODES), metavar="M,M")
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument(
        "--for-each", type=int, default=16, metavar="N", help="in flight for each node, too; 0: no"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--cpus", type=cpus, default=[], metavar="N,N", help="pin the clients' processes")
    parser.add_argument("--json", type=Path, metavar="PATH")
    add_server_options(parser)
    return parser


def _sizes(text: str) -> list[int]:
    """What is to be measured; nothing of this kind where the text is empty."""
    return listed(int)(text) if text else []


def _by_nodes(options: argparse.Namespace) -> dict[str, Any]:
    """Canned clusters: with the same number of commands in flight altogether, and for each node."""
    report = {}
    with ExitStack() as servers:
        clusters: dict[int, Hosts] = {}
        for nodes in options.nodes:
            canned = canned_cluster(options.namespace, nodes=nodes, cpus=options.server_cpus)
            clusters[nodes], behind = servers.enter_context(canned)
            trio.run(load, behind, options.namespace, SET_NAME, "small", KEYS)
        for mode in options.modes if clusters else ():
            sizes = {nodes: _job(mode, hosts, options) for nodes, hosts in clusters.items()}
            report[f"{mode}, by nodes"] = _measure(sizes, options)
            if each := options.for_each:
                sizes = {nodes: _job(mode, hosts, options, nodes * each) for nodes, hosts in clusters.items()}
                report[f"{mode}, by nodes, {each} in flight for each"] = _measure(sizes, options)
    return report


def _by_loops(mode: str, options: argparse.Namespace) -> dict[str, Any]:
    with cluster(options) as (hosts, _):
        trio.run(load, hosts, options.namespace, SET_NAME, "small", KEYS)
        sizes = {loops: _job(mode, hosts, options, event_loops=loops) for loops in options.loops}
        return _measure(sizes, options)


def _by_crowds(mode: str, limited: str, options: argparse.Namespace) -> dict[str, Any]:
    with cluster(options) as (hosts, _):
        trio.run(load, hosts, options.namespace, SET_NAME, "small", KEYS)
        sizes = {
            crowd: _job(mode, hosts, options, **{limited: max(1, options.in_flight // crowd)})
            for crowd in options.crowds
        }
        return _measure(sizes, options)


def _job(mode: str, hosts: Hosts, options: argparse.Namespace, in_flight: int = 0, **settings: int) -> Job:
    return Job(
        peer=mode,
        case=Case(in_flight=in_flight or options.in_flight),
        hosts=hosts,
        namespace=options.namespace,
        set_name=SET_NAME,
        keys=KEYS,
        options={**MODES[mode], **settings},
    )


def _measure(sizes: dict[int, Job], options: argparse.Namespace) -> dict[str, Any]:
    """Rounds of every size, interleaved."""
    workers: dict[int, Worker] = {}
    try:
        for size, job in sizes.items():
            workers[size] = Worker(job, cpus=options.cpus)
        for worker in workers.values():
            worker.connected()
            worker.warm_up(min(options.seconds, 0.5))
        for number in range(options.rounds):
            sys.stderr.write(f"round {number + 1} of {options.rounds}\n")
            for worker in workers.values():
                worker.round(options.seconds)
    finally:
        for worker in workers.values():
            worker.stop()
    return {str(size): _figures(worker, workers[min(workers)]) for size, worker in workers.items()}


def _figures(worker: Worker, smallest: Worker) -> dict[str, Any]:
    if not worker.rounds or not all(one["units"] for one in worker.rounds):
        return {"failed": worker.facts.get("failed", "no command succeeded")}
    costs = [one["cpu"] / one["units"] for one in worker.rounds]
    base = [one["cpu"] / one["units"] for one in smallest.rounds if one["units"]]
    ratios = [cost / other for cost, other in zip(costs, base, strict=False)]
    return {
        "cpu": median(costs),
        "per_second": median(one["units"] / one["seconds"] for one in worker.rounds),
        "ratio": {"median": median(ratios), "low": min(ratios), "high": max(ratios)},
        "errors": sum(sum(one["errors"].values()) for one in worker.rounds),
    }


def render(report: dict[str, Any]) -> str:
    """A table for each mode and kind of size."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: dict[str, Any]) -> Iterator[str]:
    for title, sizes in report.items():
        yield title
        for size, figures in sizes.items():
            if "failed" in figures:
                yield f"{size:>6}  failed: {figures['failed']}"
                continue
            ratio = figures["ratio"]
            yield (
                f"{size:>6}  {figures['cpu'] * 1e6:7.1f} µs CPU  {figures['per_second']:>9,.0f}/s  "
                f"× {ratio['median']:.2f} ({ratio['low']:.2f}-{ratio['high']:.2f})"
                f"{'  ' + str(figures['errors']) + ' errors' if figures['errors'] else ''}"
            )
        yield ""
