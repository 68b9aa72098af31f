"""The load that `triospike bench` makes, without any rendering."""

from __future__ import annotations

import random
from collections import Counter

import attrs
import trio

import triospike

from ..errors import AerospikeError
from ..key import Key
from .histogram import Histogram

__all__ = ["Tally", "Workload", "load", "run_workload"]


@attrs.frozen(kw_only=True)
class Workload:
    """What to do to the cluster.

    Attributes:
        namespace: Where the records are.
        set_name: Their set.
        read_share: Which part of the commands are gets, 0 to 1; the rest are puts.
        keys: How many records there are.
        bin_size: Bytes in the one bin of each.
        concurrency: Tasks that each have one command under way.
        duration: Seconds.
    """

    namespace: str = "test"
    set_name: str = "bench"
    read_share: float = 0.9
    keys: int = 10_000
    bin_size: int = 100
    concurrency: int = 100
    duration: float = 10.0

    def record_keys(self) -> list[Key]:
        """The keys of all records."""
        return [Key(self.namespace, self.set_name, number) for number in range(self.keys)]


@attrs.define
class Tally:
    """What came of it so far.

    Attributes:
        reads: Latencies of gets that were answered.
        writes: Latencies of puts that were answered.
        missing: Gets among these that found no record.
        errors: Class of an error to how many commands ended with it.
        recent: Latencies of both since a viewer last took them.
    """

    reads: Histogram = attrs.field(factory=Histogram)
    writes: Histogram = attrs.field(factory=Histogram)
    missing: int = 0
    errors: Counter[str] = attrs.field(factory=Counter)
    recent: Histogram = attrs.field(factory=Histogram)

    @property
    def done(self) -> int:
        """Commands that were answered."""
        return self.reads.count + self.writes.count

    def take_recent(self) -> Histogram:
        """The latencies since the last call."""
        recent, self.recent = self.recent, Histogram()
        return recent


async def load(client: triospike.Client, workload: Workload) -> None:
    """Write every record once, so that gets find them.

    Raises:
        AerospikeError: A record could not be written.
    """
    bins = {"data": bytes(workload.bin_size)}
    waiting = iter(workload.record_keys())

    async def write_some() -> None:
        for key in waiting:
            await client.put(key, bins)

    async with trio.open_nursery() as nursery:
        for _ in range(workload.concurrency):
            nursery.start_soon(write_some)


async def run_workload(client: triospike.Client, workload: Workload, tally: Tally) -> None:
    """Put the load on the cluster for as long as the workload says.

    Args:
        client: Of the cluster.
        workload: What to do.
        tally: Takes note, as it happens.
    """
    end = trio.current_time() + workload.duration
    keys = workload.record_keys()
    async with trio.open_nursery() as nursery:
        for number in range(workload.concurrency):
            nursery.start_soon(_work, client, workload, keys, tally, random.Random(number), end)


async def _work(
    client: triospike.Client, workload: Workload, keys: list[Key], tally: Tally, chance: random.Random, end: float
) -> None:
    """One task: a command after the other."""
    bins = {"data": bytes(workload.bin_size)}
    while (began := trio.current_time()) < end:
        key = keys[int(chance.random() * len(keys))]
        is_read = chance.random() < workload.read_share
        try:
            if is_read:
                record = await client.get(key)
                tally.missing += record is None
            else:
                await client.put(key, bins)
        except AerospikeError as error:
            tally.errors[type(error).__name__] += 1
            continue
        took = trio.current_time() - began
        (tally.reads if is_read else tally.writes).record(took)
        tally.recent.record(took)
