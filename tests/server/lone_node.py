"""A cluster of one node without sockets, for tests of what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from triospike.server.config import NamespaceConfig, ServerConfig
from triospike.server.ports import NodeView
from triospike.server.queries.job import JobTable
from triospike.server.storage.namespace import Namespace
from triospike.server.udf.modules import Modules

__all__ = ["Calendar", "LoneNode"]

_ALL_PARTITIONS = "/" * 682 + "8="


@attrs.define
class Calendar:
    """A wall clock that stands still until it is moved on."""

    now: float = 1_795_370_400.0

    def __call__(self) -> float:
        return self.now


class LoneNode:
    """The only node of its cluster: it owns everything, and there is nobody to replicate to."""

    def __init__(self, *namespaces: NamespaceConfig, cluster_name: str = "vectors") -> None:
        self.calendar = Calendar()
        self.wall_clock: Callable[[], float] = self.calendar
        self.node_id = "A7"
        self.config = ServerConfig(namespaces=namespaces or (NamespaceConfig("test"),), cluster_name=cluster_name)
        self.namespaces: Mapping[str, Namespace] = {
            config.name: Namespace(config, self.wall_clock) for config in self.config.namespaces
        }
        self.catalogs = {name: namespace.catalog for name, namespace in self.namespaces.items()}
        self.jobs = JobTable(self.calendar)
        self.modules = Modules(self.calendar)
        self.partition_generation = 0
        self.peers_generation = 0
        self.rebalance_generation = 1
        self.is_available = True
        self.replicated: list[bytes] = []

    @property
    def rack_ids(self) -> Mapping[str, int]:
        return dict.fromkeys(self.namespaces, 0)

    def peers_text(self, kind: str, since: int | None = None) -> str:
        return "0,3000,[]"

    def service_text(self, kind: str) -> str:
        return "127.0.0.1:3000" if kind == "clear-std" else ""

    def replicas_text(self, max_replicas: int | None = None) -> str:
        return ";".join(f"{name}:0,1,{_ALL_PARTITIONS}" for name in self.namespaces)

    def cluster_key(self) -> str:
        return "914080978D64"

    def cluster_size(self) -> int:
        return 1

    def is_stable(self) -> bool:
        return self.is_available

    def owner_of(self, namespace: str, partition_id: int, *, write: bool) -> NodeView | None:
        return self if self.is_available else None

    def replicate(self, namespace: str, digest: bytes) -> None:
        self.replicated.append(digest)

    def statistics(self) -> Mapping[str, int | str]:
        return {"client_connections": 1}
