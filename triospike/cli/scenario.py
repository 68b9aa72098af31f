"""What `triospike demo` does, without any rendering: the cluster, the load, the lost node, the judgement.

Fifty thousand writes are submitted at once, then as many reads. In the middle of the writes a node is stopped, as
SIGKILL would stop it, and started again. Every record read is compared with what was written. The peaks that
are judged in the end are those that the server counted.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from enum import Enum
from typing import Any, TypeAlias

import attrs
import trio

import triospike

from ..embedded import open_embedded_server
from ..errors import AerospikeError
from ..key import Key
from ..policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy
from ..record import Record
from ..server import NamespaceConfig, Server, ServerConfig
from .histogram import Histogram
from .judgement import NodePeaks, Report
from .render import plural

__all__ = ["DemoConfig", "Phase", "Scenario", "bins_of"]

NAMESPACE, SET = "test", "demo"
SERVICE_TIME = 0.001
"""Seconds that a node takes for a command: else each would be done before the next is received, and the limit of
commands in process would not show on the server's side."""
TOTAL_TIMEOUT = 60.0
MAX_RETRIES = 200
SLEEP_BETWEEN_RETRIES = 0.05
LOOK_INTERVAL = 0.02
PREPARED_AT_ONCE = 500
SAMPLED_EVERY = 20

Handles: TypeAlias = "Sequence[triospike.Submitted[Any]]"


@attrs.frozen(kw_only=True)
class DemoConfig:
    """Sizes of the demonstration; the defaults are the reference configuration.

    Attributes:
        commands: Writes, and then reads.
        nodes: Nodes of the embedded cluster; each record is on two of them.
        event_loops: Event loops of the client.
        in_process: Commands in process of each event loop.
        queue: Commands that wait in each event loop at most.
        connections: Connections to each node at most, of all event loops together.
        kill: Stop a node in the middle, and start it again.
    """

    commands: int = 50_000
    nodes: int = 3
    event_loops: int = 10
    in_process: int = 50
    queue: int = 50_000
    connections: int = 500
    kill: bool = True


class Phase(Enum):
    """What goes on."""

    STARTING = "starting"
    WRITING = "writing"
    READING = "reading back"
    DONE = "done"


def bins_of(number: int) -> dict[str, Any]:
    """The record with this number: the same each time, so that what is read can be compared."""
    return {"number": number, "name": f"record {number}", "square": number * number, "even": number % 2 == 0}


@contextmanager
def _heard(note: Callable[[str], None]) -> Iterator[None]:
    """What the client logs in this block is noted, and not printed."""
    log, handler = logging.getLogger("triospike"), logging.Handler()
    handler.emit = lambda record: note(f"client: {record.getMessage()}")  # type: ignore[method-assign]
    was, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = was


def _key_of(number: int) -> Key:
    return Key(NAMESPACE, SET, number)


