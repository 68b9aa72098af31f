"""The comparison: every peer at every case, rounds interleaved."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import trio

from .figures import BASE, ratio, summary
from .job import Case, Job
from .loading import describe, empty, load, set_name_of
from .peers import PEERS
from .processes import Worker
from .serving import Hosts
from .shapes import SCAN_RECORDS, SHAPES, usual_keys

__all__ = ["LEAST_ROUNDS", "LEAST_SECONDS", "Measuring", "Plan", "compare", "share_of"]

FORMAT = 1
"""Of the JSON; raised when a reader of an older one would misread it."""

LEAST_ROUNDS = 20
LEAST_SECONDS = 0.1
"""What a budget leaves each peer at each case, however small it is: with less, medians tell little."""

_SLOW = 3
_SLOW_SECONDS = 10.0
"""A peer has no further round once its rounds took so many times what they should, and so many seconds: one whose
scan takes longer than a round would otherwise hold up all others for minutes. How many it had is in the table."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is compared.

    Attributes:
        cases: The table's cells.
        peers: Names in `PEERS`, in the order of the table.
        keys: Records; 0 for what is usual for the shape.
        scan_records: Records of a set that is scanned.
    """

    cases: Sequence[Case]
    peers: Sequence[str]
    keys: int = 0
    scan_records: int = SCAN_RECORDS

    def keys_for(self, case: Case) -> int:
        """How many records there are for a case."""
        return self.scan_records if case.workload == "scan" else self.keys or usual_keys(case.shape)


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """How it is measured.

    Attributes:
        rounds: Of each peer at each case.
        seconds: Of each round; with a budget, what that leaves is taken instead.
        budget: Seconds for all cases together; 0 is no bound. See `share_of`.
        warm_up: Seconds before the first.
        reuse_keys: Make key objects beforehand.
        namespace: Where records may be written.
        pythons: Peer to its interpreter, where that is another.
        settings: Peer to options of its own, on top of those that it has in `PEERS`.
        cpus: Which CPUs the peers may run on; empty for all.
    """

    rounds: int = 5
    seconds: float = 1.0
    budget: float = 0.0
    warm_up: float = 0.3
    reuse_keys: bool = False
    namespace: str = "test"
    pythons: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    cpus: tuple[int, ...] = ()


def compare(
    plan: Plan, measuring: Measuring, hosts: Hosts, *, embedded: bool, note: Callable[[str], None]
) -> dict[str, Any]:
    """Measure.

    Args:
        plan: What.
        measuring: How.
        hosts: Of the cluster.
        embedded: It is one that this run has started.
        note: Told what goes on.

    Returns:
        What the JSON holds.
    """
    report: dict[str, Any] = {
        "format": FORMAT,
        "machine": _machine(),
        "server": {**trio.run(describe, hosts), "embedded": embedded},
        "measuring": asdict(measuring),
        "shapes": SHAPES,
        "peers": {name: {"title": PEERS[name].title} for name in plan.peers},
        "cases": [],
    }
    used: set[str] = set()
    ends = time.monotonic() + measuring.budget
    try:
        for number, case in enumerate(plan.cases, 1):
            note(f"{number} of {len(plan.cases)}: {case}")
            name = set_name_of(case.shape, plan.keys_for(case), case.workload)
            if name not in used:
                used.add(name)
                trio.run(load, hosts, measuring.namespace, name, case.shape, plan.keys_for(case))
            now = time.monotonic()
            due = now + (ends - now) / (len(plan.cases) - number + 1)
            report["cases"].append(_case(plan, measuring, hosts, case, report["peers"], note, due))
    finally:
        if not embedded:
            trio.run(empty, hosts, measuring.namespace, used)
    return report


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
    }


def share_of(measuring: Measuring, left: float, peers: int) -> float:
    """Seconds of each round of a case: those asked for, or those that a budget leaves.

    Args:
        measuring: How it is measured.
        left: Seconds that are left for all rounds of the case; fewer than none when it is late.
        peers: How many share them.
    """
    if not measuring.budget:
        return measuring.seconds
    return max(left / (measuring.rounds * max(peers, 1)), LEAST_SECONDS)


def _case(
    plan: Plan,
    measuring: Measuring,
    hosts: Hosts,
    case: Case,
    peers: dict[str, Any],
    note: Callable[[str], None],
    due: float,
) -> dict[str, Any]:
    """One case, over at about the moment that is named if there is a budget."""
    workers: dict[str, Worker] = {}
    results: dict[str, Any] = {}
    try:
        for name in plan.peers:
            cannot = _cannot(name, case)
            if cannot is not None:
                results[name] = {"cannot": cannot} if cannot else {}
                continue
            workers[name] = _worker(name, plan, measuring, hosts, case)
        for name, worker in workers.items():
            worker.connected()
            worker.warm_up(measuring.warm_up)
            peers[name] |= {
                key: worker.facts[key] for key in ("versions", "loop", "absent") if key in worker.facts
            }
        seconds = share_of(measuring, due - time.monotonic(), sum(worker.is_usable for worker in workers.values()))
        most = max(_SLOW * measuring.rounds * seconds, _SLOW_SECONDS)
        for number in range(measuring.rounds):
            note(f"    round {number + 1} of {measuring.rounds}, {seconds:.2g} s")
            for name in _rotated(list(workers), number):
                if workers[name].spent < most:
                    workers[name].round(seconds)
    finally:
        for worker in workers.values():
            worker.stop()
    results |= {name: _result(worker, workers.get(BASE)) for name, worker in workers.items()}
    ordered = {name: results[name] for name in plan.peers if results[name]}
    facts = {"unit": case.unit, "keys": plan.keys_for(case), "seconds": seconds}
    return {**asdict(case), **facts, "results": ordered}


def _cannot(name: str, case: Case) -> str | None:
    """Why a peer has no place in a case: empty if it is there for others; None if it has one."""
    peer = PEERS[name]
    if peer.only and case.workload not in peer.only:
        return ""
    if peer.most and case.in_flight > peer.most:
        return f"it has {peer.most} in flight at most"
    return None


def _worker(name: str, plan: Plan, measuring: Measuring, hosts: Hosts, case: Case) -> Worker:
    job = Job(
        peer=name,
        case=case,
        hosts=hosts,
        namespace=measuring.namespace,
        set_name=set_name_of(case.shape, plan.keys_for(case), case.workload),
        keys=plan.keys_for(case),
        reuse_keys=measuring.reuse_keys,
        options={**PEERS[name].options, **measuring.settings.get(name, {})},
    )
    return Worker(job, measuring.pythons.get(name, ""), measuring.cpus)


def _rotated(names: list[str], by: int) -> list[str]:
    """Another begins in each round, so that none always runs after the same one."""
    by %= max(len(names), 1)
    return names[by:] + names[:by]


def _result(worker: Worker, base: Worker | None) -> dict[str, Any]:
    for reason in ("absent", "cannot", "failed"):
        if reason in worker.facts:
            return {reason: worker.facts[reason]}
    if not worker.rounds or not all(one["units"] for one in worker.rounds):
        errors = {name for one in worker.rounds for name in one["errors"]}
        return {"failed": f"no command succeeded: {', '.join(sorted(errors)) or 'no round'}"}
    result = {"rounds": worker.rounds, **summary(worker.rounds)}
    if base is not None and (compared := ratio(worker.rounds, base.rounds)):
        result["ratio"] = compared
    return result
