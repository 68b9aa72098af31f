"""One server of the cluster, as the client knows it."""

from __future__ import annotations

import math

import attrs
import trio

from .._net.connection import Connection
from .._net.pool import AnyPool, PoolStatistics
from ..errors import ConnectionFailed
from ..host import Host
from .breaker import ErrorWindow
from .node_validator import Build
from .tend import Generations, NodeFacts, is_loopback

__all__ = ["Node", "NodeStatistics", "Tending"]


@attrs.frozen(kw_only=True)
class NodeStatistics:
    """One node at one moment.

    Attributes:
        name: The node's id.
        address: Where it is connected to.
        active: It belongs to the cluster; False once it has left.
        pool: Its connections; pipelined, those for commands on one record.
        streams: Pipelined, its connections for batches, scans and queries; else None: they use those of ``pool``.
        errors: Commands so far that failed in a way that counts towards ``max_error_rate``.
        timeouts: Attempts so far that timed out.
        key_busy: Commands so far that the server refused because too many others were at work on the record.
        errors_in_window: Errors in the present window of ``error_rate_window`` tends.
        max_errors_in_window: How many the present window may hold; None without a limit.
        accepts_commands: False while the present window holds more errors than it may.
    """

    name: str
    address: str
    active: bool
    pool: PoolStatistics
    streams: PoolStatistics | None
    errors: int
    timeouts: int
    key_busy: int
    errors_in_window: int
    max_errors_in_window: int | None
    accepts_commands: bool


@attrs.define
class Tending:
    """What the tend task knows of a node.

    Attributes:
        connection: The connection that the node is tended on; it belongs to no pool.
        introduced: The user agent was sent on this connection.
        seen: Generations whose data the client has.
        failures: Tends in a row that the node did not answer.
        peers_count: Nodes in its list of peers.
        last_answer: Trio's time of its last answer.
        last_error: What went wrong last; None after an answer.
        wants_peers: Its list of peers is to be read again.
        wants_map: Its replica map is to be read again.
        wants_racks: Its racks are to be read again.
    """

    connection: Connection | None
    introduced: bool = False
    seen: Generations = attrs.field(factory=Generations)
    failures: int = 0
    peers_count: int = 0
    last_answer: float = attrs.field(factory=trio.current_time)
    last_error: Exception | None = None
    wants_peers: bool = True
    wants_map: bool = True
    wants_racks: bool = True


class Node:
    """A server. Commands read plain attributes here; what is slow belongs to the tend task.

    Attributes:
        name: The node's id.
        host: Where it is connected to.
        build: Version of its server.
        active: It belongs to the cluster; False once it has left, and then for good.
        pool: Its connections for commands on one record.
        streams: Its connections for answers of many frames: the same pool, unless that one pipelines.
        racks: The rack it is on, by namespace; empty unless the client is rack aware.
        tending: What the tend task knows.
    """

    __slots__ = (
        "_errors",
        "_key_busy",
        "_timeouts",
        "active",
        "build",
        "host",
        "name",
        "pool",
        "racks",
        "streams",
        "tending",
        "window",
    )

    def __init__(
        self,
        name: str,
        host: Host,
        pool: AnyPool,
        *,
        build: Build,
        max_error_rate: int,
        connection: Connection | None,
        streams: AnyPool | None = None,
    ) -> None:
        self.name = name
        self.host = host
        self.build = build
        self.active = True
        self.pool = pool
        self.streams = streams or pool
        self.racks: dict[str, int] = {}
        self.tending = Tending(connection)
        self.window = ErrorWindow(max_error_rate)
        self._errors = self._timeouts = self._key_busy = 0

    def __repr__(self) -> str:
        state = "active" if self.active else "has left"
        if self.tending.failures:
            state += f", {self.tending.failures} tends failed"
        return f"<Node {self.name} at {self.host}, {state}>"

    def is_open(self) -> bool:
        """True when commands may go to the node; False when its error rate is exceeded."""
        window = self.window
        return window.errors <= window.limit

    def count_error(self) -> None:
        """Count an error towards ``max_error_rate``."""
        self._errors += 1
        self.window.errors += 1

    def count_timeout(self) -> None:
        """Count an attempt that timed out; by itself it does not count towards ``max_error_rate``."""
        self._timeouts += 1

    def count_key_busy(self) -> None:
        """Count a command that met a busy record; it does not count towards ``max_error_rate``."""
        self._key_busy += 1

    def statistics(self) -> NodeStatistics:
        """Numbers of this moment and since the node was added."""
        limit = self.window.limit
        return NodeStatistics(
            name=self.name,
            address=str(self.host),
            active=self.active,
            pool=self.pool.statistics(),
            streams=None if self.streams is self.pool else self.streams.statistics(),
            errors=self._errors,
            timeouts=self._timeouts,
            key_busy=self._key_busy,
            errors_in_window=self.window.errors,
            max_errors_in_window=None if limit == math.inf else int(limit),
            accepts_commands=self.is_open(),
        )

    # For the tend task.

    def facts(self, *, owns_partitions: bool = True) -> NodeFacts:
        """What the tend task's decisions are based on."""
        return NodeFacts(
            name=self.name,
            address=(self.host.name, self.host.port),
            loopback=is_loopback(self.host.name),
            active=self.active,
            failures=self.tending.failures,
            owns_partitions=owns_partitions,
        )

    def answered(self) -> None:
        """It answered the tend task."""
        tending = self.tending
        tending.failures = 0
        tending.last_error = None
        tending.last_answer = trio.current_time()

    def failed(self, error: Exception) -> None:
        """It did not answer the tend task."""
        self.distrust()
        self.tending.failures += 1
        self.tending.last_error = error

    def distrust(self) -> None:
        """Its connection broke: begin with a new one, and read anew what is known of it."""
        self.close_tending()
        tending = self.tending
        tending.wants_peers = tending.wants_map = tending.wants_racks = True

    def connection(self) -> Connection:
        """The connection that it is tended on.

        Raises:
            ConnectionFailed: There is none.
        """
        connection = self.tending.connection
        if connection is None:
            raise ConnectionFailed(f"{self.host} lost its connection during a tend", node=self.name)
        return connection

    def close_tending(self) -> None:
        """Close the connection that the node is tended on."""
        tending = self.tending
        tending.introduced = False
        if tending.connection is not None:
            tending.connection.close()
            tending.connection = None

    def leave(self) -> None:
        """It has left the cluster."""
        self.active = False
        self.close_tending()
        for pool in self.pools:
            pool.close()

    @property
    def pools(self) -> tuple[AnyPool, ...]:
        """Its pools: one, or two when commands on one record are pipelined."""
        return (self.pool,) if self.streams is self.pool else (self.pool, self.streams)
