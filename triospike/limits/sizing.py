"""Works out what the limits should be."""

from __future__ import annotations

import math

from .facts import (
    COMMANDS_PER_SECOND,
    DEFAULT_PROTO_FD_MAX,
    FAR,
    QUEUE_SHARE_OF_TIMEOUT,
    QUEUE_WITHOUT_TIMEOUT,
    TEND_CONNECTIONS,
)
from .recommendation import Recommendation

__all__ = ["recommend"]


def recommend(
    proto_fd_max: int = DEFAULT_PROTO_FD_MAX,
    clients: int = 1,
    event_loops: int = 1,
    in_process: int = 50,
    *,
    nodes: int = 1,
    reserve: float = 0.1,
    total_timeout: float = 1.0,
    latency: float = 0.001,
    throughput: float | None = None,
    pipeline_depth: int = 1,
) -> Recommendation:
    """The limits to set for a number of equal client programs on one cluster.

    All programs at their limits stay under the server's, on every node, with the reserve left free; no
    program gets a limit that it can't reach.

    Args:
        proto_fd_max: Client connections that each node takes: its ``proto-fd-max``.
        clients: Client programs (client objects, if a program opens several).
        event_loops: Event loops of each program.
        in_process: Commands in process wanted of each event loop; at least 1.
        nodes: Server nodes. Commands are taken to spread over them evenly; with 1, all may go to one node.
        reserve: Share of proto_fd_max kept for others, from 0 up to below 1.
        total_timeout: Seconds that a command may take in all; 0 is no limit.
        latency: Seconds that a command is in process on average; used to estimate the throughput.
        throughput: Commands per second of one program. None estimates it: commands in process divided by
            the latency, but at most 50,000.
        pipeline_depth: Commands that share one connection; with more than 1, a part of the connections is for
            batches, scans and queries, which get their own.

    Raises:
        TypeError: An argument is not a number of the right kind.
        ValueError: An argument is out of range, or the server does not even allow one data connection for
            each program; pipelined, two.
    """
    _check_counts(proto_fd_max=proto_fd_max, clients=clients, event_loops=event_loops, in_process=in_process)
    _check_counts(nodes=nodes, pipeline_depth=pipeline_depth)
    _check_number("reserve", reserve, 0, below=1)
    _check_number("total_timeout", total_timeout, 0)
    _check_number("latency", latency, 1e-6)
    if throughput is not None:
        _check_number("throughput", throughput, 1)

    reserved = math.ceil(proto_fd_max * reserve)
    others = 1 if pipeline_depth > 1 else 0  # at least, for batches, scans and queries
    share = _share(proto_fd_max, reserved, clients, 1 + others)
    loops, commands = _fitting((share - others) * pipeline_depth, event_loops, in_process, nodes)
    pipes = min(share - others, math.ceil(commands * loops / pipeline_depth)) if others else 0
    wanted = math.ceil(event_loops * in_process / pipeline_depth) + others
    rate = min(commands * loops / latency, COMMANDS_PER_SECOND) if throughput is None else throughput
    return Recommendation(
        proto_fd_max=proto_fd_max,
        clients=clients,
        nodes=nodes,
        asked_event_loops=event_loops,
        asked_in_process=in_process,
        total_timeout=total_timeout,
        throughput=rate,
        reserved=reserved,
        tending=clients * TEND_CONNECTIONS,
        share=share,
        event_loops=loops,
        max_commands_in_process=commands,
        max_commands_in_queue=_queue(rate, total_timeout, loops),
        async_max_conns_per_node=min(share - pipes, commands * loops),
        pipeline_depth=pipeline_depth,
        pipe_max_conns_per_node=pipes or None,
        proto_fd_max_needed=_proto_fd_max_for(clients * (wanted + TEND_CONNECTIONS), reserve),
    )


def _share(proto_fd_max: int, reserved: int, clients: int, least: int) -> int:
    """The data connections to one node that fall to one program."""
    share = (proto_fd_max - reserved) // clients - TEND_CONNECTIONS
    if share < least:
        raise ValueError(
            f"proto_fd_max {proto_fd_max:,} less a reserve of {reserved:,} is not enough for {clients:,} clients: "
            f"each needs {least + TEND_CONNECTIONS} connections to every node"
        )
    return share


def _fitting(at_once: int, event_loops: int, in_process: int, nodes: int) -> tuple[int, int]:
    """Event loops, and commands in process of each, of a program of which a node can run so many at once."""
    loops = min(event_loops, at_once)
    return loops, max(1, min(in_process, at_once * min(nodes, FAR) // loops))


def _queue(throughput: float, total_timeout: float, event_loops: int) -> int:
    """Little's law: what leaves a queue of this length at that throughput did not wait for longer than it may."""
    if total_timeout == 0:
        return max(1, QUEUE_WITHOUT_TIMEOUT // event_loops)
    return max(1, int(throughput * total_timeout * QUEUE_SHARE_OF_TIMEOUT / event_loops))


def _proto_fd_max_for(connections: int, reserve: float) -> int:
    """The smallest limit of a node that leaves so many connections once its reserve is taken off."""
    limit = max(1, math.floor(connections / (1 - reserve)) - 1)
    while limit - math.ceil(limit * reserve) < connections:
        limit += 1
    return limit


def _check_counts(**counts: object) -> None:
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} must be an int, not {type(value).__name__}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")


def _check_number(name: str, value: object, low: float, *, below: float = math.inf) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not low <= value < below:
        bound = f"at least {low:g}" if below == math.inf else f"at least {low:g} and below {below:g}"
        raise ValueError(f"{name} must be {bound}, not {value!r}")
