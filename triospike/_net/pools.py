"""Which kind of pool a policy asks for."""

from __future__ import annotations

from typing import Literal

from ..host import Host
from .pipeline_pool import PipelinePool
from .pool import Pool

__all__ = ["make_pool"]


def make_pool(
    host: Host,
    *,
    limit: int,
    min_connections: int,
    max_socket_idle: float,
    when_no_connection: Literal["wait", "raise"],
    pipeline_depth: int,
    name: str,
) -> Pool:
    """A node's pool; with a ``pipeline_depth`` over 1, one whose connections carry that many commands at once."""
    if pipeline_depth > 1:
        return PipelinePool(
            host,
            depth=pipeline_depth,
            limit=limit,
            min_connections=min_connections,
            max_socket_idle=max_socket_idle,
            when_no_connection=when_no_connection,
            name=name,
        )
    return Pool(
        host,
        limit=limit,
        min_connections=min_connections,
        max_socket_idle=max_socket_idle,
        when_no_connection=when_no_connection,
        name=name,
    )
