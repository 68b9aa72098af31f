"""open_client: from addresses to a client, and everything cleaned up behind it."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from ._cluster.tender import connect, tend
from ._execution.core import ClientCore
from ._execution.event_loops import EventLoops, open_event_loops
from ._execution.service_nursery import open_service_nursery
from .client import Client
from .defaults import DefaultPolicies
from .embedded import SCHEME, open_embedded_server, parse_embedded_url
from .host import Host, parse_hosts
from .limits import LimitsWarning, connection_limit, contradictions
from .policy import ClientPolicy

__all__ = ["open_client"]


@asynccontextmanager
async def open_client(
    *hosts: str | Host, policy: ClientPolicy | None = None, event_loops: EventLoops | None = None
) -> AsyncIterator[Client]:
    """Connect to a cluster for the length of a block.

    Leaving the block normally waits for the commands that were submitted; leaving it by an error or a cancel
    cancels them. Nothing survives the block: no task, no connection. Errors of the block come out as they
    are.

    Args:
        hosts: Some of the cluster's nodes: ``"db1:3000"``, ``"db1,db2:3100"``, or `Host`. Or
            ``"embedded://"``, ``"embedded://?nodes=3"``: a server of its own, for the length of the block.
        policy: How to find, watch and connect to the cluster.
        event_loops: From `open_event_loops`, to share them with other clients; None opens
            ``policy.event_loops`` of its own, without limits.

    Raises:
        ConnectionFailed: No seed can be reached, within about twice ``policy.conn_timeout``.
        ClusterNameMismatch: The seeds belong to another cluster than ``policy.cluster_name``.
        PeersUnreachable: A seed answered, but the addresses that it advertises can't be reached.
        ValueError: A host is not one, or two arguments contradict each other.
    """
    policy = policy or ClientPolicy()
    defaults = DefaultPolicies.of(policy)
    async with AsyncExitStack() as stack:
        seeds = await _seeds(hosts, stack)
        if event_loops is None:
            event_loops = await stack.enter_async_context(open_event_loops(policy.event_loops))
        _warn_of_contradictions(policy, event_loops)
        limit = connection_limit(event_loops.policy, len(event_loops), policy)
        cluster = await connect(seeds, policy, limit=limit, poller=event_loops.poller)
        core = ClientCore(cluster, event_loops)
        try:
            async with open_service_nursery() as nursery:
                await nursery.start(tend, cluster)
                yield Client(core, defaults)
                await core.wait_nothing_submitted()
        finally:
            try:
                await core.close()
            finally:
                cluster.close()


async def _seeds(hosts: Sequence[str | Host], stack: AsyncExitStack) -> tuple[Host, ...]:
    """The addresses to begin with, starting an embedded server where one is asked for."""
    if not hosts:
        raise ValueError('hosts: name at least one, such as "db1:3000", or "embedded://"')
    embedded = [host for host in hosts if isinstance(host, str) and host.startswith(SCHEME)]
    if embedded and len(hosts) > 1:
        raise ValueError(f"{embedded[0]!r} can't stand beside other hosts")
    if embedded:
        server = await stack.enter_async_context(open_embedded_server(parse_embedded_url(embedded[0])))
        return server.hosts
    seeds: list[Host] = []
    for host in hosts:
        if isinstance(host, Host):
            seeds.append(host)
        elif isinstance(host, str):
            seeds.extend(parse_hosts(host))
        else:
            raise TypeError(f"hosts must be str or Host, not {type(host).__name__}")
    return tuple(dict.fromkeys(seeds))


def _warn_of_contradictions(policy: ClientPolicy, event_loops: EventLoops) -> None:
    for sentence in contradictions(event_loops.policy, len(event_loops), policy):
        warnings.warn(sentence, LimitsWarning, stacklevel=4)
