"""What the limits should be, and why, in words."""

from __future__ import annotations

import attrs

from .facts import QUEUE_SHARE_OF_TIMEOUT, QUEUE_WITHOUT_TIMEOUT, TEND_CONNECTIONS, plural

__all__ = ["Recommendation"]


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
        event_loops: To set: event loops of each program; fewer than asked when a node could not run one command
            of each at once.
        max_commands_in_process: To set on each event loop; fewer than asked when more could only hold places
            while they wait for connections.
        max_commands_in_queue: To set on each event loop, so that a command that gets in can still finish in
            its total timeout.
        async_max_conns_per_node: To set on each client, for all of its event loops together; pipelined, for
            batches, scans and queries.
        pipeline_depth: Asked, and to set on each client: commands that share one connection.
        pipe_max_conns_per_node: To set on each client, for the connections that they share; None where each
            command has one of its own.
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
    pipeline_depth: int
    pipe_max_conns_per_node: int | None
    proto_fd_max_needed: int

    @property
    def connections_per_node(self) -> int:
        """The most connections that all programs together can have to one node, tending included."""
        of_one = self.async_max_conns_per_node + (self.pipe_max_conns_per_node or 0) + TEND_CONNECTIONS
        return self.clients * of_one

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
        settings = [
            ("event_loops", self.event_loops, self._why_event_loops()),
            ("max_commands_in_process", self.max_commands_in_process, self._why_in_process()),
            ("max_commands_in_queue", self.max_commands_in_queue, self._why_queue()),
        ]
        pipes = self.pipe_max_conns_per_node
        if pipes is not None:
            settings += [
                ("pipeline_depth", self.pipeline_depth, "As asked."),
                ("pipe_max_conns_per_node", pipes, self._why_pipes(pipes)),
            ]
        return (*settings, ("async_max_conns_per_node", self.async_max_conns_per_node, self._why_connections()))

    def notes(self) -> tuple[str, ...]:
        """What else follows from the numbers, a sentence or two each."""
        notes = [
            f"Each node: {self.proto_fd_max:,} connections, of which {self.reserved:,} are kept for others and "
            f"{self.tending:,} tend. {plural(self.clients, 'program')} at the limit open "
            f"{self.connections_per_node:,}, tending included."
        ]
        if not self.fits_as_asked or self._most_on_a_node < self.in_process_of_a_program:
            wanted = self.asked_in_process * self.asked_event_loops
            notes.append(
                f"For {self.asked_in_process:,} × {self.asked_event_loops:,} = {wanted:,} commands of each "
                f"program at one node, set proto-fd-max to {self.proto_fd_max_needed:,}, or run fewer programs."
            )
        if self.event_loops > 1:
            notes.append(self._about_the_division())
        return tuple(notes)

    def _about_the_division(self) -> str:
        name, limit = "async_max_conns_per_node", self.async_max_conns_per_node
        if self.pipe_max_conns_per_node is not None:
            name, limit = "pipe_max_conns_per_node", self.pipe_max_conns_per_node
        each, more = divmod(limit, self.event_loops)
        rest = f", {more} of them one more" if more else ""
        return (
            f"{name} is one limit for all event loops. The C client divides it: {each:,} for each of "
            f"{self.event_loops:,} loops{rest}, never lent, and what finds none fails with -7; here it waits."
        )

    def explain(self) -> str:
        """All of it in words and numbers, one line for each setting and each note."""
        settings = [f"{name} = {value:,}: {why}" for name, value, why in self.reasons()]
        return "\n".join([*settings, *self.notes()])

    def _why_event_loops(self) -> str:
        if self.event_loops == self.asked_event_loops:
            return "As asked."
        return (
            f"{self.asked_event_loops:,} were asked, but each needs one of the {self._most_on_a_node:,} commands "
            "that a program may have at a node."
        )

    @property
    def _most_on_a_node(self) -> int:
        """Commands of one program that can run on one node at once."""
        return (self.pipe_max_conns_per_node or self.share) * self.pipeline_depth

    def _why_in_process(self) -> str:
        total = f"{self.max_commands_in_process:,} × {self.event_loops:,} = {self.in_process_of_a_program:,}"
        if self.max_commands_in_process == self.asked_in_process:
            return f"As asked; {total} in all can run on {self._connections_of_a_program()}."
        return (
            f"{self.asked_in_process:,} were asked, but {total} is what {self._connections_of_a_program()} can "
            "run; more would hold places while they wait for a connection."
        )

    def _connections_of_a_program(self) -> str:
        pipes = self.pipe_max_conns_per_node
        connections = plural(self.share, "connection")
        if pipes is not None:
            connections = f"{plural(pipes, 'connection')} that {self.pipeline_depth:,} share"
        return connections if self.nodes == 1 else f"{connections} to each of {plural(self.nodes, 'node')}"

    def _why_pipes(self, pipes: int) -> str:
        needed = f"{self.in_process_of_a_program:,} commands, {self.pipeline_depth:,} on each"
        if pipes * self.pipeline_depth >= self.in_process_of_a_program:
            return f"{needed}, are the most that one node can use; {self.share:,} connections would be allowed."
        return (
            f"{needed}, could use more on one node; one of {self.share:,} is left for batches, scans and queries."
        )

    def _why_queue(self) -> str:
        if self.total_timeout == 0:
            return f"No timeout bounds the wait, so memory does: {QUEUE_WITHOUT_TIMEOUT:,} commands in all."
        loops = plural(self.event_loops, "loop")
        return (
            f"At {self.throughput:,.0f} commands/s over {loops}, the last in a full queue "
            f"waits {self.total_timeout * QUEUE_SHARE_OF_TIMEOUT:g} s of its {self.total_timeout:g} s."
        )

    def _why_connections(self) -> str:
        if self.pipe_max_conns_per_node is not None:
            left = self.share - self.pipe_max_conns_per_node
            return f"For batches, scans and queries, each with its own; {left:,} would be allowed."
        if self.async_max_conns_per_node == self.in_process_of_a_program:
            return (
                f"A command needs one, so {self.in_process_of_a_program:,} are the most that one node can use; "
                f"{self.share:,} would be allowed."
            )
        return (
            f"({self.proto_fd_max:,} - {self.reserved:,} reserved) / {self.clients:,} programs - "
            f"{TEND_CONNECTIONS} to tend = {self.share:,}."
        )
