"""What the limits should be, and whether those that are set fit each other: arithmetic only, nothing is opened.

Four limits hang together. A server node takes ``proto-fd-max`` client connections, whoever opens them. Each
client program opens at most ``async_max_conns_per_node`` to a node, for all of its event loops together, and one
more to tend it. A command in process needs one connection, so a program never uses more than
``max_commands_in_process`` times its event loops on one node. What finds no place waits in the queue of its
event loop, ``max_commands_in_queue`` long.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs

from .policy import BasePolicy, ClientPolicy, EventPolicy

__all__ = ["LimitsWarning", "Recommendation", "connection_limit", "contradictions", "recommend"]

DEFAULT_PROTO_FD_MAX = 15_000
"""A server's limit where its configuration sets none (8.x)."""
TEND_CONNECTIONS = 1
"""Connections that a client keeps to each node to watch the cluster, outside of its connection limit."""
DEFAULT_CONNECTIONS = 100
"""The limit per node where neither it nor the commands in process are set, as in the C client."""
COMMANDS_PER_SECOND = 50_000
"""What one program is taken to do at most, where its throughput is not given: 20 µs of one core each."""
QUEUE_WITHOUT_TIMEOUT = 100_000
"""Queued commands of one program where no timeout bounds them: about as many small objects are held."""
QUEUE_SHARE_OF_TIMEOUT = 0.5
"""How much of its total timeout a command may spend in the queue; the rest is for running."""
FAR = 8
"""How many nodes a cluster may be taken to have, over which commands in process spread evenly."""


class LimitsWarning(UserWarning):
    """Limits that contradict each other: one can never be reached, or it starves another."""


