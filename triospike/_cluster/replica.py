"""Which replica of a partition a command goes to (protocol section 16.8). No I/O."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..policy.enums import ReadModeSC, Replica
from .node import Node

__all__ = ["choose", "effective_replica"]


def effective_replica(
    replica: Replica, *, write: bool, strong_consistency: bool, sc_mode: ReadModeSC | None
) -> Replica:
    """The choice that is made in the end: writes and strong consistency leave less of it."""
    if replica is Replica.MASTER:
        return replica
    if write:
        return Replica.SEQUENCE
    if strong_consistency and sc_mode is ReadModeSC.SESSION:
        return Replica.MASTER
    if strong_consistency and sc_mode is ReadModeSC.LINEARIZE and replica is Replica.PREFER_RACK:
        return Replica.SEQUENCE
    return replica


def choose(
    replica: Replica,
    owners: Sequence[Node | None],
    index: int,
    *,
    turn: int,
    namespace: str,
    rack_ids: Sequence[int],
    failed: Node | None,
) -> Node | None:
    """The node to go to, or None when no owner is active.

    Args:
        replica: The choice, as `effective_replica` gives it.
        owners: The partition's nodes, the master first.
        index: Grows with each retry that shall go elsewhere.
        turn: Grows with each choice: whose turn it is.
        namespace: Whose racks count.
        rack_ids: The client's racks, the best first.
        failed: The node that the last attempt went to.
    """
    if replica is Replica.MASTER:
        master = owners[0]
        return master if master is not None and master.active else None
    if replica is Replica.ANY or replica is Replica.MASTER_PROLES:  # `in` would hash, which enums do slowly
        index += turn
    elif replica is Replica.RANDOM:
        index += random.randrange(len(owners))
    start = index % len(owners)
    if failed is None and replica is not Replica.PREFER_RACK:
        first = owners[start]
        if first is not None and first.active:
            return first
    candidates = [node for node in (*owners[start:], *owners[:start]) if node is not None and node.active]
    if replica is Replica.PREFER_RACK:
        on_rack = _on_rack(candidates, namespace, rack_ids, failed)
        if on_rack is not None:
            return on_rack
    elif replica is Replica.SEQUENCE and index == 0:
        failed = None  # a retry that shall stay with the master
    return next((node for node in candidates if node is not failed), candidates[0] if candidates else None)


def _on_rack(
    candidates: Sequence[Node], namespace: str, rack_ids: Sequence[int], failed: Node | None
) -> Node | None:
    for rack in rack_ids:
        for node in candidates:
            if node is not failed and node.racks.get(namespace) == rack:
                return node
    return None