class Scenario:
    """The demonstration; `run` runs it, and a viewer may look at the attributes meanwhile.

    Attributes:
        config: Its sizes.
        phase: What goes on.
        server: The embedded cluster, once it runs.
        client: The client, once it is connected.
        latency: Times from place to answer, of a sample of the commands.
        recent: The same, since a viewer last took them.
        events: What happened, as (seconds since the start, sentence).
    """

    def __init__(self, config: DemoConfig) -> None:
        self.config = config
        self.phase = Phase.STARTING
        self.server: Server | None = None
        self.client: triospike.Client | None = None
        self.latency = Histogram()
        self.recent = Histogram()
        self.events: list[tuple[float, str]] = []
        self.errors: Counter[str] = Counter()
        self._began = 0.0
        self._before = 0
        self._mismatched: list[int] = []

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return trio.current_time() - self._began if self._began else 0.0

    @property
    def ended(self) -> int:
        """Commands of all phases that have ended, however they ended."""
        if self.client is None:
            return 0
        return sum(loop.completed + loop.failed + loop.cancelled for loop in self.client.statistics().event_loops)

    @property
    def ended_in_phase(self) -> int:
        """Commands of this phase that have ended."""
        return self.ended - self._before

    def take_recent(self) -> Histogram:
        """The latencies since the last call."""
        recent, self.recent = self.recent, Histogram()
        return recent

    async def run(self) -> Report:
        """Do all of it.

        Returns:
            What came of it.

        Raises:
            QueueFull: The queues are too short for the commands.
        """
        self._began = trio.current_time()
        async with self._opened() as (server, client):
            writing = await self._write(server, client)
            reading = await self._read(client)
            self.phase = Phase.DONE
            return self._report(server, client, writing, reading)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Server, triospike.Client]]:
        config = self.config
        server_config = ServerConfig(
            nodes=config.nodes,
            namespaces=(NamespaceConfig(NAMESPACE, replication_factor=2),),
            cluster_name="demo",
            service_time=SERVICE_TIME,
        )
        limits = EventPolicy(max_commands_in_process=config.in_process, max_commands_in_queue=config.queue)
        patient: dict[str, Any] = {
            "total_timeout": TOTAL_TIMEOUT,
            "max_retries": MAX_RETRIES,
            "sleep_between_retries": SLEEP_BETWEEN_RETRIES,
        }
        policy = ClientPolicy(
            async_max_conns_per_node=config.connections,
            read=ReadPolicy(**patient),
            write=WritePolicy(**patient),
        )
        async with (
            open_embedded_server(server_config) as server,
            triospike.open_event_loops(config.event_loops, limits) as loops,
            triospike.open_client(*server.hosts, policy=policy, event_loops=loops) as client,
        ):
            self.server, self.client = server, client
            self._note(
                f"{plural(config.nodes, 'node')} ({SERVICE_TIME * 1000:g} ms for each command), "
                f"{plural(config.event_loops, 'event loop')}"
            )
            with _heard(self._note):
                yield server, client

    # The two halves; each returns how many seconds it took from the first command submitted.

    async def _write(self, server: Server, client: triospike.Client) -> float:
        self.phase = Phase.WRITING
        commands = await self._prepared(lambda number: client.prepare.put(_key_of(number), bins_of(number)))
        async with trio.open_nursery() as nursery:
            began = trio.current_time()
            handles = self._submit(client, commands)
            self._note(f"{len(handles):,} writes submitted")
            if self.config.kill:
                nursery.start_soon(self._lose_a_node, server)
            async with self._sampled(client, handles):
                for handle in handles:
                    await self._outcome(handle)
        self._note("all writes have ended")
        return trio.current_time() - began

    async def _read(self, client: triospike.Client) -> float:
        self._before = self.ended
        self.phase = Phase.READING
        commands = await self._prepared(lambda number: client.prepare.get(_key_of(number)))
        began = trio.current_time()
        handles = self._submit(client, commands)
        self._note(f"{len(handles):,} reads submitted")
        async with self._sampled(client, handles):
            for number, handle in enumerate(handles):
                record = await self._outcome(handle)
                if not isinstance(record, Record) or record.bins != bins_of(number):
                    self._mismatched.append(number)
        self._note("every record was read back and compared")
        return trio.current_time() - began

    async def _prepared(self, make: Callable[[int], triospike.Prepared[Any]]) -> list[triospike.Prepared[Any]]:
        """All commands of a phase, encoded; other tasks have their turns meanwhile."""
        commands = []
        for number in range(self.config.commands):
            if number % PREPARED_AT_ONCE == 0:
                await trio.lowlevel.checkpoint()
            commands.append(make(number))
        return commands

    def _submit(
        self, client: triospike.Client, commands: Sequence[triospike.Prepared[Any]]
    ) -> list[triospike.Submitted[Any]]:
        """Submit the commands to the event loops in turn."""
        loops = client.event_loops
        return [loops[number % len(loops)].submit(command) for number, command in enumerate(commands)]

    async def _outcome(self, handle: triospike.Submitted[Any]) -> Any:
        try:
            return await handle.result()
        except AerospikeError as error:
            self.errors[str(error)] += 1
            return None

    # One node less for a while.

    async def _lose_a_node(self, server: Server) -> None:
        """Stop a node after a third of the writes, and start it again after two thirds."""
        victim = server.nodes[len(server.nodes) // 2]
        await self._wait_ended(self.config.commands // 3)
        await server.stop_node(victim.index)
        self._note(f"node {victim.name} stopped, as by SIGKILL")
        await self._wait_ended(self.config.commands * 2 // 3)
        await server.start_node(victim.index)
        self._note(f"node {victim.name} started again")

    async def _wait_ended(self, count: int) -> None:
        while self.ended < count:  # noqa: ASYNC110 - an event per command would cost more than a look
            await trio.sleep(LOOK_INTERVAL)

    # Latencies, by samples: nobody has to hold a task for each of fifty thousand commands.

    @asynccontextmanager
    async def _sampled(self, client: triospike.Client, handles: Handles) -> AsyncIterator[None]:
        async with trio.open_nursery() as nursery:
            loops = client.event_loops
            for loop in loops:
                nursery.start_soon(self._sample, loop, handles[loop.index :: len(loops)], nursery)
            yield
            nursery.cancel_scope.cancel()

    async def _sample(self, loop: triospike.EventLoop, handles: Handles, nursery: trio.Nursery) -> None:
        """Time every so many commands of one loop, from the moment they leave the queue to their answer.

        The queue is first in, first out, and holds nothing else: its length says which command left it last.
        """
        while (queued := loop.queued.value) > 0:
            until = max(0, queued - SAMPLED_EVERY)
            await loop.queued.wait_value(lambda now, until=until: now <= until)
            last_to_leave = handles[len(handles) - loop.queued.value - 1]
            nursery.start_soon(self._time, last_to_leave, trio.current_time())

    async def _time(self, handle: triospike.Submitted[Any], began: float) -> None:
        await handle.wait()
        took = trio.current_time() - began
        self.latency.record(took)
        self.recent.record(took)

    # The end.

    def _note(self, text: str) -> None:
        self.events.append((self.elapsed, text))

    def _report(self, server: Server, client: triospike.Client, writing: float, reading: float) -> Report:
        statistics = client.statistics()
        loops = statistics.event_loops
        return Report(
            commands=2 * self.config.commands,
            done=sum(loop.completed for loop in loops),
            failed=sum(loop.failed + loop.cancelled + loop.rejected for loop in loops),
            retried=statistics.retries,
            mismatched=tuple(self._mismatched),
            errors=tuple(self.errors.most_common(3)),
            seconds_writing=writing,
            seconds_reading=reading,
            latency=self.latency,
            connection_limit=self.config.connections,
            at_work_peak=server.counters.commands_at_work_peak,
            at_work_limit=self.config.in_process * self.config.event_loops,
            in_process_peak=max(loop.peak_in_process for loop in loops),
            in_process_limit=self.config.in_process,
            queued_peak=max(loop.peak_queued for loop in loops),
            queued_limit=self.config.queue,
            nodes=tuple(
                NodePeaks(
                    name=node.name,
                    connections=node.counters.data_connections_peak,
                    at_work=node.counters.commands_at_work_peak,
                    commands=node.counters.commands_read + node.counters.commands_write,
                )
                for node in server.nodes
            ),
        )