@attrs.frozen(kw_only=True)
class Recommendation:
    """What to set, from what the server allows and the programs need; made by `recommend`.

    Attributes:
        proto_fd_max: Asked: connections that each server node takes.
        clients: Asked: client programs, each with its own client object.
        nodes: Asked: server nodes.
        asked_event_loops: Asked: event loops of each program.
        asked_in_process: Asked: commands in process of each event loop.
        total_timeout: Asked: seconds that a command may take, the wait in the queue included; 0 is no limit.
        throughput: Commands per second of one program, as given or estimated.
        reserved: Connections of each node kept for others: tools, backups, XDR, monitoring.
        tending: Connections of each node that all programs together use for tending.
        share: Data connections to each node that fall to one program.
        event_loops: To set: event loops of each program; fewer than asked when there would be less than one
            connection to a node for each.
        max_commands_in_process: To set on each event loop; fewer than asked when more could only hold places
            while they wait for connections.
        max_commands_in_queue: To set on each event loop, so that a command that gets in can still finish in
            its total timeout.
        async_max_conns_per_node: To set on each client, for all of its event loops together.
        proto_fd_max_needed: The server's limit with which the asked event loops and commands in process
            would fit in full, all of them on one node.
    """

    proto_fd_max: int
    clients: int
    nodes: int
    asked_event_loops: int
    asked_in_process: int
    total_timeout: float
    throughput: float
    reserved: int
    tending: int
    share: int
    event_loops: int
    max_commands_in_process: int
    max_commands_in_queue: int
    async_max_conns_per_node: int
    proto_fd_max_needed: int

    @property
    def connections_per_node(self) -> int:
        """The most connections that all programs together can have to one node, tending included."""
        return self.clients * (self.async_max_conns_per_node + TEND_CONNECTIONS)

    @property
    def in_process_of_a_program(self) -> int:
        """Commands in process of one program, over all of its event loops."""
        return self.max_commands_in_process * self.event_loops

    @property
    def fits_as_asked(self) -> bool:
        """True when event loops and commands in process could stay as they were asked."""
        asked = (self.asked_event_loops, self.asked_in_process)
        return asked == (self.event_loops, self.max_commands_in_process)

    def reasons(self) -> tuple[tuple[str, int, str], ...]:
        """Each setting: its name, its value, and a sentence that says why."""
        return (
            ("event_loops", self.event_loops, self._why_event_loops()),
            ("max_commands_in_process", self.max_commands_in_process, self._why_in_process()),
            ("max_commands_in_queue", self.max_commands_in_queue, self._why_queue()),
            ("async_max_conns_per_node", self.async_max_conns_per_node, self._why_connections()),
        )

    def notes(self) -> tuple[str, ...]:
        """What else follows from the numbers, a sentence or two each."""
        loops, limit = self.event_loops, self.async_max_conns_per_node
        notes = [
            f"Each node: {self.proto_fd_max:,} connections, of which {self.reserved:,} are kept for others and "
            f"{self.tending:,} tend. {_plural(self.clients, 'program')} at the limit open "
            f"{self.connections_per_node:,}, tending included."
        ]
        if not self.fits_as_asked or limit < self.in_process_of_a_program:
            wanted = self.asked_in_process * self.asked_event_loops
            notes.append(
                f"For {self.asked_in_process:,} × {self.asked_event_loops:,} = {wanted:,} connections of each "
                f"program to one node, set proto-fd-max to {self.proto_fd_max_needed:,}, or run fewer programs."
            )
        if loops > 1:
            rest = f", {limit % loops} of them one more" if limit % loops else ""
            notes.append(
                f"The limit is one for all event loops. The C client divides it: {limit // loops:,} for each of "
                f"{loops:,} loops{rest}, never lent, and what finds none fails with -7; here it waits."
            )
        return tuple(notes)

    def explain(self) -> str:
        """All of it in words and numbers, one line for each setting and each note."""
        settings = [f"{name} = {value:,}: {why}" for name, value, why in self.reasons()]
        return "\n".join([*settings, *self.notes()])

    def _why_event_loops(self) -> str:
        if self.event_loops == self.asked_event_loops:
            return "As asked."
        return (
            f"{self.asked_event_loops:,} were asked, but each needs one of {self.share:,} connections to a node."
        )

    def _why_in_process(self) -> str:
        total = f"{self.max_commands_in_process:,} × {self.event_loops:,} = {self.in_process_of_a_program:,}"
        if self.max_commands_in_process == self.asked_in_process:
            return f"As asked; {total} in all can run on {self._connections_of_a_program()}."
        return (
            f"{self.asked_in_process:,} were asked, but {total} is what {self._connections_of_a_program()} can "
            "run; more would hold places while they wait for a connection."
        )

    def _connections_of_a_program(self) -> str:
        if self.nodes == 1:
            return _plural(self.share, "connection")
        return f"{_plural(self.share, 'connection')} to each of {_plural(self.nodes, 'node')}"

    def _why_queue(self) -> str:
        if self.total_timeout == 0:
            return f"No timeout bounds the wait, so memory does: {QUEUE_WITHOUT_TIMEOUT:,} commands in all."
        loops = _plural(self.event_loops, "loop")
        return (
            f"At {self.throughput:,.0f} commands/s over {loops}, the last in a full queue "
            f"waits {self.total_timeout * QUEUE_SHARE_OF_TIMEOUT:g} s of its {self.total_timeout:g} s."
        )

    def _why_connections(self) -> str:
        if self.async_max_conns_per_node == self.in_process_of_a_program:
            return (
                f"A command needs one, so {self.in_process_of_a_program:,} are the most that one node can use; "
                f"{self.share:,} would be allowed."
            )
        return (
            f"({self.proto_fd_max:,} - {self.reserved:,} reserved) / {self.clients:,} programs - "
            f"{TEND_CONNECTIONS} to tend = {self.share:,}."
        )


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

    Raises:
        TypeError: An argument is not a number of the right kind.
        ValueError: An argument is out of range, or the server does not even allow one data connection for
            each program.
    """
    _check_counts(
        proto_fd_max=proto_fd_max, clients=clients, event_loops=event_loops, in_process=in_process, nodes=nodes
    )
    _check_number("reserve", reserve, 0, below=1)
    _check_number("total_timeout", total_timeout, 0)
    _check_number("latency", latency, 1e-6)
    if throughput is not None:
        _check_number("throughput", throughput, 1)

    reserved = math.ceil(proto_fd_max * reserve)
    share = _share(proto_fd_max, reserved, clients)
    loops = min(event_loops, share)
    commands = max(1, min(in_process, share * min(nodes, FAR) // loops))
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
        async_max_conns_per_node=min(share, commands * loops),
        proto_fd_max_needed=_proto_fd_max_for(clients * (event_loops * in_process + TEND_CONNECTIONS), reserve),
    )


def _share(proto_fd_max: int, reserved: int, clients: int) -> int:
    """The data connections to one node that fall to one program."""
    share = (proto_fd_max - reserved) // clients - TEND_CONNECTIONS
    if share < 1:
        raise ValueError(
            f"proto_fd_max {proto_fd_max:,} less a reserve of {reserved:,} is not enough for {clients:,} clients: "
            f"each needs {1 + TEND_CONNECTIONS} connections to every node"
        )
    return share


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
    if depth > 1 and client_policy.pipe_max_conns_per_node is not None:
        limit, field = client_policy.pipe_max_conns_per_node, "pipe_max_conns_per_node"
    in_process = event_policy.max_commands_in_process * n_loops
    product = (
        f"max_commands_in_process {event_policy.max_commands_in_process:,} × {_plural(n_loops, 'event loop')}"
    )
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
    if 0 < in_process < limit and client_policy.async_max_conns_per_node is not None:
        yield (
            f"async_max_conns_per_node {limit:,} can't be reached: {product} = {in_process:,} commands, and each "
            "needs one connection"
        )
    if in_process > limit * depth * (FAR if nodes is None else nodes):
        effect = (
            "the surplus fails with NoMoreConnections (-7)"
            if client_policy.when_no_connection == "raise"
            else "commands hold places while they wait for a connection, and starve those to other nodes"
        )
        of_nodes = "" if depth == 1 else f" × pipeline_depth {depth:,}"
        of_nodes += "" if nodes is None else f" to each of {_plural(nodes, 'node')}"
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


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
