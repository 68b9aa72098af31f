"""What the arithmetic of limits rests on."""

from __future__ import annotations

__all__ = [
    "COMMANDS_PER_SECOND",
    "DEFAULT_CONNECTIONS",
    "DEFAULT_PROTO_FD_MAX",
    "FAR",
    "QUEUE_SHARE_OF_TIMEOUT",
    "QUEUE_WITHOUT_TIMEOUT",
    "TEND_CONNECTIONS",
    "plural",
]

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


def plural(count: int, noun: str) -> str:
    """A count and its noun: 1 node, 3 nodes."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
