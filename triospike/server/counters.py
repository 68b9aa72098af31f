"""What a node counts of its connections and commands. Tests of a client's limits count here.

A connection counts from the moment it is accepted until its task has closed it. A command is at work from the
moment its request is complete until the last byte of its answer is handed to the system, so service time and
delays count. Info commands are counted, but are never at work and never make a connection a data connection:
a client's tending is no part of its limits.
"""

from __future__ import annotations

import attrs

__all__ = ["CounterValues", "Counters"]


@attrs.frozen(kw_only=True)
class CounterValues:
    """All counters at one moment.

    Attributes:
        connections_open: Connections that are open now.
        connections_peak: Most of them at once.
        connections_total: Connections ever served.
        connections_refused: Connections closed on arrival: over ``proto_fd_max``, or by a fault.
        data_connections_open: Open connections that have carried a command other than info.
        data_connections_peak: Most of them at once.
        commands_at_work: Commands received whole whose answer is not sent yet.
        commands_at_work_peak: Most of them at once.
        one_connection_peak: Most commands at work at once on any single connection.
        commands_total: Commands received whole, of all kinds.
        commands_info: Info requests among them.
        commands_read: Commands that only read.
        commands_write: Commands that write or delete.
        bytes_received: Bytes received.
        bytes_sent: Bytes sent.
    """

    connections_open: int = 0
    connections_peak: int = 0
    connections_total: int = 0
    connections_refused: int = 0
    data_connections_open: int = 0
    data_connections_peak: int = 0
    commands_at_work: int = 0
    commands_at_work_peak: int = 0
    one_connection_peak: int = 0
    commands_total: int = 0
    commands_info: int = 0
    commands_read: int = 0
    commands_write: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0


_NAMES = tuple(attrs.fields_dict(CounterValues))


class Counters:
    """Counters of one node, or of the whole server: a node's counters count into their parent as well.

    The attributes are those of `CounterValues`, live.
    """

    __slots__ = (*_NAMES, "_parent")

    connections_open: int
    connections_peak: int
    connections_total: int
    connections_refused: int
    data_connections_open: int
    data_connections_peak: int
    commands_at_work: int
    commands_at_work_peak: int
    one_connection_peak: int
    commands_total: int
    commands_info: int
    commands_read: int
    commands_write: int
    bytes_received: int
    bytes_sent: int

    def __init__(self, parent: Counters | None = None) -> None:
        for name in _NAMES:
            setattr(self, name, 0)
        self._parent = parent

    def values(self) -> CounterValues:
        """All counters as they are now."""
        return CounterValues(**{name: getattr(self, name) for name in _NAMES})

    def reset_peaks(self) -> None:
        """Let every peak begin anew at its present value. A parent's peaks stay."""
        self.connections_peak = self.connections_open
        self.data_connections_peak = self.data_connections_open
        self.commands_at_work_peak = self.commands_at_work
        self.one_connection_peak = 0

    def connection_opened(self) -> None:
        """A connection was accepted."""
        self.connections_total += 1
        self.connections_open += 1
        self.connections_peak = max(self.connections_peak, self.connections_open)
        if self._parent is not None:
            self._parent.connection_opened()

    def connection_closed(self, *, data: bool) -> None:
        """A connection is closed; data tells whether `data_connection` was called for it."""
        self.connections_open -= 1
        self.data_connections_open -= data
        if self._parent is not None:
            self._parent.connection_closed(data=data)

    def connection_refused(self) -> None:
        """A connection was closed on arrival."""
        self.connections_refused += 1
        if self._parent is not None:
            self._parent.connection_refused()

    def data_connection(self) -> None:
        """An open connection carries its first command other than info."""
        self.data_connections_open += 1
        self.data_connections_peak = max(self.data_connections_peak, self.data_connections_open)
        if self._parent is not None:
            self._parent.data_connection()

    def received(self, size: int, info: int = 0, read: int = 0, write: int = 0, other: int = 0) -> None:
        """Bytes arrived on a connection and completed so many commands; those that read or write are now at work.

        Args:
            size: Number of bytes.
            info: Info requests among the commands.
            read: Commands that only read.
            write: Commands that write or delete.
            other: All others, as those of the security protocol.
        """
        self.bytes_received += size
        self.commands_info += info
        self.commands_read += read
        self.commands_write += write
        self.commands_total += info + read + write + other
        began = read + write
        at_work = self.commands_at_work = self.commands_at_work + began
        if at_work > self.commands_at_work_peak:
            self.commands_at_work_peak = at_work
        if began > self.one_connection_peak:
            self.one_connection_peak = began
        if self._parent is not None:
            self._parent.received(size, info, read, write, other)

    def answered(self, size: int, ended: int) -> None:
        """Bytes were handed to the system.

        Args:
            size: Number of bytes.
            ended: Commands that are no longer at work: answered, or never to be answered.
        """
        self.bytes_sent += size
        self.commands_at_work -= ended
        if self._parent is not None:
            self._parent.answered(size, ended)

    def __repr__(self) -> str:
        return (
            f"<Counters: {self.connections_open} connections open (peak {self.connections_peak}), "
            f"{self.commands_at_work} commands at work (peak {self.commands_at_work_peak}), "
            f"{self.commands_total} in all>"
        )
