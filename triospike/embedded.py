"""``embedded://``: a server of one's own, in the same program, for trying things and for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ._execution.service_nursery import open_service_nursery

if TYPE_CHECKING:
    from .server import Server, ServerConfig

__all__ = ["SCHEME", "open_embedded_server", "parse_embedded_url"]

SCHEME = "embedded://"


def parse_embedded_url(url: str) -> ServerConfig:
    """Read ``embedded://[?nodes=N][&namespace=NAME...][&cluster_name=NAME]``.

    Args:
        url: The text.

    Raises:
        ValueError: A part is unknown or out of range; the message names it.
    """
    from .server import NamespaceConfig, ServerConfig

    parts = urlsplit(url)
    if parts.netloc or parts.path not in {"", "/"}:
        raise ValueError(f"an embedded server has no address: {url!r}")
    query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    unknown = query.keys() - {"nodes", "namespace", "cluster_name"}
    if unknown:
        raise ValueError(f"unknown part {min(unknown)!r} in {url!r}: known are nodes, namespace, cluster_name")
    nodes = query.get("nodes", ["1"])[-1]
    if not nodes.isdigit():
        raise ValueError(f"nodes must be a number in {url!r}")
    names = query.get("namespace", ["test"])
    return ServerConfig(
        nodes=int(nodes),
        namespaces=tuple(NamespaceConfig(name=name) for name in names),
        cluster_name=query.get("cluster_name", ["embedded"])[-1],
    )


@asynccontextmanager
async def open_embedded_server(config: ServerConfig | None = None) -> AsyncIterator[Server]:
    """Run an embedded server for the length of a block.

    Args:
        config: Nodes, namespaces, ports; None is one node with the namespace ``test`` on a free port.
    """
    from .server import ServerConfig, serve_aerospike

    async with open_service_nursery() as nursery:
        yield await nursery.start(serve_aerospike, config or ServerConfig())
