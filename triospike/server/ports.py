"""What the rooms of the server know of each other: a node as its handlers see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .config import ServerConfig
    from .indexes.kept import Catalog
    from .queries.job import JobTable
    from .storage.namespace import Namespace
    from .udf.modules import Modules

__all__ = ["NodeView"]


class NodeView(Protocol):
    """One node of the embedded cluster, as the code that answers requests sees it."""

    node_id: str
    """Upper-case hexadecimal, no leading zeros."""
    config: ServerConfig
    namespaces: Mapping[str, Namespace]
    """This node's own copy of each namespace's records."""
    catalogs: dict[str, Catalog]
    """What the indexes of each namespace are, on all nodes; also of namespaces that are none."""
    jobs: JobTable
    """Queries that run here, and those that ran last."""
    modules: Modules
    """User-defined functions."""
    wall_clock: Callable[[], float]
    """Unix seconds; injected, so that tests can let records expire."""

    @property
    def partition_generation(self) -> int:
        """Changes with every change of the partition map; -1 while the node is not ready."""

    @property
    def peers_generation(self) -> int:
        """Changes with every change of the list of peers."""

    @property
    def rebalance_generation(self) -> int:
        """Changes with every rebalance."""

    @property
    def rack_ids(self) -> Mapping[str, int]:
        """This node's rack in each namespace."""

    def peers_text(self, kind: str, since: int | None = None) -> str:
        """Value of ``peers-<kind>`` (protocol section 6.4), kind ``clear-std`` or ``clear-alt``."""

    def service_text(self, kind: str) -> str:
        """Value of ``service-<kind>``: this node's own addresses, ``host:port,host:port``."""

    def replicas_text(self, max_replicas: int | None = None) -> str:
        """Value of ``replicas`` (protocol section 6.5)."""

    def cluster_key(self) -> str:
        """Key of the present cluster, hexadecimal."""

    def cluster_size(self) -> int:
        """Number of live nodes."""

    def is_stable(self) -> bool:
        """True when no partition waits to be migrated."""

    def owner_of(self, namespace: str, partition_id: int, *, write: bool) -> NodeView | None:
        """The node that serves this partition now: this one, or another that the request is proxied to.

        None while the partition is not available: result code 11.
        """

    def replicate(self, namespace: str, digest: bytes) -> None:
        """Bring the other replicas of a record, just written or deleted on this node, up to date."""

    def statistics(self) -> Mapping[str, int | str]:
        """Counters of connections and commands, for the ``statistics`` info command."""
