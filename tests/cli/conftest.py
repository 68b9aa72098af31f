"""One cluster of two nodes for the verbs that need a server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from triospike.server import NamespaceConfig, ServerConfig

from .served import serving


@pytest.fixture(scope="session")
def hosts() -> Iterator[str]:
    """Addresses of a running cluster, as --host takes them."""
    with serving(ServerConfig(nodes=2, namespaces=(NamespaceConfig("test"), NamespaceConfig("bar")))) as addresses:
        yield addresses


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that refuses connections: bound, but not listened on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
