"""Whether limits that are set fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from ..policy import BasePolicy, ClientPolicy, EventPolicy
from .facts import DEFAULT_CONNECTIONS, FAR, TEND_CONNECTIONS, plural

__all__ = ["LimitsWarning", "connection_limit", "contradictions"]


class LimitsWarning(UserWarning):
    """Limits that contradict each other: one can never be reached, or it starves another."""


def contradictions(
    event_policy: EventPolicy,
    n_loops: int,
    client_policy: ClientPolicy,
    *,
    proto_fd_max: int | None = None,
    proto_fd_idle: float | None = None,
    nodes: int | None = None,
) -> tuple[str, ...]:
    """What is wrong with these limits taken together: a sentence each, with both numbers; empty when nothing is.

    Args:
        event_policy: Limits of each event loop.
        n_loops: Number of event loops.
        client_policy: Limits of the client.
        proto_fd_max: Connections that each node takes, where it is known.
        proto_fd_idle: Seconds after which the server closes an idle connection (its ``proto-fd-idle-ms``), where
            it is known; 0 is never.
        nodes: Number of server nodes, where it is known.
    """
    limit = connection_limit(event_policy, n_loops, client_policy)
    return (
        *_about_commands(event_policy, n_loops, limit, client_policy, nodes),
        *_about_connections(client_policy, limit, proto_fd_max, proto_fd_idle),
        *_about_times(client_policy),
    )


def connection_limit(event_policy: EventPolicy, n_loops: int, client_policy: ClientPolicy) -> int:
    """Connections to one node that a client may have open: what the policy says, or what fits the event loops.

    Args:
        event_policy: Limits of each event loop.
        n_loops: Number of event loops.
        client_policy: Limits of the client.
    """
    if client_policy.async_max_conns_per_node is not None:
        return client_policy.async_max_conns_per_node
    useful = event_policy.max_commands_in_process * n_loops
    return max(useful or DEFAULT_CONNECTIONS, client_policy.async_min_conns_per_node)


def _about_commands(
    event_policy: EventPolicy, n_loops: int, limit: int, client_policy: ClientPolicy, nodes: int | None
) -> Iterator[str]:
    depth, field = client_policy.pipeline_depth, "async_max_conns_per_node"
    limits_set = {field: client_policy.async_max_conns_per_node}
    if depth > 1 and client_policy.pipe_max_conns_per_node is not None:
        limit, field = client_policy.pipe_max_conns_per_node, "pipe_max_conns_per_node"
        limits_set[field] = limit
    in_process = event_policy.max_commands_in_process * n_loops
    product = f"max_commands_in_process {event_policy.max_commands_in_process:,} × {plural(n_loops, 'event loop')}"
    if event_policy.max_commands_in_queue and not in_process:
        yield (
            f"max_commands_in_queue {event_policy.max_commands_in_queue:,} is never used: with "
            "max_commands_in_process 0 no command queues"
        )
    if limit * depth < n_loops:
        yield (
            f"{field} {limit:,} is less than one connection for each of {n_loops:,} event loops: "
            "at most so many of them can use a node at once"
        )
    for name, set_to in limits_set.items():
        if set_to is not None and 0 < in_process < set_to:
            yield (
                f"{name} {set_to:,} can't be reached: {product} = {in_process:,} commands, and each needs one "
                "connection"
            )
    if in_process > limit * depth * (FAR if nodes is None else nodes):
        effect = (
            "the surplus fails with NoMoreConnections (-7)"
            if client_policy.when_no_connection == "raise"
            else "commands hold places while they wait for a connection, and starve those to other nodes"
        )
        of_nodes = "" if depth == 1 else f" × pipeline_depth {depth:,}"
        of_nodes += "" if nodes is None else f" to each of {plural(nodes, 'node')}"
        yield (f"{product} = {in_process:,} commands is far more than {field} {limit:,}{of_nodes}: {effect}")


def _about_connections(
    client_policy: ClientPolicy, limit: int, proto_fd_max: int | None, proto_fd_idle: float | None
) -> Iterator[str]:
    minimum, idle = client_policy.async_min_conns_per_node, client_policy.max_socket_idle
    names, most, total = f"async_max_conns_per_node {limit:,}", limit, limit
    if client_policy.pipeline_depth > 1:
        pipes = client_policy.pipe_max_conns_per_node
        most = pipes or limit
        total = most + limit
        pipe_name = f"pipe_max_conns_per_node {most:,}" if pipes else "the same number for pipelines"
        names = f"async_max_conns_per_node {limit:,} and {pipe_name}"
    if minimum > most:
        yield f"async_min_conns_per_node {minimum:,} is more than {names}"
    if minimum and 0 < idle < client_policy.tend_interval:
        yield (
            f"max_socket_idle {idle:g} s is shorter than tend_interval {client_policy.tend_interval:g} s: the "
            f"async_min_conns_per_node {minimum:,} connections go stale before the next tend renews them"
        )
    if proto_fd_max is not None and total + TEND_CONNECTIONS > proto_fd_max:
        yield (
            f"{names} and {TEND_CONNECTIONS} to tend is more than the server's "
            f"proto-fd-max {proto_fd_max:,}: it closes what is over it"
        )
    if proto_fd_idle and idle >= proto_fd_idle:
        yield (
            f"max_socket_idle {idle:g} s is not below the server's proto-fd-idle-ms of {proto_fd_idle:g} s: the "
            "server closes connections that still look fresh"
        )


def _about_times(client_policy: ClientPolicy) -> Iterator[str]:
    for name in ("read", "write", "operate", "remove"):
        policy: BasePolicy = getattr(client_policy, name)
        total = policy.total_timeout
        if not total:
            continue
        if policy.connect_timeout > total:
            yield (
                f"connect_timeout {policy.connect_timeout:g} s of the {name} policy can't be reached: "
                f"total_timeout {total:g} s ends the command before"
            )
        if policy.max_retries and policy.sleep_between_retries >= total:
            yield (
                f"sleep_between_retries {policy.sleep_between_retries:g} s of the {name} policy leaves no time "
                f"for its max_retries {policy.max_retries:,}: total_timeout is {total:g} s"
            )
