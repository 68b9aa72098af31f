"""open_workers: from addresses to processes with clients, and every one of them ended behind it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ..host import Host, parse_hosts
from ..policy import ClientPolicy, EventPolicy
from .pickles import MainProgram, dumps
from .setup import Setup
from .team import Workers, at_least_one

__all__ = ["open_workers"]

_EMBEDDED = "embedded://"


@asynccontextmanager
async def open_workers(
    number: int,
    *hosts: str | Host,
    policy: ClientPolicy | None = None,
    event_policy: EventPolicy | None = None,
) -> AsyncIterator[Workers]:
    """Run worker processes, each with a client of its own, for the length of a block.

    The processes are new interpreters, not forks of this one, and write to the same stdout and stderr. The block
    begins when all of them are connected. Leaving it normally waits for the calls that run and for the processes
    to end. Leaving it by an error or a cancel cancels the calls, and kills a process that has not ended 2 s later.
    No process outlives the block; if this process is killed, its workers cancel what they do and end.

    When a worker dies, its calls raise `WorkerDied`, the block is cancelled, and raises `WorkerDied`.

    Limits hold for each worker: the cluster sees the connections of all of them.

    Args:
        number: How many processes; more than there are cores to spare gain nothing.
        hosts: Some of the cluster's nodes, as `open_client` takes them, but not ``"embedded://"``.
        policy: Of each client.
        event_policy: Of each event loop, of which each client has ``policy.event_loops``.

    Raises:
        ConnectionFailed: A worker can't reach the cluster; or what else `open_client` raises.
        WorkerDied: A worker ended unasked.
        ValueError: A host is not one, or ``number`` is less than 1.
        TypeError: An argument is of the wrong kind, or a policy can't be pickled.
        NotImplementedError: This is not a POSIX system.
    """
    if sys.platform == "win32":
        raise NotImplementedError("workers need pipes that Trio can wait for: a POSIX system")
    at_least_one("number", number)
    main = MainProgram.of_this_process()
    setup = Setup(_seeds(hosts), policy or ClientPolicy(), event_policy or EventPolicy(), main)
    workers = Workers(number, dumps(setup, "policy"), main)
    async with workers.keep():
        yield workers


def _seeds(hosts: Sequence[str | Host]) -> tuple[Host, ...]:
    """The addresses; an error here is one for all workers."""
    if not hosts:
        raise ValueError('hosts: name at least one, such as "db1:3000"')
    seeds: list[Host] = []
    for host in hosts:
        if isinstance(host, Host):
            seeds.append(host)
        elif not isinstance(host, str):
            raise TypeError(f"hosts must be str or Host, not {type(host).__name__}")
        elif host.startswith(_EMBEDDED):
            raise ValueError(
                f"{host!r} would be another server for each worker: run one with `open_embedded_server`, "
                "and give its `hosts` to the workers"
            )
        else:
            seeds.extend(parse_hosts(host))
    return tuple(dict.fromkeys(seeds))
