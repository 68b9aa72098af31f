"""The cluster: which nodes there are, who owns which partition, and the task that keeps this true."""

from __future__ import annotations

from .cluster import Cluster
from .health import ClientHealth, NamespaceHealth, NodeHealth
from .node import Node, NodeStatistics
from .tender import connect, tend

__all__ = [
    "ClientHealth",
    "Cluster",
    "NamespaceHealth",
    "Node",
    "NodeHealth",
    "NodeStatistics",
    "connect",
    "tend",
]
