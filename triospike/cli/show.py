"""Show what there is in a cluster: namespaces, sets, nodes, indexes, jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

import triospike

from .index import list_indexes
from .options import example
from .render import duration
from .tables import Column, Form, form_option, show_rows
from .targets import Target, run, target_options

__all__ = ["show"]

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def _size(count: float) -> str:
    """Bytes with a fitting unit."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.0f} B" if not unit else f"{count:.1f} {_UNITS[unit]}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _ttl(seconds: int) -> str:
    return f"{seconds:,} s" if seconds else "never"


def _columns(names: str) -> tuple[Column, ...]:
    return tuple(map(Column, names.split()))


# For each thing: what there is of it in JSON and CSV, and what of that a terminal has room for.
_NAMESPACES = _columns(
    "name replication_factor records objects tombstones stop_writes high_water_breached data_used_bytes"
    " data_total_bytes data_available_percent index_used_bytes sindex_used_bytes migrations_remaining"
    " dead_partitions unavailable_partitions default_ttl strong_consistency"
)
_NAMESPACES_TABLE = (
    Column("name", "namespace"),
    Column("replication_factor", "copies"),
    Column("records"),
    Column("objects"),
    Column("data_used_bytes", "data", _size),
    Column("data_available_percent", "free", lambda percent: f"{percent:.0f} %"),
    Column("migrations_remaining", "migrating"),
    Column("default_ttl", "ttl", _ttl),
    Column("stop_writes", "stopped"),
)
_SETS = _columns(
    "namespace name objects tombstones data_used_bytes indexes has_set_index truncating truncated_before"
    " default_ttl stop_writes_count"
)
_SETS_TABLE = (
    Column("place", "set"),
    Column("objects"),
    Column("tombstones"),
    Column("data_used_bytes", "data", _size),
    Column("indexes"),
    Column("default_ttl", "ttl", lambda seconds: f"{seconds:,} s" if seconds else "default"),
)
_NODES = _columns(
    "name address build uptime cluster_size cluster_key in_cluster client_connections objects tombstones"
    " queries_active migrations_remaining process_cpu_percent system_free_memory_percent clock_skew_seconds"
)
_NODES_TABLE = (
    Column("name", "node"),
    Column("address"),
    Column("build"),
    Column("objects"),
    Column("client_connections", "clients"),
    Column("migrations_remaining", "migrating"),
    Column("uptime", "uptime", lambda seconds: f"{seconds:,} s"),
)
_JOBS = _columns(
    "id kind namespace set index status active progress run_time time_since_done succeeded failed filtered"
    " throttled records_per_second threads client"
)
_JOBS_TABLE = (
    Column("id", "job"),
    Column("kind"),
    Column("place", "set"),
    Column("index"),
    Column("status", show=lambda text: text.removesuffix("(ok)")),
    Column("progress", "done", _percent),
    Column("run_time", "for", duration),
    Column("succeeded", "records"),
)


@click.group()
def show() -> None:
    """Show what there is in a cluster."""


_Verb = Callable[..., None]


def _shown(help_: str) -> Callable[[_Verb], _Verb]:
    """A verb of `show`."""

    def made(function: _Verb) -> _Verb:
        name = function.__name__
        command = show.command(name, help=help_, epilog=example(f"triospike show {name} --host db1:3000 --json"))
        return command(target_options(form_option(function)))

    return made


@_shown("The namespaces, with the sums of all nodes. A record counts once, an object is one copy of it.")
def namespaces(target: Target, form: Form) -> None:
    """The namespaces."""

    async def main() -> None:
        async with target.open() as client:
            rows = [_fields(one, _NAMESPACES) for one in await client.namespaces()]
        show_rows(form, _NAMESPACES, rows, "no namespaces", table=_NAMESPACES_TABLE)

    run(main)


@_shown("The sets, with the sums of all nodes; of one NAMESPACE or of all. An object is one copy of a record.")
@click.argument("namespace", required=False)
def sets(target: Target, namespace: str | None, form: Form) -> None:
    """The sets."""

    async def main() -> None:
        async with target.open(namespace or "test") as client:
            found = await client.sets(namespace)
        rows = [{**_fields(one, _SETS), "place": f"{one.namespace}/{one.name}"} for one in found]
        show_rows(form, _SETS, rows, "no sets", table=_SETS_TABLE)

    run(main)


@_shown("The nodes.")
def nodes(target: Target, form: Form) -> None:
    """The nodes."""

    async def main() -> None:
        async with target.open() as client:
            addresses = {node.name: str(node.host) for node in client.nodes}
            found = await client.node_statistics()
        rows = [{**_fields(one, _NODES), "address": addresses.get(one.name)} for _, one in sorted(found.items())]
        show_rows(form, _NODES, rows, "no nodes", table=_NODES_TABLE)

    run(main)


@_shown("The secondary indexes; of one NAMESPACE or of all.")
@click.argument("namespace", required=False)
def indexes(target: Target, namespace: str | None, form: Form) -> None:
    """The indexes."""
    run(partial(list_indexes, target, namespace, form))


@_shown("Scans, queries and background jobs: those at work first, then those that lately were.")
@click.option("--active", is_flag=True, help="Only those at work.")
def jobs(target: Target, active: bool, form: Form) -> None:
    """The jobs."""

    async def main() -> None:
        async with target.open() as client:
            found = [job for job in await client.jobs() if job.active or not active]
        show_rows(form, _JOBS, map(_job_row, found), "no jobs", table=_JOBS_TABLE)

    run(main)


def _job_row(job: triospike.JobInfo) -> dict[str, Any]:
    return {
        **_fields(job, _JOBS),
        "id": str(job.id),  # it may need all of 64 bits, of which readers of JSON that know floats only lose some
        "set": job.set_name,
        "place": f"{job.namespace}/{job.set_name}" if job.set_name else job.namespace,
    }


def _fields(found: object, columns: Sequence[Column]) -> dict[str, Any]:
    """The attributes of an object that are columns."""
    return {column.name: getattr(found, column.name, None) for column in columns}
