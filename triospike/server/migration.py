"""Moves partitions to the nodes that shall have them, one whole partition at a time, in one task.

A partition is copied without a checkpoint in between, so no copy is ever half full: the map changes in the same
step in which the data arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import trio
from trio_util import AsyncBool

from .storage.namespace import Namespace
from .topology import Copy, Move, Topology

__all__ = ["Migration"]

_WORK_AT_ONCE = 500
"""Records, or what takes as long, that are moved between two checkpoints: below a millisecond of work."""
_WORK_OF_A_PARTITION = 8
"""What moving a partition costs besides its records, in records."""


class Migration:
    """The one place where partitions move.

    Args:
        topology: Says what is to be moved.
        storage: The copy that a node keeps of a namespace: storage(node, namespace).
        interval: Seconds between two partitions; 0 moves many of them between two checkpoints.
    """

    def __init__(self, topology: Topology, storage: Callable[[int, str], Namespace], interval: float) -> None:
        self._topology = topology
        self._storage = storage
        self._interval = interval
        self.stable = AsyncBool(topology.is_stable)
        """True while no partition waits to be moved."""
        self.moved = 0
        """Partitions moved so far."""

    def rebalance(self, live: Sequence[int]) -> None:
        """Take in which nodes are live now; `run` moves what has to be moved."""
        self._drop(self._topology.rebalance(live))
        self.stable.value = self._topology.is_stable

    async def run(self) -> None:
        """Move partitions until cancelled."""
        while True:
            await self.stable.wait_value(False)
            await trio.sleep(self._interval)
            work = moved = self.step()
            while moved and not self._interval and work < _WORK_AT_ONCE:
                moved = self.step()
                work += moved

    def step(self) -> int:
        """Move the next partition; return how much work that was, 0 when there is none to move."""
        move = self._topology.next_move()
        work = 0
        if move is not None:
            work = _WORK_OF_A_PARTITION + self._copy(move)
            self._drop(self._topology.moved(move))
            self.moved += 1
        self.stable.value = self._topology.is_stable
        return work

    def _copy(self, move: Move) -> int:
        source = self._storage(move.source, move.namespace)
        target = self._storage(move.target, move.namespace)
        target.clear_partition(move.partition_id)
        records = source.records(move.partition_id)
        for digest, record in records.items():
            target.put(digest, record)
        return len(records)

    def _drop(self, copies: Iterable[Copy]) -> None:
        for copy in copies:
            self._storage(copy.node, copy.namespace).clear_partition(copy.partition_id)
