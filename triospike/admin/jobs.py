"""Scans, queries and background work in the server, as it lists them (protocol section 6.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ..errors import ProtocolError
from .pairs import number_of, parse_rows, ratio_of, text_of, total

__all__ = ["JobInfo", "merge_jobs", "parse_jobs"]


@attrs.frozen(kw_only=True)
class JobInfo:
    """One scan, query or background job, on one node or on all that were asked.

    Numbers are sums over the nodes; None stands for what servers do not tell.

    Attributes:
        id: Its number, as an unsigned int: the task id that the client drew.
        namespace: Where it looks.
        set_name: The set that it looks at; None for all of a namespace.
        index: The index that it uses; None for a scan.
        kind: "basic", "aggregation", "background-udf" or "background-ops".
        status: The server's own words, "active(ok)" or "done(user-aborted)"; the active node's, if one is active.
        active: It is at work on at least one node.
        progress: Share that is done, from 0 to 1; the mean of the nodes.
        records_per_second: Limit on each node; 0 is none.
        threads: Threads at work for it.
        run_time: Seconds that it has been, or was, at work, where that is longest.
        time_since_done: Seconds since its end, where that was last; 0 while it is active.
        succeeded: Records that were sent or changed.
        failed: Records that could not be.
        throttled: Records held back by the limit.
        filtered: Records left out by the filter.
        client: Address that it came from, as the server writes it.
        nodes: Name of each node that knows it to its own numbers; empty for one node's own numbers.
        raw: All that one node said; empty for several nodes.
    """

    id: int
    namespace: str
    set_name: str | None
    index: str | None
    kind: str
    status: str
    active: bool
    progress: float
    records_per_second: int | None
    threads: int | None
    run_time: float
    time_since_done: float
    succeeded: int | None
    failed: int | None
    throttled: int | None
    filtered: int | None
    client: str | None
    nodes: Mapping[str, JobInfo] = attrs.field(factory=dict, repr=False)
    raw: Mapping[str, str] = attrs.field(factory=dict, repr=False)


def parse_jobs(text: str) -> list[JobInfo]:
    """Read the value of ``query-show``.

    Raises:
        ProtocolError: A row has no number or no state.
    """
    return [_job(row) for row in parse_rows(text)]


def _job(row: Mapping[str, str]) -> JobInfo:
    number, status = number_of(row, "trid"), text_of(row, "status")
    if number is None or status is None:
        raise ProtocolError(f"malformed job in a list: {dict(row)!r:.200}")
    return JobInfo(
        id=number,
        namespace=row.get("ns", ""),
        set_name=text_of(row, "set"),
        index=text_of(row, "sindex-name"),
        kind=row.get("job-type", ""),
        status=status,
        active=status.startswith("active"),
        progress=min((ratio_of(row, "job-progress") or 0.0) / 100, 1.0),
        records_per_second=number_of(row, "rps"),
        threads=number_of(row, "active-threads"),
        run_time=(number_of(row, "run-time") or 0) / 1000,
        time_since_done=(number_of(row, "time-since-done") or 0) / 1000,
        succeeded=number_of(row, "recs-succeeded"),
        failed=number_of(row, "recs-failed"),
        throttled=number_of(row, "recs-throttled"),
        filtered=total(number_of(row, f"recs-filtered-{what}") for what in ("meta", "bins")),
        client=text_of(row, "from"),
        raw=row,
    )


def merge_jobs(by_node: Mapping[str, Sequence[JobInfo]]) -> list[JobInfo]:
    """The jobs of several nodes, each once, those at work first."""
    found: dict[int, dict[str, JobInfo]] = {}
    for node, jobs in by_node.items():
        for job in jobs:
            # A node may list a job again that was begun anew under the same number; the latest counts.
            known = found.setdefault(job.id, {}).get(node)
            if known is None or (job.active, -job.time_since_done) >= (known.active, -known.time_since_done):
                found[job.id][node] = job
    return sorted(map(_merged, found.values()), key=lambda job: (not job.active, job.time_since_done, job.id))


def _merged(by_node: Mapping[str, JobInfo]) -> JobInfo:
    parts = sorted(by_node.values(), key=lambda job: not job.active)
    first = parts[0]
    return JobInfo(
        id=first.id,
        namespace=first.namespace,
        set_name=first.set_name,
        index=first.index,
        kind=first.kind,
        status=first.status,
        active=first.active,
        progress=sum(part.progress for part in parts) / len(parts),
        records_per_second=first.records_per_second,
        threads=total(part.threads for part in parts),
        run_time=max(part.run_time for part in parts),
        time_since_done=min(part.time_since_done for part in parts),
        succeeded=total(part.succeeded for part in parts),
        failed=total(part.failed for part in parts),
        throttled=total(part.throttled for part in parts),
        filtered=total(part.filtered for part in parts),
        client=first.client,
        nodes=dict(by_node),
    )
