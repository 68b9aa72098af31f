"""``python -m benchmarks [compare]``: every peer beside the others."""

from __future__ import annotations

import argparse
import json
import sys
from itertools import product
from pathlib import Path

from .comparing import LEAST_ROUNDS, LEAST_SECONDS, Measuring, Plan, compare
from .job import WORKLOADS, Case
from .options import add_server_options, cluster, cpus, listed
from .peers import NODE, PEERS
from .plot import draw
from .shapes import SCAN_RECORDS, SHAPES
from .table import render

__all__ = ["main", "plan_of"]

IN_FLIGHT = (1, 50, 500)
SMALL_PEERS = ("triospike", "triospike-pipelined", "floor", "official-loop")
_USUAL_AT_ONCE = {"scan": (1,), "batch": (1, 50)}
"""How many commands for many records are asked for at once, unless somebody wants it otherwise."""


def main(arguments: list[str]) -> None:
    """Run, print the table, write what is asked for."""
    options = _parser().parse_args(arguments)
    plan, measuring = plan_of(options)
    with cluster(options) as (hosts, embedded):
        report = compare(plan, measuring, hosts, embedded=embedded, note=_note)
    sys.stdout.write(render(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        options.plot.write_text(draw(report), encoding="utf-8")


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def plan_of(options: argparse.Namespace) -> tuple[Plan, Measuring]:
    """What was asked for."""
    peers = options.peers or list(PEERS)
    cases = _cases(options)
    keys, records, rounds, seconds = options.keys, options.scan_records, options.rounds, options.seconds
    if options.small:
        peers = options.peers or list(SMALL_PEERS)
        keys, records, rounds, seconds = 200, 500, min(rounds, 2), min(seconds, 0.1)
    if options.budget:
        rounds = max(rounds, LEAST_ROUNDS)
    measuring = Measuring(
        rounds=rounds,
        seconds=seconds,
        budget=options.budget * 60,
        warm_up=min(0.3, seconds),
        reuse_keys=options.reuse_keys,
        namespace=options.namespace,
        pythons=dict(options.python),
        settings={NODE: {"modules": str(options.node_modules.absolute())}},
        cpus=tuple(options.cpus),
    )
    return Plan(cases=cases, peers=peers, keys=keys, scan_records=records), measuring


def _cases(options: argparse.Namespace) -> list[Case]:
    chosen = options.workload or options.in_flight or options.shape or options.competing
    if options.small and not chosen:
        return [
            Case(workload="get", in_flight=1),
            Case(workload="mix", in_flight=10, competing=True),
            Case(workload="operate", in_flight=10),
            Case(workload="batch", shape="three", in_flight=1),
            Case(workload="scan", shape="three", in_flight=1),
        ]
    if options.all:
        everything = _product(WORKLOADS, list(SHAPES), IN_FLIGHT, (False, True))
        return [case for case in everything if case.in_flight in _USUAL_AT_ONCE.get(case.workload, IN_FLIGHT)]
    return _chosen_cases(options) if chosen else _usual_cases()


def _chosen_cases(options: argparse.Namespace) -> list[Case]:
    """All combinations of what was chosen; what was not is as usual."""
    competing = {"off": (False,), "on": (True,), "both": (False, True)}[options.competing or "off"]
    return [
        case
        for workload in options.workload or ["get"]
        for case in _product(
            [workload],
            options.shape or ["three" if workload in _USUAL_AT_ONCE else "small"],
            options.in_flight or [1 if workload in _USUAL_AT_ONCE else 50],
            competing,
        )
    ]


def _usual_cases() -> list[Case]:
    """One thing changed at a time: what fits into an hour."""
    single = [workload for workload in WORKLOADS if workload not in _USUAL_AT_ONCE]
    return [
        *_product(single, ["small"], IN_FLIGHT, (False,)),
        *_product(["get", "put"], ["ten", "big", "map"], (50,), (False,)),
        *_product(["batch"], ["three", "ten"], (1, 50), (False,)),
        *_product(["scan"], ["three", "ten"], (1,), (False,)),
        *_product(["get"], ["small"], IN_FLIGHT, (True,)),
    ]


def _product(
    workloads: list[str] | tuple[str, ...],
    shapes: list[str],
    in_flight: list[int] | tuple[int, ...],
    competing: tuple[bool, ...],
) -> list[Case]:
    return [
        Case(workload=workload, shape=shape, in_flight=many, competing=beside)
        for workload, shape, many, beside in product(workloads, shapes, in_flight, competing)
    ]


def _pair(text: str) -> tuple[str, str]:
    peer, equals, python = text.partition("=")
    if not equals or peer not in PEERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not PEER=PATH with a known peer")
    return peer, python


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--workload", type=listed(str, WORKLOADS), metavar="W,W", help=", ".join(WORKLOADS))
    parser.add_argument("--shape", type=listed(str, SHAPES), metavar="S,S", help=", ".join(SHAPES))
    parser.add_argument("--in-flight", type=listed(int), metavar="N,N", help="commands under way at once")
    parser.add_argument("--competing", choices=("off", "on", "both"), help="other work on the same loop")
    parser.add_argument("--all", action="store_true", help="every workload with every shape: takes hours")
    parser.add_argument("--peers", type=listed(str, PEERS), metavar="P,P", help=", ".join(PEERS))
    parser.add_argument("--rounds", type=int, default=20, help="of each peer at each case (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.25, help="of each round (%(default)s)")
    parser.add_argument(
        "--budget",
        type=float,
        default=0.0,
        metavar="MINUTES",
        help="for all cases together, in place of --seconds: rounds are as long as that allows, and at least "
        f"{LEAST_ROUNDS} of {LEAST_SECONDS} s each even where it does not",
    )
    parser.add_argument("--keys", type=int, default=0, help="records; default: 10,000, of large ones 1,000")
    parser.add_argument(
        "--scan-records", type=int, default=SCAN_RECORDS, help="records that are scanned (%(default)s)"
    )
    parser.add_argument("--reuse-keys", action="store_true", help="make key objects once, not for each command")
    parser.add_argument("--small", action="store_true", help="some seconds, few peers: to see that it works")
    parser.add_argument("--python", type=_pair, action="append", default=[], metavar="PEER=PATH")
    parser.add_argument(
        "--node-modules",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="where npm has installed aerospike for the peer node; default: the current directory",
    )
    parser.add_argument("--cpus", type=cpus, default=[], metavar="N,N", help="pin the peers' processes")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all rounds")
    parser.add_argument("--plot", type=Path, metavar="PATH", help="draw the README's picture, an SVG")
    add_server_options(parser)
    return parser
